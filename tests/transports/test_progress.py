"""Requests whose body is told of while it is written; on both runtimes."""

from typing import Any

import pytest
import trio.testing

from deskline_core.errors import RequestNotAnswered
from deskline_transports.base import Response, RestRequest
from deskline_transports.memory import MemoryNetwork
from deskline_transports.pieces import pieces
from tests.transports.peers import Line, Runtime, answer, peer

MEGABYTE = 1_000_000


def told(body: bytes) -> list[tuple[int, int]]:
    """Return what is told of a body that is written to its end."""
    reports: list[tuple[int, int]] = []
    request = RestRequest(
        method="POST", url="http://x.test", body=body, progress=lambda sent, total: reports.append((sent, total))
    )
    assert b"".join(pieces(request)) == body
    return reports


@pytest.mark.parametrize(
    ("size", "reports"),
    [
        (0, []),
        (1, [(1, 1)]),
        (65536, [(65536, 65536)]),
        (65537, [(65536, 65537), (65537, 65537)]),
        (200_000, [(65536, 200_000), (131072, 200_000), (196608, 200_000), (200_000, 200_000)]),
    ],
)
def test_each_piece_is_told_once_it_is_written(size: int, reports: list[tuple[int, int]]) -> None:
    assert told(bytes(size)) == reports


def test_a_large_body_is_told_of_now_and_then() -> None:
    reports = told(bytes(30 * MEGABYTE))
    assert len(reports) <= 50
    assert reports == sorted(set(reports))
    assert reports[-1] == (30 * MEGABYTE, 30 * MEGABYTE)


def test_a_body_in_pieces_is_pieces_for_nobody_too() -> None:
    assert list(pieces(RestRequest(method="POST", url="http://x.test", body=bytes(70_000)))) == [
        bytes(65536),
        bytes(70_000 - 65536),
    ]


def test_the_body_arrives_whole_and_its_length_is_said(runtime: Runtime) -> None:
    body = bytes(range(256)) * 2000

    def talk(line: Line) -> tuple[bytes, bytes]:
        head = line.head()
        content = line.exactly(len(body))
        line.send(answer("200 OK", b"done"))
        return head, content

    reports: list[tuple[int, int]] = []
    got: list[Response] = []
    with peer(talk) as far:

        async def main() -> None:
            request = RestRequest(
                method="POST",
                url=far.url("http", "/"),
                body=body,
                progress=lambda sent, total: reports.append((sent, total)),
            )
            async with runtime.transport() as transport:
                got.append(await transport.rest.send(request))

        runtime.run(main)
        ((head, content),) = far.done()
    assert content == body
    assert got[0].body == b"done"
    lines = head.decode().lower().split("\r\n")
    assert f"content-length: {len(body)}" in lines
    assert f"host: 127.0.0.1:{far.port}" in lines
    assert not any(line.startswith("transfer-encoding") for line in lines)
    assert reports == told(body)


def test_what_is_cut_half_way_is_told_no_further(runtime: Runtime) -> None:
    size = 40 * MEGABYTE

    def talk(line: Line) -> None:
        line.head()
        line.exactly(300_000)  # then the connection is closed

    reports: list[tuple[int, int]] = []
    with peer(talk) as far:

        async def main() -> None:
            request = RestRequest(
                method="POST",
                url=far.url("http", "/"),
                body=bytes(size),
                progress=lambda sent, total: reports.append((sent, total)),
            )
            async with runtime.transport() as transport:
                with pytest.raises(RequestNotAnswered) as raised:
                    await transport.rest.send(request)
                assert raised.value.sent == "maybe"

        runtime.run(main)
    assert (size, size) not in reports


def test_a_memory_network_tells_as_much() -> None:
    reports: list[Any] = []

    async def respond(request: RestRequest) -> Response:
        reports.append(len(request.body))
        return Response(status=200)

    async def main() -> None:
        rest = MemoryNetwork(respond).transport().rest
        request = RestRequest(
            method="POST",
            url="http://x.test",
            body=bytes(70_000),
            progress=lambda sent, total: reports.append((sent, total)),
        )
        assert (await rest.send(request)).status == 200

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    assert reports == [(65536, 70_000), (70_000, 70_000), 70_000]
