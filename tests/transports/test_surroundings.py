"""TLS, proxies and the environment; on both runtimes."""

import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deskline_core.errors import NotSupported, RequestNotAnswered, SocketRefused
from deskline_transports import tls
from deskline_transports.base import Network, RestRequest
from tests.transports.peers import TEXT, Line, Runtime, answer, closed_port, peer, tunnel


def echo_once(line: Line) -> bytes:
    head = line.accept()
    line.say(TEXT, line.frame()[1])
    line.to_end()
    return head


def answer_once(line: Line) -> bytes:
    head = line.head()
    line.send(answer("200 OK", b"fine"))
    return head


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, trusting: ssl.SSLContext) -> Iterator[list[ssl.SSLContext]]:
    """Count the default contexts that are made; they trust the authority of these tests."""
    made: list[ssl.SSLContext] = []

    def create(*_: object, **__: object) -> ssl.SSLContext:
        made.append(trusting)
        return trusting

    monkeypatch.setattr(ssl, "create_default_context", create)
    tls.default_context.cache_clear()
    yield made
    tls.default_context.cache_clear()


def test_tls_by_a_context_of_ones_own(runtime: Runtime, served: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    with peer(echo_once, answer_once, tls=served) as far:

        async def main() -> None:
            async with runtime.transport(ssl_context=trusting) as transport:
                socket = await transport.open_socket(far.url("wss", host="localhost"))
                await socket.send("x" * 100_000)
                assert await socket.receive() == "x" * 100_000
                await socket.aclose()
                response = await transport.rest.send(RestRequest(method="GET", url=far.url("https", host="localhost")))
                assert response.body == b"fine"

        runtime.run(main)
        far.done()


def test_a_certificate_that_is_not_trusted(runtime: Runtime, served: ssl.SSLContext) -> None:
    with peer(echo_once, answer_once, tls=served) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                with pytest.raises(SocketRefused, match="SSLCertVerificationError") as refused:
                    await transport.open_socket(far.url("wss", host="localhost"))
                assert refused.value.status is None
                with pytest.raises(RequestNotAnswered, match="SSLCertVerificationError") as caught:
                    await transport.rest.send(RestRequest(method="GET", url=far.url("https", host="localhost")))
                assert caught.value.sent == "no"
            with pytest.raises(ssl.SSLError):
                await runtime.thread(far.done)

        runtime.run(main)


def test_a_certificate_for_another_host(runtime: Runtime, served: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    with peer(echo_once, tls=served) as far:

        async def main() -> None:
            async with runtime.transport(ssl_context=trusting) as transport:
                with pytest.raises(SocketRefused, match="certificate is not valid"):
                    await transport.open_socket(far.url("wss"))

        runtime.run(main)


def test_one_default_context_is_shared(runtime: Runtime, served: ssl.SSLContext, made: list[ssl.SSLContext]) -> None:
    with peer(echo_once, answer_once, echo_once, answer_once, tls=served) as far:

        async def main() -> None:
            for _ in range(2):
                async with runtime.transport() as transport:
                    socket = await transport.open_socket(far.url("wss", host="localhost"))
                    await socket.send("x")
                    await socket.receive()
                    await socket.aclose()
                    await transport.rest.send(RestRequest(method="GET", url=far.url("https", host="localhost")))

        runtime.run(main)
    assert len(made) == 1
    assert tls.context_for(Network()) is tls.context_for(Network(max_frame=1)) is made[0]


def test_plain_text_makes_no_context(runtime: Runtime, made: list[ssl.SSLContext]) -> None:
    with peer(echo_once, answer_once) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())
                await socket.send("x")
                await socket.receive()
                await transport.rest.send(RestRequest(method="GET", url=far.url("http")))

        runtime.run(main)
    assert made == []


def test_the_environment_and_netrc_are_not_read(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere = f"http://127.0.0.1:{closed_port()}"
    for name in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy", "socks_proxy"):
        monkeypatch.setenv(name, nowhere)
        monkeypatch.setenv(name.upper(), nowhere)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password canary\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    with peer(echo_once, answer_once) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())
                await socket.send("x")
                await socket.receive()
                await socket.aclose()
                await transport.rest.send(RestRequest(method="GET", url=far.url("http")))

        runtime.run(main)
        heads = far.done()
    assert all(b"authorization" not in head.lower() for head in heads)


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
def test_a_proxy_carries_sockets(
    runtime: Runtime, secure: bool, served: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    with peer(echo_once, tls=served if secure else None) as far, peer(tunnel) as proxy:

        async def main() -> None:
            address = f"http://me:p%40ss@127.0.0.1:{proxy.port}"
            async with runtime.transport(proxy=address, ssl_context=trusting) as transport:
                socket = await transport.open_socket(far.url("wss" if secure else "ws", host="localhost"))
                await socket.send("through")
                assert await socket.receive() == "through"
                await socket.aclose()

        runtime.run(main)
        far.done()
        (head,) = proxy.done()
    lines = head.decode().split("\r\n")
    assert lines[0] == f"CONNECT localhost:{far.port} HTTP/1.1"
    assert f"Host: localhost:{far.port}" in lines
    assert "Proxy-Authorization: Basic bWU6cEBzcw==" in lines  # me:p@ss


def test_a_proxy_carries_requests(runtime: Runtime, served: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    with peer(answer_once, tls=served) as far, peer(tunnel, tunnel) as proxy:

        async def main() -> None:
            address = f"http://me:pass@127.0.0.1:{proxy.port}"
            async with runtime.transport(proxy=address, ssl_context=trusting) as transport:
                for url in (far.url("https", host="localhost"), "http://chat.example/x"):
                    response = await transport.rest.send(RestRequest(method="GET", url=url))
                    assert response.body == b"fine"

        runtime.run(main)
        (inner,) = far.done()
        heads = proxy.done()
    assert [head.split(b"\r\n")[0] for head in heads] == [
        f"CONNECT localhost:{far.port} HTTP/1.1".encode(),
        b"GET http://chat.example/x HTTP/1.1",
    ]
    assert all(b"proxy-authorization: basic bwu6cgfzcw==" in head.lower() for head in heads)
    assert b"proxy-authorization" not in inner.lower()


@pytest.mark.parametrize(
    "said",
    [answer("407 Proxy Authentication Required"), b"", b"HTTP/1.1 200", b"SOCKS?\n", b"HTTP/1.1 200 OK\r\n\r\nextra"],
    ids=["refuses", "leaves", "leaves half-way", "speaks something else", "says too much"],
)
def test_a_proxy_that_opens_no_tunnel(runtime: Runtime, said: bytes) -> None:
    def refuse(line: Line) -> None:
        line.head()
        line.send(said)

    with peer(refuse, refuse) as proxy:

        async def main() -> None:
            async with runtime.transport(proxy=proxy.url("http")) as transport:
                with pytest.raises(SocketRefused) as refused:
                    await transport.open_socket("wss://chat.example/?token=canary")
                # A status would be taken for the far side's: 407 and 403 of a proxy say nothing about the chat.
                assert refused.value.status is None
                with pytest.raises(RequestNotAnswered) as caught:
                    await transport.rest.send(RestRequest(method="GET", url="https://chat.example/"))
                assert caught.value.sent == "no"

        runtime.run(main)


def test_a_cancelled_opening_through_a_proxy_leaves_no_socket(runtime: Runtime) -> None:
    asked = threading.Event()

    def stay_silent(line: Line) -> bytes:
        line.head()
        asked.set()
        return line.to_end()

    with peer(stay_silent) as proxy:

        async def main() -> None:
            async with runtime.transport(proxy=proxy.url("http")) as transport:

                async def job() -> None:
                    await transport.open_socket("wss://chat.example/")

                await runtime.cancel(job, lambda: runtime.thread(asked.wait))
                await runtime.thread(proxy.done)

        runtime.run(main)


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:1080", "https://127.0.0.1:3128", "127.0.0.1:3128", "http://", "http://[::1", ""]
)
def test_a_proxy_that_cannot_be_kept_is_refused_when_the_transport_is_made(runtime: Runtime, proxy: str) -> None:
    async def main() -> None:
        with pytest.raises(NotSupported):
            runtime.transport(proxy=proxy)

    runtime.run(main)


def test_importing_the_package_loads_no_runtime() -> None:
    code = (
        "import sys, deskline_transports, deskline_transports.base, deskline_transports.memory\n"
        "print({'trio', 'asyncio', 'httpx', 'websockets', 'trio_websocket'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert ran.stdout.strip() == "set()"
