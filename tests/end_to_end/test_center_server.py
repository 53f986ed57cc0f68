"""The local center over real sockets on loopback."""

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from deskline.center import CenterServer, ControlClient, ControlRefused, RunningCenter, app, serve
from deskline.center.own import Own
from deskline_center.controls import (
    AgentJoins,
    AgentSays,
    AgentStreams,
    AgentTypes,
    Delay,
    DropSockets,
    Fail,
    Lose,
    SendRaw,
    StreamPiece,
    ViaUrl,
    WarnInactive,
)
from deskline_center.cxone import channel_id
from deskline_core.errors import IllegalState

LIVE, SECURED = channel_id("live", "legacy"), channel_id("live", "secured")
THREAD = "5e6f1a77-3a59-4c1e-8f0d-2f6d1b3c9a02"
PATIENCE = 120.0
CONFIGURATION = f"/chat/1.0/brand/1386/channel/{LIVE}"


@pytest.fixture
def center() -> Iterator[RunningCenter]:
    with serve() as running:
        yield running


@pytest.fixture
def web(center: RunningCenter) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=center.url, timeout=PATIENCE, trust_env=False) as client:
        yield client


def url(center: RunningCenter, channel: str = LIVE, **query: str) -> str:
    given = {"channelId": channel, "brandId": "1386", "visitorId": "v", **query}
    return f"{center.gateway}/?" + "&".join(f"{key}={value}" for key, value in given.items())


def ask(client: ClientConnection, event_type: str, data: dict[str, Any]) -> None:
    payload = {"eventType": event_type, "customerIdentity": {"idOnExternalPlatform": "kit"}, "data": data}
    client.send(json.dumps({"action": "chatWindowEvent", "eventId": event_type, "payload": payload}))


def say(client: ClientConnection, text: str = "hello") -> None:
    content = {"type": "TEXT", "payload": {"text": text}}
    line = {"thread": {"idOnExternalPlatform": THREAD}, "idOnExternalPlatform": THREAD}
    ask(client, "SendMessage", {**line, "messageContent": content})


def until(holds: Callable[[], bool]) -> None:
    """Ask the center again and again; each question gives its loop a turn."""
    for _ in range(10_000):
        if holds():
            return
    pytest.fail("it never happened")


def heard(client: ClientConnection, count: int) -> list[str]:
    frames = [json.loads(client.recv(timeout=PATIENCE)) for _ in range(count)]
    return [f.get("eventType", f.get("postback", {}).get("eventType", "ack")) for f in frames]


def test_a_chat(center: RunningCenter) -> None:
    with connect(url(center), open_timeout=PATIENCE, proxy=None) as client:
        client.send('{"action":"heartbeat"}')
        assert client.recv(timeout=PATIENCE) == '"pong"'
        client.send(b"binary frames are passed over")
        say(client)
        assert heard(client, 4) == ["ack", "CaseCreated", "MessageCreated", "SetPositionInQueue"]
        center.control.do(AgentJoins())
        assert heard(client, 2) == ["CaseInboxAssigneeChanged", "CaseStatusChanged"]
        center.control.do(WarnInactive(seconds=0))
        assert heard(client, 2) == ["MessageCreated", "CaseStatusChanged"]
        assert client.ping().wait(PATIENCE), "protocol pings are answered, too"


def test_secured_handshakes(center: RunningCenter, web: httpx.Client) -> None:
    for token in ("", "txn.false"):
        with pytest.raises(InvalidStatus) as refused:
            connect(url(center, SECURED, transactionToken=token), open_timeout=PATIENCE, proxy=None)
        assert refused.value.response.status_code == 401
    query = {"brandId": "1386", "channelId": SECURED, "visitorId": "v"}
    token = web.post("/oauth/token", params=query, json={"type": "anonymous"}).json()["accessToken"]
    with connect(url(center, SECURED, transactionToken=token), open_timeout=PATIENCE, proxy=None) as client:
        client.send('{"action":"heartbeat"}')
        assert client.recv(timeout=PATIENCE) == '"pong"'


def test_drops_in_order_and_without_a_farewell(center: RunningCenter) -> None:
    with connect(url(center), open_timeout=PATIENCE, proxy=None) as client:
        center.control.do(DropSockets(code=4000, reason="bye"))
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=PATIENCE)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4000, "bye")
    with connect(url(center), open_timeout=PATIENCE, proxy=None) as client:
        center.control.do(DropSockets())
        with pytest.raises(ConnectionClosedError) as cut:
            client.recv(timeout=PATIENCE)
        assert cut.value.rcvd is None
    assert center.control.overview()["sockets"] == []


def test_closing_on_the_clients_side_is_noticed(center: RunningCenter) -> None:
    with connect(url(center), open_timeout=PATIENCE, proxy=None):
        assert len(center.control.overview()["sockets"]) == 1
    until(lambda: center.control.overview()["sockets"] == [])


