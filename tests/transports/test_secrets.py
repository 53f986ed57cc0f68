"""No address, header or body shows in a log, a message or a traceback; on both runtimes."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from deskline_core.errors import RequestNotAnswered, SocketEnded, SocketRefused
from deskline_transports.base import Network, Response, RestRequest
from tests.transports.peers import PING, TEXT, Line, Peer, Runtime, answer, close_frame, closed_port, peer

CANARY = "canary-4711"
HEADERS = (("Authorization", f"Bearer {CANARY}"), ("X-Token", CANARY))


@pytest.fixture
def all_loggers_at_debug(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    names = ["", "httpx", "httpcore", "websockets", "websockets.client", "trio-websocket", "asyncio", "deskline"]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    caplog.handler.setLevel(logging.DEBUG)
    yield caplog
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def told(error: BaseException) -> str:
    """Return all that an exception could tell, its hidden context too."""
    text = [repr(error), str(error), "".join(traceback.format_exception(error))]
    seen: BaseException | None = error
    while seen is not None:
        text += [repr(seen), str(seen), repr(vars(seen))]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(text)


def talk(line: Line) -> None:
    line.accept()
    line.say(PING, CANARY.encode())
    line.say(TEXT, line.frame()[1])
    line.frame()
    line.send(close_frame(4001, "bye"))
    line.to_end()


def refuse(line: Line) -> None:
    line.head()
    line.send(answer("401 No", CANARY.encode(), f"Set-Cookie: {CANARY}"))
    line.to_end()


def reply(line: Line) -> None:
    with suppress(EOFError):
        while line.head():
            line.rest = b""
            line.send(answer("200 OK", f"{CANARY}\n".encode(), f"Set-Cookie: {CANARY}"))


def break_off(line: Line) -> None:
    line.head()
    line.send(b"HTTP/1.1 200 " + CANARY.encode() + b"\r\nContent-Length: 99\r\n\r\n")


def garble(line: Line) -> None:
    line.head()
    line.send(CANARY.encode() + b"\r\n\r\n")


def test_nothing_shows(
    runtime: Runtime, all_loggers_at_debug: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    errors: list[BaseException] = []

    def rest(port: int) -> RestRequest:
        url = f"http://127.0.0.1:{port}/?token={CANARY}"
        return RestRequest(method="POST", url=url, headers=HEADERS, body=CANARY.encode())

    async def sockets(far: Peer) -> None:
        async with runtime.transport() as transport:
            socket = await transport.open_socket(far.url(path=f"/?token={CANARY}"), HEADERS)
            await socket.send(CANARY)
            await socket.receive()
            with pytest.raises(SocketEnded) as ended:
                await socket.receive()
            errors.append(ended.value)
            await socket.aclose()

    async def refusals(urls: list[str]) -> None:
        async with runtime.transport() as transport:
            for url in urls:
                with pytest.raises(SocketRefused) as refused:
                    await transport.open_socket(url, HEADERS)
                errors.append(refused.value)
            with pytest.raises(SocketRefused) as refused:
                await transport.open_socket("ws://127.0.0.1:1/", (("X-Token", f"{CANARY}\n"),))
            errors.append(refused.value)

    async def requests(good: Peer, ports: list[int]) -> None:
        async with runtime.transport() as transport:
            await transport.rest.send(rest(good.port))
            async with transport.rest.stream(rest(good.port)) as lines:
                assert await anext(lines) == CANARY
            for port in ports:
                with pytest.raises(RequestNotAnswered) as caught:
                    await transport.rest.send(rest(port))
                errors.append(caught.value)
            for bad in (
                RestRequest(method="GET", url=f"http://[{CANARY}/"),
                RestRequest(method="GET", url=f"nothing://{CANARY}"),
                RestRequest(method="GET", url=f"http://127.0.0.1:1/{CANARY}\x00"),
                RestRequest(method="GET", url="http://127.0.0.1:1/", headers=(("X-Token", f"{CANARY}\n"),)),
                RestRequest(method="GET", url="http://127.0.0.1:1/", headers=(("X-Token", f"{CANARY}\u20ac"),)),
            ):
                with pytest.raises(RequestNotAnswered) as caught:
                    await transport.rest.send(bad)
                errors.append(caught.value)

    with peer(talk, refuse, garble) as far, peer(reply) as good, peer(break_off) as bad, peer(garble) as odd:

        async def main() -> None:
            query = f"/?token={CANARY}"
            await sockets(far)
            await refusals(
                [far.url(path=query), far.url(path=query), f"ws://127.0.0.1:{closed_port()}{query}", f"ws://[{CANARY}"]
            )
            await requests(good, [bad.port, odd.port, closed_port()])

        runtime.run(main)
    assert len(errors) == 1 + 5 + 3 + 5
    assert [error for error in errors if CANARY in told(error)] == []
    shown = [record.getMessage() + str(record.args) + str(record.exc_info) for record in all_loggers_at_debug.records]
    assert [line for line in shown if CANARY in line] == []
    out, err = capfd.readouterr()
    assert CANARY not in out + err


@pytest.mark.row("R7")
def test_other_uses_of_the_same_libraries_are_logged_as_before(
    runtime: Runtime, all_loggers_at_debug: pytest.LogCaptureFixture
) -> None:
    with peer(reply, reply) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                await transport.rest.send(RestRequest(method="GET", url=far.url("http", "/ours")))
                assert not [record for record in all_loggers_at_debug.records if record.name.startswith("http")]
                async with httpx.AsyncClient(trust_env=False) as client:
                    await client.get(far.url("http", "/theirs"))

        runtime.run(main)
    logged = [record.getMessage() for record in all_loggers_at_debug.records if record.name == "httpx"]
    assert any("/theirs" in line for line in logged)


def test_values_do_not_show_what_they_carry() -> None:
    values = (
        RestRequest(method="POST", url=f"https://a.example/x?t={CANARY}", headers=HEADERS, body=CANARY.encode()),
        Response(status=200, headers=HEADERS, body=CANARY.encode()),
        Network(proxy=f"http://me:{CANARY}@127.0.0.1:1"),
    )
    assert CANARY not in repr(values)
    assert "a.example/x" in repr(values[0])
