"""REST requests and streamed answers; on both runtimes."""

import gc
import gzip
import threading
import tracemalloc
from typing import Any

import pytest

from deskline_core.errors import RequestNotAnswered
from deskline_transports.base import Response, RestRequest
from tests.transports.peers import Line, Peer, Runtime, answer, closed_port, peer


def get(far: Peer, path: str = "/", **fields: Any) -> RestRequest:
    return RestRequest(method="GET", url=far.url("http", path), **fields)


def fails(runtime: Runtime, request: RestRequest) -> RequestNotAnswered:
    """Send and return the failure."""
    caught: list[RequestNotAnswered] = []

    async def main() -> None:
        async with runtime.transport() as transport:
            with pytest.raises(RequestNotAnswered) as raised:
                await transport.rest.send(request)
            caught.append(raised.value)

    runtime.run(main)
    return caught[0]


def answers(runtime: Runtime, request: RestRequest) -> Response:
    got: list[Response] = []

    async def main() -> None:
        async with runtime.transport() as transport:
            got.append(await transport.rest.send(request))

    runtime.run(main)
    return got[0]


def saying(data: bytes, *, then_wait: bool = False) -> Any:
    def script(line: Line) -> bytes:
        head = line.head()
        line.send(data)
        if then_wait:
            line.to_end()
        return head

    return script


def test_a_request_and_its_answer(runtime: Runtime) -> None:
    def talk(line: Line) -> tuple[bytes, bytes]:
        head = line.head()
        body = line.exactly(5)
        line.send(answer("404 Not Found", b"\xff\x00", "X-Many: 1", "x-many: 2"))
        return head, body

    with peer(talk) as far:
        url = far.url("http", "/v1/x?y=1")
        response = answers(
            runtime, RestRequest(method="PUT", url=url, headers=(("Content-Type", "text/plain"),), body=b"hello")
        )
        ((head, body),) = far.done()
    assert response.status == 404
    assert response.body == b"\xff\x00"
    assert response.headers == (("content-length", "2"), ("x-many", "1"), ("x-many", "2"))
    assert body == b"hello"
    lines = head.decode().split("\r\n")
    assert lines[0] == "PUT /v1/x?y=1 HTTP/1.1"
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    assert headers == {
        "host": f"127.0.0.1:{far.port}",
        "user-agent": "deskline",
        "accept": "*/*",
        "accept-encoding": "gzip",
        "content-type": "text/plain",
        "content-length": "5",
    }


def test_connections_are_reused_and_cookies_are_not_kept(runtime: Runtime) -> None:
    def twice(line: Line) -> list[bytes]:
        heads = []
        for _ in range(2):
            heads.append(line.head())
            line.send(answer("200 OK", b"", "Set-Cookie: id=secret; Path=/"))
        return heads

    with peer(twice) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                for _ in range(2):
                    assert (await transport.rest.send(get(far))).status == 200

        runtime.run(main)
        ((_, second),) = far.done()
    assert b"cookie" not in second.lower()


@pytest.mark.row("R7")
def test_transports_share_nothing_and_the_end_of_one_is_not_the_end_of_another(runtime: Runtime) -> None:
    def served(line: Line, times: int) -> bytes:
        for _ in range(times):
            line.head()
            line.send(answer("200 OK"))
        return line.to_end()

    with peer(lambda line: served(line, 2), lambda line: served(line, 1)) as far:

        async def main() -> None:
            async with runtime.transport() as ours:
                async with runtime.transport() as theirs:
                    for transport in (ours, theirs):
                        assert (await transport.rest.send(get(far))).status == 200
                assert (await ours.rest.send(get(far))).status == 200

        runtime.run(main)
        assert far.done() == [b"", b""]
        assert not far.more()


def test_redirects_are_not_followed(runtime: Runtime) -> None:
    with peer(saying(answer("302 Found", b"", "Location: /elsewhere"))) as far:
        response = answers(runtime, get(far))
        assert (response.status, dict(response.headers)["location"]) == (302, "/elsewhere")
        assert not far.more()


