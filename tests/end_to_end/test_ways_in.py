"""Every way to be authorized on real sockets, on both runtimes, with tokens that end amid the chat."""

from functools import partial
from typing import Any

import pytest

import deskline
from deskline import (
    AuthorizationFailed,
    ChatState,
    ChatStateChanged,
    CXone,
    MemoryStore,
    MessageReceived,
    MessageStatus,
    Policy,
    ReauthenticationNeeded,
)
from deskline.center import RunningCenter, serve
from deskline.chat import Chat
from deskline_center import Script
from deskline_center.controls import DropSockets, ExpireTokens, Fail, IssueLogin
from deskline_center.cxone import CXoneChannel
from deskline_center.scripts import Expect, Join, Say, Wait
from deskline_core.errors import AddressBlocked
from deskline_core.policy import Backoff
from tests.end_to_end.beside import PATIENT, run_all

SLOW = Script(name="slow", steps=(Expect(text="one"), Join(), Wait(seconds=5), Say(text="And?"), Wait(seconds=60)))
"""An agent who takes longer to answer than a token lives."""
WAYS: dict[str, tuple[Any, Any, Any]] = {
    "anonymous-legacy": ("legacy", "anonymous", None),
    "anonymous-secured": ("secured", "anonymous", None),
    "code-legacy": ("legacy", "oauth", "code"),
    "code-secured": ("secured", "oauth", "code"),
    "token-secured": ("secured", "oauth", "token"),
    "cookie": ("secured", "cookie", None),
    "identity-token": ("secured", "cookie", None),
}
FORMS: dict[str, Any] = {"code-secured": "full", "token-secured": "union"}
BACKOFF = Backoff(first=0.1, jitter=(0.0, 0.05))


def channel(way: str) -> CXoneChannel:
    """Return a channel that goes by that way, whose tokens live for some seconds."""
    session, authentication, _ = WAYS[way]
    return CXoneChannel(
        id=f"chat_{way}", session=session, authentication=authentication, script=SLOW.name, logins="issued",
        message_proof="required", unknown_identity="refuse", refresh_answer=FORMS.get(way, "union"), token_lifetime=4,
        access_token_lifetime=4,
    )  # fmt: skip


def policy(way: str) -> Policy:
    proof: Any = "token" if way == "identity-token" else "cookie"
    return Policy(**PATIENT, identity_by=proof, backoff=BACKOFF, shortest_token_life=0.5)


BOTH = pytest.mark.parametrize("runtime", ["trio", "asyncio"])


def opened(runtime: str, center: RunningCenter, way: str, **options: Any) -> Any:
    """Open a chat that is not wanted yet."""
    site = CXone.local(center.url, 1386, f"chat_{way}")
    return getattr(deskline, runtime).open_chat(site, policy=policy(way), connect=False, **options)


async def log_in(chat: Chat, center: RunningCenter, way: str) -> None:
    """Log a customer in elsewhere, and tell the chat, where the way has such a thing."""
    kind = WAYS[way][2]
    if kind is not None:
        issued = center.control.do(IssueLogin(channel=f"chat_{way}", customer="kit", verifier="v8c1", kind=kind))
        if kind == "code":
            await chat.authenticate(issued["code"], "v8c1")
        else:
            await chat.authenticate(token=issued["token"])


async def says(chat: Chat, text: str) -> None:
    """Send a message, which has to arrive."""
    thread = await chat.thread()
    assert await (await thread.send(text)).settled() is MessageStatus.DELIVERED


async def visit(runtime: str, center: RunningCenter, way: str) -> None:
    """Open, talk, outlive the tokens, lose the socket, come back, and be the same customer in the next run."""
    store = MemoryStore()
    async with opened(runtime, center, way, store=store) as chat:
        await log_in(chat, center, way)
        await chat.connect()
        await chat.ready()
        events = chat.events()
        await says(chat, "one")
        async for event in events:
            assert not isinstance(event, ReauthenticationNeeded)
            if isinstance(event, MessageReceived):
                break
        await says(chat, "two")  # with another access token, where it takes one
        back = chat.wait_for(ChatStateChanged, lambda event: event.state is ChatState.READY)
        center.control.do(DropSockets(channel=f"chat_{way}"))
        await back  # with another transaction token, where it takes one
        await says(chat, "three")
        thread = (await chat.thread()).id
    async with opened(runtime, center, way, store=store) as chat:
        await chat.connect()
        again = await chat.thread()
        assert again.id == thread
        assert [m.text for m in again.messages if m.party.role == "customer"] == ["one", "two", "three"]


@BOTH
def test_every_way_with_tokens_that_end_amid_the_chat(runtime: str) -> None:
    with serve(channels=[channel(way) for way in WAYS], scripts=[SLOW]) as center:
        run_all(runtime, [partial(visit, runtime, center, way) for way in WAYS])


async def asked_again(runtime: str, center: RunningCenter, way: str) -> None:
    """Be asked for a login at first, and again when nothing can be renewed; each time the answer goes on."""
    async with opened(runtime, center, way) as chat:
        asked = chat.wait_for(ReauthenticationNeeded)
        await chat.connect()
        await asked
        with pytest.raises(AuthorizationFailed):
            await chat.ready()
        await log_in(chat, center, way)
        await chat.ready()
        await says(chat, "one")
        asked = chat.wait_for(ReauthenticationNeeded)
        center.control.do(ExpireTokens(channel=f"chat_{way}"))
        await asked
        await log_in(chat, center, way)
        await chat.ready()
        await says(chat, "again")
        await chat.sign_out()
        assert chat.state is ChatState.INITIAL


@BOTH
def test_who_has_to_log_in_is_asked_by_an_event_and_answers_by_a_call(runtime: str) -> None:
    ways = [way for way, (_, _, kind) in WAYS.items() if kind is not None]
    with serve(channels=[channel(way) for way in ways], scripts=[SLOW]) as center:
        run_all(runtime, [partial(asked_again, runtime, center, way) for way in ways])


async def refused(runtime: str, center: RunningCenter) -> None:
    """A login that is refused is asked for again; an address that is blocked is told as such."""
    async with opened(runtime, center, "code-secured") as chat:
        asked = chat.wait_for(ReauthenticationNeeded)
        await chat.authenticate("ac.guessed", "v8c1")
        await chat.connect()
        assert "401" in (await asked).cause
        await log_in(chat, center, "code-secured")
        await chat.ready()
    center.control.do(Fail(match="rest:token", status=403, code="ip_blocked", message="not from there"))
    async with opened(runtime, center, "anonymous-secured") as chat:
        await chat.connect()
        with pytest.raises(AddressBlocked, match="not from there"):
            await chat.ready()


@BOTH
def test_what_is_refused(runtime: str) -> None:
    with serve(channels=[channel("code-secured"), channel("anonymous-secured")], scripts=[SLOW]) as center:
        run_all(runtime, [partial(refused, runtime, center)])
