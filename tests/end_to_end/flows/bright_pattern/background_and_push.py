"""Out of sight, pushes, and back in sight (Bright Pattern reference, section 12 and flow F3)."""

from functools import partial

from deskline import (
    ErrorReceived,
    InvalidValue,
    MessageReceived,
    NotSupported,
    PushNetwork,
    ThreadEnded,
)
from deskline_center.brightpattern.controls import EndSession
from deskline_center.controls import AgentSays, AgentTypes, Fail, WarnInactive
from tests.end_to_end.flows.bright_pattern.beginnings import heard, said, served
from tests.end_to_end.flows.places import V1, V2, both, of
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("bright pattern background and push", on=(V2,))
TOKEN = "af" * 32


@FLOW.scenario(
    on=of("history of messages alone", "lost events come again"),
    steps=("F3 1", "F3 2", "F3 3", "F3 4"),
    drawn=True,
)
async def a_push_tells_of_a_message(play: Play) -> None:
    """The app goes out of sight and polls no more; a push names the chat, and what was said comes by its history."""
    async with served(play) as (chat, thread):
        await chat.register_device(TOKEN, network=PushNetwork.APNS, app="example.shop")
        await play.until(lambda _: play.far_chat()["subscription"])
        await chat.enter_background()
        await play.becomes("prepared")
        await play.until(lambda _: not play.far_chat()["polling"])
        play.do(AgentSays(text="It left on Tuesday"))
        (push,) = play.far_chat()["pushed"]
        assert await chat.note_push(push["chatID"])
        assert (await play.hears(MessageReceived)).text == "It left on Tuesday"
        await chat.enter_active()
        await play.becomes("ready")
        await play.says(thread, "Thank you")
        assert said(thread)[-2:] == ["It left on Tuesday", "Thank you"]


@FLOW.scenario(on=both("lost events come again", "a break goes unnoticed"), steps=("F3 2", "F3 4"), drawn=True)
async def back_in_sight(play: Play) -> None:
    """Without pushes it is polled slowly out of sight; back in sight, nothing is missing and nothing comes twice."""
    async with served(play) as (chat, thread):
        await chat.enter_background()
        await play.becomes("prepared")
        for text in ("It left", "on Tuesday"):
            play.do(AgentSays(text=text))
        await chat.enter_active()
        await play.becomes("ready")
        await play.until(lambda _: said(thread)[-2:] == ["It left", "on Tuesday"])
        await play.says(thread, "Thank you")
        assert len(set(said(thread))) == len(said(thread))


@FLOW.scenario(policy={"background_poll": 20.0}, short={"background_poll": 0.2})
async def what_is_said_out_of_sight(play: Play) -> None:
    """Out of sight the chat is still polled now and then, so that the far side does not give it up."""
    async with served(play) as (chat, _):
        await chat.enter_background()
        await play.until(lambda _: not play.far_chat()["polling"])
        play.do(AgentSays(text="It left on Tuesday"))
        assert (await play.hears(MessageReceived)).text == "It left on Tuesday"
        assert play.far_chat()["receipts"].count("read") == 0


@FLOW.scenario()
async def what_is_written_out_of_sight(play: Play) -> None:
    """A message that is sent out of sight waits in the outbox, and goes when the app is back."""
    async with served(play) as (chat, thread):
        await chat.enter_background()
        message = await thread.send("And order 4712?")
        assert message.status == "queued"
        await chat.enter_active()
        await play.arrives(message)
        assert heard(play) == ["Where is order 4711?", "And order 4712?"]


@FLOW.scenario(steps=("F3 3",))
async def what_is_pushed(play: Play) -> None:
    """Pushes come for messages and for warnings, not for typing; each names the chat."""
    async with served(play) as (chat, thread):
        await chat.register_device(TOKEN, network=PushNetwork.FIREBASE_ANDROID)
        await play.until(lambda _: play.far_chat()["subscription"])
        await chat.enter_background()
        await play.until(lambda _: not play.far_chat()["polling"])
        play.do(AgentTypes())
        play.do(AgentSays(text="Are you there?"))
        play.do(WarnInactive(seconds=60))
        pushes = play.far_chat()["pushed"]
        assert len(pushes) == 2
        assert {push.get("chatID", push.get("data", {}).get("chatID")) for push in pushes} == {thread.id}


