"""What stands beside a conversation: messages for nobody, previews, group conversations, the menu."""

import pytest

from deskline import (
    ChatOffline,
    ChatState,
    ChatStateChanged,
    ConnectionLost,
    IllegalState,
    InvalidValue,
    MessageReceived,
    MessageStatus,
    NotSupported,
    ParticipantsChanged,
    PartyRole,
    RemoteError,
    ThreadState,
    ThreadStateChanged,
)
from deskline_center.controls import AgentJoins, AgentSays, Availability, Fail, Lose
from deskline_center.cxone import CXoneChannel, channel_id
from tests.contract.far_side import desk
from tests.contract.kits import Kit, next_of, on_both

MAIL = "kit@example.test"


@on_both
async def test_a_message_is_left_while_nobody_is_there(kit: Kit) -> None:
    async with desk(kit) as d:
        d.do(Availability(online=False))
        async with d.open("live") as chat:
            with pytest.raises(ChatOffline):
                await chat.ready()
            events = chat.events()
            await chat.send_offline_message(MAIL, "Please call me.", first_name="Kit", last_name="Marlow")
            assert d.center.overview()["letters"] == [
                {"kind": "offline", "from": MAIL, "name": "Kit Marlow", "text": "Please call me."}
            ]
            assert chat.state is ChatState.OFFLINE
            await kit.settle()
            assert d.center.overview()["sockets"] == []
            with pytest.raises(InvalidValue):
                await chat.send_offline_message("kit", "Please call me.")
            d.do(Availability(online=True))
            await chat.connect()
            await chat.ready()
            assert (await next_of(events, ChatStateChanged)).state is ChatState.CONNECTING  # and nothing before
            await chat.send_offline_message(MAIL, "Are you there?")  # somebody is, and it goes all the same
            assert len(d.center.overview()["letters"]) == 2


@on_both
async def test_a_message_that_could_not_be_left_is_told_and_may_be_left_again(kit: Kit) -> None:
    async with desk(kit) as d:
        d.do(Availability(online=False))
        async with d.open("live") as chat:
            with pytest.raises(ChatOffline):
                await chat.ready()
            d.do(Fail(match="SendOfflineMessage", message="No"))
            with pytest.raises(RemoteError, match="No") as refused:
                await chat.send_offline_message(MAIL, "Please call me.")
            assert refused.value.remote_code == "SendingOfflineMessageFailed"
            d.do(Fail(match="handshake", status=503))
            with pytest.raises(ConnectionLost):
                await chat.send_offline_message(MAIL, "Please call me.")
            d.do(Lose(match="AuthorizeCustomer", done=False))
            async with kit.cancel_after(1):
                await chat.send_offline_message(MAIL, "Never mind.")
            assert chat.state is ChatState.OFFLINE
            await chat.send_offline_message(MAIL, "Please call me.")
            assert [letter["text"] for letter in d.center.overview()["letters"]] == ["Please call me."]


@on_both
async def test_only_a_live_chat_takes_messages_for_nobody(kit: Kit) -> None:
    async with desk(kit) as d, d.ready("multi") as chat:
        assert "SendOfflineMessage" not in chat.capabilities
        with pytest.raises(NotSupported):
            await chat.send_offline_message(MAIL, "Please call me.")


@on_both
async def test_a_guest_is_invited_takes_part_and_leaves(kit: Kit) -> None:
    for mode in ("single", "multi", "live"):
        async with desk(kit) as d, d.ready(mode) as owner, d.ready(mode) as guest:
            mine = await owner.thread()
            await (await mine.send("one")).settled()
            code = await mine.create_invitation()
            await mine.send_invitation(code, ["ana@example.test"])
            letter = d.center.overview()["letters"][-1]
            assert (letter["kind"], letter["to"], letter["code"]) == ("invitation", ["ana@example.test"], code)
            heard, opened = owner.events(), guest.wait_for(ThreadStateChanged, lambda e: e.state is ThreadState.OPEN)
            await guest.join(code)
            await opened
            (theirs,) = guest.threads
            assert (theirs.id, [message.text for message in theirs.messages if message.text]) == (mine.id, ["one"])
            assert [message.party.role for message in theirs.messages] == [PartyRole.GUEST]
            assert len((await next_of(heard, ParticipantsChanged)).participants) == len(mine.participants) > 0
            await (await theirs.send("two")).settled()
            said = await next_of(heard, MessageReceived)
            assert (said.text, said.party.role, said.message.mine) == ("two", PartyRole.GUEST, False)
            d.do(AgentJoins())
            answer = guest.wait_for(MessageReceived)
            d.do(AgentSays(text="hello both"))
            assert (await answer).text == (await next_of(heard, MessageReceived)).text == "hello both"
            await theirs.leave()
            assert theirs.state is ThreadState.ENDED
            with pytest.raises(IllegalState):
                await theirs.send("three")
            assert d.center.overview()["threads"][0]["guests"] == []
            with pytest.raises(RemoteError):
                await guest.join("NOTHING")


@on_both
async def test_the_other_side_sees_what_is_being_written(kit: Kit) -> None:
    async with desk(kit) as d, d.ready("live") as chat:
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        for text in ("T", "Th", "The", "The han"):
            await thread.preview(text)
        await kit.settle()
        assert d.center.overview()["previews"] == {thread.id: "T"}
        await kit.sleep(1.3)
        assert d.center.overview()["previews"] == {thread.id: "The han"}
        await thread.preview("The handle")
        assert await (await thread.send("The handle.")).settled() is MessageStatus.DELIVERED
        await kit.sleep(2)
        assert d.center.overview()["previews"] == {}


@on_both
async def test_the_menu_is_fetched_and_chosen_from(kit: Kit) -> None:
    async with desk(kit) as d, d.open("live", connect=False) as chat:
        with pytest.raises(IllegalState):
            await chat.menu()
        await chat.prepare()
        track, _ = await chat.menu()
        assert (track.text, track.postback) == ("Track my parcel", "menu/track")
        await chat.connect()
        thread = await chat.thread()
        await (await thread.choose(track)).settled()
        assert d.center.overview()["threads"][0]["messages"][-1]["content"]["postback"] == "menu/track"
        d.do(Fail(match="rest:menu", status=404))
        with pytest.raises(RemoteError):
            await chat.menu()


@on_both
async def test_a_channel_may_have_none_of_it(kit: Kit) -> None:
    bare = CXoneChannel(id=channel_id("live", "legacy"), mode="live", group_chat=False, previews=False, menu=())
    async with desk(kit, channels=(bare,)) as d, d.ready("live") as chat:
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        for ask in (chat.menu, thread.create_invitation):
            with pytest.raises(NotSupported):
                await ask()
        with pytest.raises(NotSupported):
            await thread.preview("T")
        with pytest.raises(NotSupported):
            await chat.join("H7")
        assert not {"FetchMenu", "PreviewText", "JoinThread", "CreateInvitation"} & chat.capabilities