def test_handshake_faults(center: RunningCenter) -> None:
    center.control.do(Fail(match="handshake", status=4401))
    with connect(url(center), open_timeout=PATIENCE, proxy=None) as client, pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=PATIENCE)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
    center.control.do(Lose(match="handshake"))
    with pytest.raises(TimeoutError):
        connect(url(center), open_timeout=0.05, proxy=None)


def test_large_events_are_fetched(center: RunningCenter, web: httpx.Client) -> None:
    with connect(url(center), open_timeout=PATIENCE, proxy=None) as client:
        say(client)
        heard(client, 4)
        center.control.do(ViaUrl(match="MessageCreated"))
        center.control.do(AgentSays(text="A large one"))
        notice = json.loads(client.recv(timeout=PATIENCE))
        assert notice["eventType"] == "EventInS3"
        address = notice["data"]["s3Object"]["url"]
        assert address.startswith(f"{center.url}/chat/large-websocket-events/1386/")
        body = web.get(address).json()
        assert body["eventId"] == notice["eventId"]
        assert body["data"]["message"]["messageContent"]["text"] == "A large one"


def test_rest_answers_pages_of_any_origin(web: httpx.Client) -> None:
    answer = web.get(CONFIGURATION, headers={"origin": "http://shop.test"})
    assert answer.json()["isLiveChat"] is True
    assert answer.headers["access-control-allow-origin"] == "http://shop.test"
    asked = {"origin": "http://shop.test", "access-control-request-headers": "x-sdk-version"}
    preflight = web.options(CONFIGURATION, headers=asked)
    assert (preflight.status_code, preflight.headers["access-control-allow-headers"]) == (204, "x-sdk-version")


def test_answers_of_any_kind_can_be_read_by_pages(web: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MAX_BODY", 1000)
    page = {"origin": "http://shop.test"}
    large = web.post("/oauth/token", content=b"x" * 1_000_000, headers=page)
    refused = web.post(f"{CONFIGURATION}/attachment", content=b"x" * 1001, headers=page)
    other = web.request("TRACE", CONFIGURATION, headers=page)
    assert [answer.status_code for answer in (large, refused, other)] == [413, 200, 404]
    assert refused.json()["allowedFileSize"] == "25"
    for answer in (large, refused, other):
        assert answer.headers["access-control-allow-origin"] == "http://shop.test"
    taken = web.post("/oauth/token", content=b"x" * 1000)
    assert taken.status_code == 400


def test_a_reader_of_a_stream_who_goes_is_not_kept(center: RunningCenter, web: httpx.Client) -> None:
    with connect(url(center), open_timeout=PATIENCE, proxy=None) as client:
        say(client)
        heard(client, 4)
        center.control.do(AgentStreams(end="open"))
        content = json.loads(client.recv(timeout=PATIENCE))["data"]["message"]["messageContent"]
    address = content["payload"]["sourceUrl"]
    for said in range(3):
        with web.stream("GET", address) as answer:
            body = answer.iter_raw()
            assert said == 0 or next(body).count(b"delta") >= said
            assert center.control.do(StreamPiece(text="x"))["readers"] == 1
            assert next(body)
        until(lambda: center.control.do(StreamPiece(raw=":\n\n"))["readers"] == 0)


def test_rest_faults(center: RunningCenter, web: httpx.Client) -> None:
    center.control.do(Lose(match="rest:channel"))
    with pytest.raises(httpx.TransportError):
        web.get(CONFIGURATION)
    center.control.do(Delay(match="rest:channel", seconds=0.01))
    assert web.get(CONFIGURATION).status_code == 200


def test_controls_over_http(center: RunningCenter, web: httpx.Client) -> None:
    control = ControlClient(center.url, timeout=PATIENCE)
    with pytest.raises(ControlRefused, match="there is no thread yet"):
        control.do(AgentTypes())
    with connect(url(center), open_timeout=PATIENCE, proxy=None) as client:
        say(client)
        heard(client, 4)
        assert control.do(AgentJoins(agent=70113)) == {"contact": "48000001", "agent": 70113}
        assert web.post("/control/agent-says", json={"text": "Hi"}).json()["contact"] == "48000001"
        assert heard(client, 3)[-1] == "MessageCreated"
    assert control.overview()["threads"][0]["thread"] == THREAD
    assert web.post("/control/agent-reads").json() == {"read": 1}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/control/nothing-like-it", b"", 404),
        ("/control/agent-says", b"[]", 400),
        ("/control/agent-says", b"\xff", 400),
        ("/control/agent-says", b'{"text":1}', 400),
        ("/control/agent-joins", b"", 409),
    ],
)
def test_controls_that_fail(web: httpx.Client, path: str, body: bytes, status: int) -> None:
    answer = web.post(path, content=body)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_controls_are_not_for_pages_of_other_origins(center: RunningCenter, web: httpx.Client) -> None:
    assert web.post("/control/forget-faults", headers={"origin": "http://evil.test"}).status_code == 403
    assert web.get("/control", headers={"origin": "null"}).status_code == 403
    assert web.get("/control", headers={"origin": center.url}).status_code == 200