# --- what goes wrong ---


@FLOW.scenario("F3 5 died", on=both("history after the end"), drawn=True)
async def it_died_out_of_sight(play: Play) -> None:
    """The session was given up while the app was out of sight: back in sight, it has ended; a new one can begin."""
    async with served(play) as (chat, thread):
        await chat.enter_background()
        await play.until(lambda _: not play.far_chat()["polling"])
        play.do(EndSession(how="timeout"))
        await chat.enter_active()
        ended = await play.hears(ThreadEnded)
        assert ended.reason in ("lost", "inactivity")
        again = await chat.thread()
        assert again.id != thread.id


@FLOW.scenario("F3 1E not configured", settings={"push_kinds": ()}, drawn=True)
async def pushes_are_not_configured(play: Play) -> None:
    """The entry has no pushes of this kind: the app is told, once, and the chat goes on without them."""
    async with served(play) as (chat, thread):
        await chat.register_device(TOKEN, network=PushNetwork.APNS, app="example.shop")
        assert (await play.hears(ErrorReceived)).code == "5603"
        await chat.enter_background()
        await chat.enter_active()
        await play.says(thread, "Thank you")


@FLOW.scenario("F3 1E not configured", settings={"push_kinds": ()})
async def an_incomplete_device(play: Play) -> None:
    """A token without its network, or without the app's id where that is needed, is refused at once."""
    async with play.chat() as chat:
        with play.refused(InvalidValue):
            await chat.register_device(TOKEN)
        with play.refused(InvalidValue):
            await chat.register_device(TOKEN, network=PushNetwork.APNS)


@FLOW.scenario("F3 1E not configured", on=(V1,))
async def an_older_center_has_no_pushes(play: Play) -> None:
    """There are no pushes in the older version, and the app can know before it asks."""
    async with play.chat() as chat:
        await chat.ready()
        assert "RegisterDevice" not in chat.capabilities
        with play.refused(NotSupported):
            await chat.register_device(TOKEN, network=PushNetwork.FIREBASE_IOS)


@FLOW.scenario("F3 1E new token", drawn=True)
async def the_token_changes(play: Play) -> None:
    """A new token is told at once, and the same one is not told again; none at all takes the subscription back."""
    async with served(play) as (chat, _):
        for token in (TOKEN, TOKEN, "be" * 32):
            await chat.register_device(token, network=PushNetwork.FIREBASE_IOS)
            await play.until(partial(_is_told, play, token))
        await chat.register_device("")
        await play.until(lambda _: play.far_chat()["subscription"] == {})


def _is_told(play: Play, token: str, _overview: object) -> bool:
    return bool(play.far_chat()["subscription"] == {"ios_firebase_device_token": token})


@FLOW.scenario("F3 1E new token")
async def the_subscription_fails_at_first(play: Play) -> None:
    """The far side cannot take it now: it is told again."""
    async with served(play) as (chat, _):
        play.do(Fail(match="notifications", status=503, times=2))
        await chat.register_device(TOKEN, network=PushNetwork.FIREBASE_IOS)
        await play.until(lambda _: play.far_chat()["subscription"])


@FLOW.scenario("F3 3E unknown chat")
async def a_push_for_somebody_else(play: Play) -> None:
    """A push that names another chat is not ours while one is alive; nothing follows from it."""
    async with served(play) as (chat, thread):
        assert not await chat.note_push("d3a1f000-0000-4000-8000-000000000000")
        await play.says(thread, "Thank you")
        assert chat.threads[-1].id == thread.id


@FLOW.scenario("F3 3E unknown chat", drawn=True)
async def a_push_for_a_chat_that_is_gone(play: Play) -> None:
    """Without a chat, a push may tell of one: it is looked for, and where there is none, nothing is shown."""
    async with play.ready() as chat:
        assert await chat.note_push("d3a1f000-0000-4000-8000-000000000000")
        await play.becomes("ready")
        assert chat.threads == ()
        await play.says(await chat.thread(), "Hello")