def test_a_packed_answer_is_unpacked(runtime: Runtime) -> None:
    packed = gzip.compress(b"text " * 1000)
    with peer(saying(answer("200 OK", packed, "Content-Encoding: gzip"))) as far:
        response = answers(runtime, get(far, limit=5000))
    assert response.body == b"text " * 1000
    assert "content-encoding" not in dict(response.headers)


def test_an_empty_answer_may_claim_an_encoding(runtime: Runtime) -> None:
    with peer(saying(answer("204 No Content", b"", "Content-Encoding: gzip"))) as far:
        assert answers(runtime, get(far)).body == b""


@pytest.mark.parametrize(
    "data",
    [
        answer("200 OK", b"x" * 1001),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"100\r\n" + b"x" * 256 + b"\r\n") * 10,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000,
        answer("200 OK", gzip.compress(b"x" * 10_000_000), "Content-Encoding: gzip"),
    ],
    ids=["length", "chunked", "to the end", "packed"],
)
def test_an_answer_over_the_limit_is_broken_off(runtime: Runtime, data: bytes) -> None:
    with peer(saying(data, then_wait=True)) as far:
        failure = fails(runtime, get(far, limit=1000))
        far.done()
    assert failure.sent == "maybe"
    assert "larger than 1000 bytes" in failure.message


def test_a_small_answer_that_holds_a_huge_one_is_not_unpacked(runtime: Runtime) -> None:
    bomb = gzip.compress(bytes(60_000_000))
    with peer(saying(answer("200 OK", bomb, "Content-Encoding: gzip"), then_wait=True)) as far:
        tracemalloc.start()
        try:
            fails(runtime, get(far, limit=1000))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 20_000_000


def test_an_answer_at_the_limit_is_whole(runtime: Runtime) -> None:
    with peer(saying(answer("200 OK", b"x" * 1000))) as far:
        assert len(answers(runtime, get(far, limit=1000)).body) == 1000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        answer("200 OK", b"no gzip", "Content-Encoding: gzip"),
        answer("200 OK", gzip.compress(b"half of it" * 99)[:-9], "Content-Encoding: gzip"),
        answer("200 OK", b"?", "Content-Encoding: br"),
    ],
    ids=["nothing", "half a head", "half a body", "other protocol", "not packed", "half packed", "unknown encoding"],
)
def test_no_usable_answer_leaves_it_open_whether_it_arrived(runtime: Runtime, data: bytes) -> None:
    with peer(saying(data)) as far:
        assert fails(runtime, get(far)).sent == "maybe"


def test_what_never_left_is_told(runtime: Runtime) -> None:
    port = closed_port()
    refused = fails(runtime, RestRequest(method="GET", url=f"http://127.0.0.1:{port}/"))
    assert refused.sent == "no"
    assert "ConnectionRefusedError" in refused.message
    assert fails(runtime, RestRequest(method="GET", url="http://no-such-host.invalid/")).sent == "no"


@pytest.mark.parametrize(
    "request_",
    [
        RestRequest(method="GET", url="ftp://127.0.0.1/"),
        RestRequest(method="GET", url="http://[::1/"),
        RestRequest(method="GET", url="/only/a/path"),
        RestRequest(method="GET", url="http://127.0.0.1:1/", headers=(("X-A", "b\r\nX-B: c"),)),
        RestRequest(method="GET", url="http://127.0.0.1:1/", headers=(("X-A", "\u20ac"),)),
    ],
)
def test_what_cannot_be_sent_never_leaves(runtime: Runtime, request_: RestRequest) -> None:
    failure = fails(runtime, request_)
    assert failure.sent == "no"
    assert "refused" not in failure.message  # nobody listens on port 1, but it must not come to that


def test_a_closed_transport_sends_nothing(runtime: Runtime) -> None:
    async def main() -> None:
        async with runtime.transport() as transport:
            pass
        with pytest.raises(RequestNotAnswered, match="closed") as caught:
            await transport.rest.send(RestRequest(method="GET", url="http://127.0.0.1:1/"))
        assert caught.value.sent == "no"

    runtime.run(main)


