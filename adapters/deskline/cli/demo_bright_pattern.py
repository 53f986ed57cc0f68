"""The demo on Bright Pattern: a scenario, an agent, a lost poll, a survey."""

from typing import Any, Final

from deskline.cli.stage import Play, Stage, has, says, thread_of
from deskline.thread import Thread
from deskline_center import scripts
from deskline_center.brightpattern import APP_ID, BrightPatternChannel
from deskline_center.controls import AgentSays, AgentTypes, Lose, WarnInactive
from deskline_core import events as news
from deskline_core.brightpattern.site import BrightPattern
from deskline_core.lifecycle import ChatState, MessageStatus, ThreadState
from deskline_core.model import PartyRole, Upload
from deskline_core.model import Stage as Serving

__all__ = ["play"]

_MEANWHILE: Final = "While your line was down: it left the harbour this morning."
_PICTURE: Final = Upload(
    name="parcel.png", content=bytes.fromhex("89504e470d0a1a0a") + bytes(64), mime_type="image/png"
)
_GREETING: Final = "Welcome. Someone will be with you in a moment."
_THANKS: Final = "Thank you. Goodbye."
_SCRIPT: Final = scripts.Script(
    name="demo",
    steps=(
        scripts.Wait(seconds=0.6),
        scripts.Join(),
        scripts.Read(),
        scripts.Type(seconds=0.5),
        scripts.Say(text="Hello, what can I do for you?"),
        scripts.Expect(text="4711"),
        scripts.Read(),
        scripts.Type(seconds=0.4),
        scripts.Say(text="One moment, I look it up."),
        scripts.Expect(text="parcel"),
        scripts.Say(text="Thank you for the picture."),
    ),
)


def play() -> Play:
    """Return the demo in a messaging entry of its own."""
    channel = BrightPatternChannel(
        id=APP_ID, mode="live", script=_SCRIPT.name, greeting=_GREETING, ewt=45, thanks=_THANKS
    )
    return Play(
        title="A chat",
        channel=channel,
        script=_SCRIPT,
        site=_site,
        story=_story,
        closed=("no poll is left open", _is_closed),
    )


def _site(url: str) -> BrightPattern:
    return BrightPattern(url=url, app_id=APP_ID)


async def _story(stage: Stage) -> None:
    await _open(stage)
    thread = await stage.do("a thread is started", stage.chat.thread())
    await _greet(stage, thread)
    await _ask(stage, thread)
    await _show(stage, thread)
    await _lose_and_recover(stage, thread)
    await _stay(stage, thread)
    await _wrap_up(stage, thread)


async def _open(stage: Stage) -> None:
    for state in (ChatState.CONNECTING, ChatState.READY):
        await stage.see(f"the chat is {state}", news.ChatStateChanged, has(state=state))
    await stage.do("the site says that it is open", stage.chat.check_availability())


async def _greet(stage: Stage, thread: Thread) -> None:
    await stage.see("the scenario greets", news.MessageReceived, says(_GREETING))
    await stage.see("the wait in the queue is told", news.QueuePositionChanged, _waits)
    await stage.see("an agent joins", news.PartyJoined, lambda event: event.party.role is PartyRole.AGENT)
    await stage.see("the agent serves it", news.StageChanged, has(stage=Serving.CONNECTED))
    await stage.see("the agent types", news.TypingStarted)
    await stage.see("the agent's greeting arrives", news.MessageReceived, says("Hello"))
    await stage.check("the thread is open", lambda: thread.state is ThreadState.OPEN)


async def _ask(stage: Stage, thread: Thread) -> None:
    await stage.do("the customer types", thread.start_typing())
    await stage.agrees("the agent sees that", lambda center: bool(thread_of(center, thread)["typing"]))
    question = await stage.do("the customer asks", thread.send("Where is order 4711?"))
    await stage.do("the question is delivered", question.settled())
    await stage.see(
        "the agent reads it", news.MessageStatusChanged, has(message=question.id, status=MessageStatus.SEEN)
    )
    await stage.see("the agent answers", news.MessageReceived, says("One moment"))
    await stage.do("the customer reads the answer", thread.mark_read())
    await stage.agrees("the center knows that", lambda center: _is_read(center, thread, "One moment"))


async def _show(stage: Stage, thread: Thread) -> None:
    sent = await stage.do("the customer sends a picture", thread.send("This is my parcel.", attachments=[_PICTURE]))
    await stage.see("it is uploaded", news.UploadProgressed, lambda event: event.sent == event.total)
    await stage.do("it is delivered", sent.settled())
    await stage.see("the agent thanks for it", news.MessageReceived, says("picture"))


async def _lose_and_recover(stage: Stage, thread: Thread) -> None:
    await stage.operate(Lose(match="poll"))
    await stage.operate(AgentTypes(typing=True))
    await stage.see("the agent types again", news.TypingStarted)
    await stage.operate(AgentSays(text=_MEANWHILE))
    await stage.see("what was said meanwhile is recovered", news.MessageReceived, says(_MEANWHILE))
    await stage.check("nothing is lost or doubled", lambda: _is_whole(thread))


async def _stay(stage: Stage, thread: Thread) -> None:
    await stage.operate(WarnInactive(seconds=60))
    await stage.see("the customer is warned", news.InactivityWarned)
    await stage.do("the customer stays", thread.stay())
    await stage.see("the warning is gone", news.InactivityCleared)
    await stage.agrees("the center knows", lambda center: not thread_of(center, thread)["contacts"][-1]["waiting"])


async def _wrap_up(stage: Stage, thread: Thread) -> None:
    await stage.do("the customer has no more questions", thread.wrap_up())
    await stage.see("the agent leaves", news.PartyLeft)
    asked = await stage.see("a survey is asked for", news.FormRequested)
    answers = {"service": "1", "helpful": "8", "recommend": "10"}
    await stage.do("the customer answers it", thread.submit_form(asked.form, answers))
    await stage.agrees("the center has the answers", lambda center: _has_answers(center, thread, answers))
    await stage.see("the scenario says goodbye", news.MessageReceived, says(_THANKS))
    await stage.see("the chat has ended", news.ThreadEnded)


# --- what a step looks for ---


def _waits(event: news.QueuePositionChanged) -> bool:
    return event.queue is not None and event.queue.estimated_wait is not None


def _is_whole(thread: Thread) -> bool:
    texts = [message.text for message in thread.messages]
    return len(texts) == len(set(texts)) and _MEANWHILE in texts


def _is_read(center: dict[str, Any], thread: Thread, text: str) -> bool:
    messages = thread_of(center, thread)["messages"]
    return any(message["seen"] and text in message["content"].get("msg", "") for message in messages)


def _is_closed(center: dict[str, Any]) -> bool:
    return not any(chat["polling"] for chat in center["chats"])


def _has_answers(center: dict[str, Any], thread: Thread, answers: dict[str, str]) -> bool:
    chat = next(chat for chat in center["chats"] if chat["chat"] == thread.id)
    return any(answer.get("data") == answers for answer in chat["answers"])