def test_a_page_that_says_its_own_host_is_another_origin_all_the_same(web: httpx.Client) -> None:
    page = {"origin": "http://evil.test:1", "host": "evil.test:1"}
    assert web.post("/control/forget-faults", headers=page).status_code == 403
    assert web.get("/control", headers={"host": "evil.test:1"}).status_code == 403, "it names no origin to itself"
    assert web.get("/control", headers={"host": "localhost:1"}).status_code == 200, "a forwarded port"


@pytest.mark.parametrize(
    ("bound", "url", "origin", "host", "elsewhere"),
    [
        (("127.0.0.1", 8080), "http://127.0.0.1:8080", "http://localhost:8080", "x", False),
        (("127.0.0.1", 8080), "http://127.0.0.1:8080", "http://[::1]:8080", "x", False),
        (("127.0.0.1", 8080), "http://127.0.0.1:8080", "http://localhost:3000", "localhost:8080", True),
        (("127.0.0.1", 8080), "http://127.0.0.1:8080", "null", "localhost:8080", True),
        (("127.0.0.1", 8080), "http://127.0.0.1:8080", "http://[", "localhost:8080", True),
        (("127.0.0.1", 8080), "http://127.0.0.1:8080", None, "[", True),
        (("127.0.0.1", 8080), "http://127.0.0.1:8080", None, None, False),
        (("127.0.0.1", 8080), "https://desk.test", "https://desk.test", "desk.test", False),
        (("127.0.0.1", 8080), "https://desk.test", "https://desk.test:444", "desk.test", True),
        (("0.0.0.0", 80), "http://0.0.0.0:80", None, "desk:80", False),
        (("0.0.0.0", 80), "http://0.0.0.0:80", "http://localhost", "desk:80", False),
        (("0.0.0.0", 80), "http://0.0.0.0:80", "http://desk", "desk", True),
        (("desk", 80), "http://desk:80", "http://desk", "desk", False),
    ],
)
def test_whose_pages_are_the_center_s_own(
    bound: tuple[str, int], url: str, origin: str | None, host: str | None, elsewhere: bool
) -> None:
    assert Own(*bound, url).is_page_elsewhere(origin, host) is elsewhere


def test_a_control_that_is_refused_in_process(center: RunningCenter) -> None:
    with pytest.raises(ControlRefused) as refused:
        center.control.do(AgentJoins())
    assert refused.value.code == "control_refused"


def test_inside_asyncio() -> None:
    async def main() -> None:
        server = CenterServer(seed="asyncio")
        center = await server.start()
        assert (await center.control.aoverview())["threads"] == []
        with pytest.raises(ControlRefused):
            await center.control.ado(AgentJoins())
        with pytest.raises(IllegalState):
            center.control.do(AgentJoins())
        async with httpx.AsyncClient(base_url=center.url, timeout=PATIENCE, trust_env=False) as web:
            assert (await web.get(CONFIGURATION)).status_code == 200
        await server.stop()
        await server.stop()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", int(center.url.rpartition(":")[2]))

    asyncio.run(main())


def test_it_ends_with_clients_and_requests_still_there() -> None:
    before = threading.active_count()
    with contextlib.ExitStack() as stack:
        with serve() as center:
            client = stack.enter_context(connect(url(center), open_timeout=PATIENCE, proxy=None))
            center.control.do(Delay(match="rest:channel", seconds=3600))
            host, port = center.url.removeprefix("http://").split(":")
            waiting = stack.enter_context(socket.create_connection((host, int(port))))
            waiting.sendall(f"GET {CONFIGURATION} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            until(lambda: center.control.overview()["faults"] == 0)
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=PATIENCE)
        with pytest.raises(ConnectionResetError):
            waiting.recv(1)
    assert threading.active_count() <= before


def test_it_ends_while_a_client_is_closing() -> None:
    with contextlib.ExitStack() as stack, serve() as center:
        host, port = center.url.removeprefix("http://").split(":")
        client = stack.enter_context(socket.create_connection((host, int(port)), timeout=PATIENCE))
        key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        upgrade = f"Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}\r\n"
        client.sendall(f"GET {url(center).removeprefix(center.gateway)} HTTP/1.1\r\n{upgrade}".encode())
        assert b" 101 " in client.recv(4096)
        center.control.do(SendRaw(text="x" * 20_000_000))  # which the client does not read
        client.sendall(b"\x88\x80\0\0\0\0")  # a close frame, to which the answer has to wait
        until(lambda: center.control.overview()["sockets"] == [])


def test_a_port_that_is_taken(center: RunningCenter) -> None:
    port = int(center.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"), serve(port=port):
        pass


def test_from_a_command_line_until_ctrl_c() -> None:
    program = (
        "from deskline.center import run_forever\n"
        "run_forever(0, ready=lambda center: print(center.url, flush=True))\n"
        "print('ended')"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert httpx.get(f"{address}{CONFIGURATION}", timeout=PATIENCE, trust_env=False).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "ended\n"
        assert process.wait() == 0
