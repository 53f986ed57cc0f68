"""The local center's Bright Pattern side over real sockets on loopback: polls that are held, and those who go."""

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from deskline.center import RunningCenter, serve
from deskline.center.app import application
from deskline.center.loop import CenterLoop
from deskline.center.own import Own
from deskline_center import Center
from deskline_center.brightpattern import APP_ID, BrightPatternChannel
from deskline_center.brightpattern.controls import CutPolls
from deskline_center.controls import AgentJoins, AgentSays, Lose

HEADERS = {"authorization": f'MOBILE-API-140-327-PLAIN appId="{APP_ID}", clientId="kit"'}
TENANT = {"tenantUrl": "acme.test"}
PATIENCE = 120.0


@pytest.fixture
def center() -> Iterator[RunningCenter]:
    with serve() as running:
        yield running


@pytest.fixture
def web(center: RunningCenter) -> Iterator[httpx.Client]:
    url = f"{center.url}/clientweb/api/v2/"
    with httpx.Client(base_url=url, headers=HEADERS, params=TENANT, timeout=PATIENCE, trust_env=False) as client:
        yield client


def begin(web: httpx.Client) -> str:
    """Begin a chat and read its beginning; return the address of its events."""
    chat: str = web.post("chats", json={"from": "Kit"}).json()["chat_id"]
    assert [e["event"] for e in web.get(f"chats/{chat}/events").json()["events"]][-1] == "chat_session_status"
    return f"chats/{chat}/events"


def until(holds: Callable[[], bool]) -> None:
    """Ask the center again and again; each question gives its loop a turn."""
    for _ in range(10_000):
        if holds():
            return
    pytest.fail("it never happened")


def is_polling(center: RunningCenter) -> bool:
    polling: bool = center.control.overview()["chats"][-1]["polling"]
    return polling


def test_who_goes_in_the_very_moment_of_the_answer_has_not_got_it() -> None:
    """No network brings that about at will, so there is none here: the application is asked as its server asks it."""
    asyncio.run(_goes_as_the_answer_comes())


async def _goes_as_the_answer_comes() -> None:
    entry = BrightPatternChannel(id=APP_ID, greeting="", aborted_poll="redelivered")
    loop = CenterLoop(Center(channels=(entry,)))
    web = application(loop, Own("127.0.0.1", 80, "http://localhost"))
    headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def ask(method: str, path: str, gone: asyncio.Event) -> Any:
        said: list[dict[str, Any]] = [{"type": "http.request", "body": b"{}"}]
        sent: list[dict[str, Any]] = []

        async def receive() -> Any:
            if not said:
                held.set()
                await gone.wait()
            return said.pop() if said else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        path = f"/clientweb/api/v2/{path}"
        scope = {"type": "http", "method": method, "path": path, "query_string": b"tenantUrl=a", "headers": headers}
        await web(scope, receive, send)
        return json.loads(sent[1]["body"])

    never, held, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()
    events = f"chats/{(await ask('POST', 'chats', never))['chat_id']}/events"
    await ask("GET", events, never)
    poll = asyncio.create_task(ask("GET", events, gone))
    await held.wait()
    loop.feed(AgentSays(text="Hello"))
    gone.set()
    await poll
    again = await ask("GET", events, never)
    assert [event["msg_text"] for event in again["events"]] == ["Hello"]
    loop.stop()


def beside(center: RunningCenter, web: httpx.Client, events: str, act: Callable[[], object]) -> dict[str, Any]:
    """Return what a poll brings that was held while something happened."""
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(web.get, events)
        until(lambda: is_polling(center))
        act()
        answer: dict[str, Any] = held.result().json()
    return answer


def test_a_chat(center: RunningCenter, web: httpx.Client) -> None:
    events = begin(web)
    answer = beside(center, web, events, lambda: center.control.do(AgentJoins()))
    assert [e["event"] for e in answer["events"]][-1] == "chat_session_status"
    sent = web.post(events, json={"events": [{"event": "chat_session_message", "msg": "Hi", "msg_id": "1"}]})
    assert (sent.status_code, sent.content, sent.headers["content-type"]) == (200, b"", "application/json")
    assert web.get(events).json()["events"][0]["event"] == "chat_session_message_delivered"


def test_who_goes_while_a_poll_is_held_is_noticed(center: RunningCenter, web: httpx.Client) -> None:
    events = begin(web)
    request = web.build_request("GET", events)
    lines = [
        f"GET {request.url.raw_path.decode()} HTTP/1.1",
        *(f"{name}: {value}" for name, value in request.headers.items()),
    ]
    with socket.create_connection((request.url.host, request.url.port or 80)) as who_goes:
        who_goes.sendall("\r\n".join((*lines, "", "")).encode())
        until(lambda: is_polling(center))
    until(lambda: not is_polling(center))
    center.control.do(AgentSays(text="Hello"))
    assert [e["msg_text"] for e in web.get(events).json()["events"]] == ["Hello"]


def test_a_poll_that_is_cut(center: RunningCenter, web: httpx.Client) -> None:
    events = begin(web)
    with pytest.raises(httpx.TransportError):
        beside(center, web, events, lambda: center.control.do(CutPolls()))
    center.control.do(Lose(match="poll"))
    center.control.do(AgentSays(text="Hello"))
    with pytest.raises(httpx.TransportError):
        web.get(events)


def test_a_file_in_both_directions(web: httpx.Client) -> None:
    content = bytes(range(256)) * 1000
    up = web.post("files", files={"file": ("a.bin", content, "image/png")}).json()
    assert up["file_name"] == "a.bin"
    display = web.build_request("GET", "/").url.copy_with(path=f"/clientweb/file/{up['file_id']}", query=None)
    answer = httpx.get(display, timeout=PATIENCE, trust_env=False)
    assert (answer.content == content, answer.headers["content-type"]) == (True, "image/png")


def test_both_vendors_on_one_port(center: RunningCenter, web: httpx.Client) -> None:
    begin(web)
    channels = center.control.overview()["channels"]
    cxone = httpx.get(
        f"{center.url}/chat/1.0/brand/1386/channel/{channels[0]['id']}/availability", timeout=PATIENCE, trust_env=False
    )
    assert json.loads(cxone.content) == {"status": "online"}
    assert web.get("availability").json() == {"chat": "available", "ewt": "45"}
