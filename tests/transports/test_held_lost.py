"""Connections that the far side closes while it holds a request, before the next one, or just as that goes out.

What a long poll has taken from the far side's queue is gone (Bright Pattern reference, section 3.5), so "no" is said
only where it is certain that nothing left.
"""

import select
import socket
import struct
import threading
from collections.abc import Callable

import pytest

from deskline_core.errors import RequestNotAnswered
from deskline_transports.base import RestRequest, Transport
from tests.transports.peers import Line, Peer, Runtime, answer, closed_port, peer


def request(far: Peer, *, held: bool) -> RestRequest:
    method, body = ("GET", b"") if held else ("POST", b'{"events":[]}')
    return RestRequest(method=method, url=far.url("http", "/events"), body=body, held=held)


@pytest.fixture(params=[True, False], ids=["poll", "send"])
def held(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def fails(transport: Transport, request: RestRequest) -> RequestNotAnswered:
    with pytest.raises(RequestNotAnswered) as caught:
        await transport.rest.send(request)
    return caught.value


def close(line: Line) -> None:
    line.sock.close()


def reset(line: Line) -> None:
    line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.sock.close()


ENDS = pytest.mark.parametrize("end", [close, reset])


def once(line: Line) -> None:
    line.head()
    line.send(answer("200 OK", b"fine"))
    line.to_end()


@ENDS
def test_while_it_is_held(runtime: Runtime, held: bool, end: Callable[[Line], None]) -> None:
    def talk(line: Line) -> None:
        line.head()
        end(line)

    with peer(talk, once) as far:

        async def main() -> None:
            async with runtime.transport(max_held=1, max_connections=1) as transport:
                assert (await fails(transport, request(far, held=held))).sent == "maybe"
                assert not far.more()  # nothing is sent again by itself
                assert (await transport.rest.send(request(far, held=held))).body == b"fine"

        runtime.run(main)
        far.done()


@ENDS
def test_a_kept_connection_that_is_closed_before_the_next_is_replaced(
    runtime: Runtime, held: bool, end: Callable[[Line], None]
) -> None:
    closed = threading.Event()

    def talk(line: Line) -> None:
        line.head()
        line.exactly(0 if held else 13)
        line.send(answer("200 OK", b"fine"))
        end(line)
        closed.set()

    with peer(talk, once) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                for _ in range(2):
                    assert (await transport.rest.send(request(far, held=held))).body == b"fine"
                    await runtime.thread(closed.wait)
                    await runtime.settle()

        runtime.run(main)
        far.done()


@ENDS
def test_a_kept_connection_that_is_closed_just_as_the_next_goes_out(
    runtime: Runtime, held: bool, end: Callable[[Line], None]
) -> None:
    def talk(line: Line) -> None:
        line.head()
        line.exactly(0 if held else 13)
        line.send(answer("200 OK", b"fine"))
        select.select([line.sock], [], [], 20)  # the next one has come, and is not even read
        end(line)

    with peer(talk) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                assert (await transport.rest.send(request(far, held=held))).body == b"fine"
                # A far side that read it first and then closed would look the same from here.
                assert (await fails(transport, request(far, held=held))).sent == "maybe"
                assert not far.more()

        runtime.run(main)
        far.done()


def test_a_far_side_that_is_gone_got_nothing(runtime: Runtime, held: bool) -> None:
    async def main() -> None:
        async with runtime.transport(max_held=1, max_connections=1) as transport:
            gone = RestRequest(method="GET", url=f"http://127.0.0.1:{closed_port()}/", held=held)
            for _ in range(2):
                assert (await fails(transport, gone)).sent == "no"

    runtime.run(main)