def test_a_cancelled_request_closes_its_connection_and_spares_the_pool(runtime: Runtime) -> None:
    asked = threading.Event()

    def stay_silent(line: Line) -> bytes:
        line.head()
        asked.set()
        return line.to_end()

    with peer(stay_silent, saying(answer("200 OK", b"next"))) as far:

        async def main() -> None:
            async with runtime.transport(max_connections=1) as transport:

                async def job() -> None:
                    await transport.rest.send(get(far))

                await runtime.cancel(job, lambda: runtime.thread(asked.wait))
                assert (await transport.rest.send(get(far))).body == b"next"
                await runtime.thread(far.done)

        runtime.run(main)


def test_a_body_that_is_broken_off_leaves_nothing_behind(runtime: Runtime) -> None:
    begun = threading.Event()

    def read_the_head_only(line: Line) -> bytes:
        line.head()
        begun.set()
        return line.to_end()

    with peer(read_the_head_only) as far:

        async def main() -> None:
            async with runtime.transport() as transport:

                async def job() -> None:
                    await transport.rest.send(
                        RestRequest(method="POST", url=far.url("http"), body=bytes(64 * 1024 * 1024))
                    )

                await runtime.cancel(job, lambda: runtime.thread(begun.wait))
            gc.collect()  # trio warns of generators that are not run to their end

        runtime.run(main)


def test_lines_come_as_they_are_said(runtime: Runtime) -> None:
    heard = threading.Event()

    def talk(line: Line) -> bytes:
        head = line.head()
        line.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        line.send("data: grü".encode()[:9])
        line.send("data: grü".encode()[9:] + b"\r")
        assert heard.wait(10)  # nothing more is said before the first line has been heard
        line.send(b"\ndata: a\x0bb\xe2\x80\xa8c\n\ndata: \xff\rtail without an end")
        return head

    with peer(talk) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                request = get(far, headers=(("Accept", "text/event-stream"),))
                async with transport.rest.stream(request) as lines:
                    assert lines.status == 200
                    assert dict(lines.headers)["content-type"] == "text/event-stream"
                    assert await anext(lines) == "data: grü"
                    heard.set()
                    rest = [line async for line in lines]
                assert rest == ["data: a\x0bb\u2028c", "", "data: \ufffd"]

        runtime.run(main)
        (head,) = far.done()
    assert b"accept-encoding: identity" in head.lower()
    assert head.lower().count(b"accept:") == 1


def test_leaving_a_stream_early_closes_its_connection(runtime: Runtime) -> None:
    def talk(line: Line) -> bytes:
        line.head()
        line.send(b"HTTP/1.1 200 OK\r\n\r\nfirst\nsecond\nthird")
        return line.to_end()

    with peer(talk, talk) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                async with transport.rest.stream(get(far)) as lines:
                    assert await anext(lines) == "first"

                async def job() -> None:
                    async with transport.rest.stream(get(far)) as lines:
                        async for _ in lines:
                            pass

                await runtime.cancel(job, runtime.settle)
                await runtime.thread(far.done)

        runtime.run(main)


def test_a_stream_that_breaks(runtime: Runtime) -> None:
    lost = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nfirst\nsec"
    with peer(saying(lost)) as far:

        async def main() -> None:
            async with runtime.transport() as transport, transport.rest.stream(get(far)) as lines:
                assert await anext(lines) == "first"
                with pytest.raises(RequestNotAnswered) as caught:
                    await anext(lines)
                assert caught.value.sent == "maybe"

        runtime.run(main)


def test_a_stream_that_cannot_start(runtime: Runtime) -> None:
    async def main() -> None:
        async with runtime.transport() as transport:
            request = RestRequest(method="GET", url=f"http://127.0.0.1:{closed_port()}/")
            with pytest.raises(RequestNotAnswered) as caught:
                async with transport.rest.stream(request):
                    raise AssertionError
            assert caught.value.sent == "no"

    runtime.run(main)


def test_a_line_over_the_limit(runtime: Runtime) -> None:
    with peer(saying(b"HTTP/1.1 200 OK\r\n\r\nfine\n" + b"x" * 100_000, then_wait=True)) as far:

        async def main() -> None:
            async with runtime.transport() as transport, transport.rest.stream(get(far, limit=1000)) as lines:
                with pytest.raises(RequestNotAnswered, match="longer than 1000 bytes"):
                    [line async for line in lines]

        runtime.run(main)
        far.done()
