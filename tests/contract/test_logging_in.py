"""Customers who log in: the app is asked by an event and answers by a call, at once or amid the chat."""

from typing import Any

import pytest

from deskline import AuthorizationFailed, InvalidValue, MessageStatus, NotSupported, ReauthenticationNeeded
from deskline.chat import Chat
from deskline_center.controls import DropSockets, ExpireTokens, Fail, IssueLogin
from deskline_center.cxone import CXoneChannel, channel_id
from deskline_core.errors import AddressBlocked
from tests.contract.far_side import Desk, desk
from tests.contract.kits import Kit, next_of, on_both

STYLES: tuple[Any, ...] = ("legacy", "secured")
WAYS: tuple[tuple[Any, Any], ...] = (
    ("legacy", "oauth"), ("secured", "oauth"), ("secured", "cookie"), ("secured", "anonymous"),
)  # fmt: skip
CHANNELS = tuple(
    CXoneChannel(id=channel_id("single", style, way), session=style, authentication=way, logins="issued",
                 message_proof="required", access_token_lifetime=100, token_lifetime=60)
    for style, way in WAYS
)  # fmt: skip


def site_of(d: Desk, style: Any, way: Any = "oauth") -> Any:
    return type(d.site()).local("http://127.0.0.1", 1386, channel_id("single", style, way))


def login(d: Desk, style: Any) -> str:
    code: str = d.do(IssueLogin(channel=channel_id("single", style, "oauth"), customer="kit", verifier="v"))["code"]
    return code


async def says(chat: Chat, text: str) -> MessageStatus:
    thread = await chat.thread()
    return await (await thread.send(text)).settled()


@on_both
async def test_a_login_before_the_chat_connects(kit: Kit) -> None:
    for style in STYLES:
        async with desk(kit, channels=CHANNELS) as d, d.open(site=site_of(d, style), connect=False) as chat:
            await chat.authenticate(login(d, style), "v")
            await chat.connect()
            await chat.ready()
            assert await says(chat, "hello") is MessageStatus.DELIVERED


@on_both
async def test_the_app_is_asked_and_its_answer_goes_on(kit: Kit) -> None:
    for style in STYLES:
        async with desk(kit, channels=CHANNELS) as d, d.open(site=site_of(d, style), connect=False) as chat:
            events = chat.events()
            await chat.connect()
            await next_of(events, ReauthenticationNeeded)
            with pytest.raises(AuthorizationFailed):
                await chat.ready()
            await chat.authenticate(login(d, style), "v")
            await chat.ready()
            assert await says(chat, "hello") is MessageStatus.DELIVERED


@on_both
async def test_tokens_that_cannot_be_renewed_amid_the_chat(kit: Kit) -> None:
    for style in STYLES:
        async with desk(kit, channels=CHANNELS) as d, d.open(site=site_of(d, style), connect=False) as chat:
            await chat.authenticate(login(d, style), "v")
            await chat.connect()
            await chat.ready()
            assert await says(chat, "hello") is MessageStatus.DELIVERED
            events = chat.events()
            d.do(ExpireTokens())
            await kit.sleep(80)
            asked = await next_of(events, ReauthenticationNeeded)
            assert asked.cause
            await chat.authenticate(code=login(d, style), verifier="v")
            await chat.ready()
            assert await says(chat, "me again") is MessageStatus.DELIVERED


@on_both
async def test_tokens_are_renewed_while_nobody_looks(kit: Kit) -> None:
    for style in STYLES:
        async with desk(kit, channels=CHANNELS) as d, d.open(site=site_of(d, style), connect=False) as chat:
            await chat.authenticate(login(d, style), "v")
            await chat.connect()
            await chat.ready()
            for text in ("one", "two", "three"):
                await kit.sleep(95)
                assert await says(chat, text) is MessageStatus.DELIVERED
            d.do(DropSockets())
            await kit.sleep(20)
            assert await says(chat, "four") is MessageStatus.DELIVERED


@on_both
async def test_the_identity_of_a_cookie_outlives_the_run(kit: Kit) -> None:
    async with desk(kit, channels=CHANNELS) as d:
        store, threads = d.memory_store(), []
        for _ in range(2):
            async with d.open(site=site_of(d, "secured", "cookie"), store=store) as chat:
                thread = await chat.thread()
                await (await thread.send("hello")).settled()
                threads.append(thread.id)
            await kit.sleep(100)
        assert threads[0] == threads[1]


@on_both
async def test_a_blocked_address_is_an_error_of_its_own(kit: Kit) -> None:
    async with desk(kit, channels=CHANNELS) as d:
        d.do(Fail(match="rest:token", status=403, code="ip_blocked", message="not from there"))
        async with d.open(site=site_of(d, "secured", "anonymous")) as chat:
            with pytest.raises(AddressBlocked, match="not from there"):
                await chat.ready()
            await chat.connect()
            await chat.ready()


@on_both
async def test_what_is_no_login_is_refused(kit: Kit) -> None:
    async with desk(kit, channels=CHANNELS) as d:
        async with d.open(site=site_of(d, "secured"), connect=False) as chat:
            with pytest.raises(InvalidValue):
                await chat.authenticate()
            with pytest.raises(InvalidValue):
                await chat.authenticate("code", token="token")
        async with d.open(site=site_of(d, "secured", "anonymous")) as chat:
            await chat.ready()
            with pytest.raises(NotSupported):
                await chat.authenticate("code")


@on_both
async def test_a_device_for_pushes(kit: Kit) -> None:
    async with desk(kit, channels=CHANNELS) as d:
        store = d.memory_store()
        async with d.open(site=site_of(d, "secured", "anonymous"), store=store) as chat:
            await chat.ready()
            await chat.register_device("device-0123456789")
        async with d.open(site=site_of(d, "secured", "anonymous"), store=store, connect=False) as chat:
            await chat.prepare()
            await chat.register_device("")
