"""Every event of Bright Pattern's wire over real sockets, on both runtimes, and what becomes of it on the other side.

Each name of the reference's sections 6 and 7 is a scenario with a chat of its own; they run beside each other.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache, partial
from typing import Any, TypeVar, get_args

import pytest
import trio

import deskline
from deskline import (
    BrightPattern,
    CaseChanged,
    Chat,
    DepartmentNamed,
    EndReason,
    FormClosed,
    FormRequested,
    InactivityCleared,
    InactivityWarned,
    MessageDeleted,
    MessageReceived,
    MessageStatus,
    MessageStatusChanged,
    MessageUpdated,
    PartyJoined,
    PartyLeft,
    Policy,
    QueuePositionChanged,
    SignalKind,
    SignalReceived,
    Stage,
    StageChanged,
    Thread,
    ThreadEnded,
    ThreadState,
    TypingStarted,
    TypingStopped,
    UnknownReceived,
    Upload,
)
from deskline.center import RunningCenter, serve
from deskline_center.brightpattern import APP_ID, BrightPatternChannel
from deskline_center.brightpattern import controls as k
from deskline_center.controls import (
    AgentJoins,
    AgentReads,
    AgentRewrites,
    AgentSays,
    AgentTypes,
    CloseContact,
    Control,
    WarnInactive,
)
from deskline_core.brightpattern import wire
from tests.end_to_end.beside import LONGEST, PATIENT, run_all

E = TypeVar("E")
PICTURE = Upload(name="mug.png", content=bytes(range(256)) * 512, mime_type="image/png")
LABEL = {"friendlyName": "label.txt", "mimeType": "text/plain", "content": "VG86IEtpdA=="}


class Talk:
    """A customer and an agent talk, over real sockets."""

    def __init__(self, runtime: str, center: RunningCenter, chat: Chat, thread: Thread) -> None:
        self.center = center
        self.chat = chat
        self.thread = thread
        self.events = chat.events()
        self._sleep = trio.sleep if runtime == "trio" else asyncio.sleep

    def do(self, control: Callable[..., Control], **fields: Any) -> dict[str, Any]:
        """Let the other side do something in this conversation."""
        return self.center.control.do(control(thread=self.thread.id, **fields))

    def sends(self, event: str, **fields: Any) -> None:
        """Let the next poll bring an event as it is."""
        self.do(k.SendEvents, events=({"event": event, **fields},))

    async def hears(self, kind: type[E], where: Callable[[E], bool] = lambda _event: True) -> E:
        """Wait for an event, passing over the others."""
        async for event in self.events:
            if isinstance(event, kind) and where(event):
                return event
        raise AssertionError(kind.__name__)

    async def until(self, holds: Callable[[dict[str, Any]], object]) -> None:
        """Wait until the center has come to something: what it knows of the chat, and of its thread."""
        while not holds(self.far()):
            await self._sleep(0.005)

    def far(self) -> dict[str, Any]:
        """Return what the center knows."""
        overview = self.center.control.overview()
        (chat,) = (each for each in overview["chats"] if each["chat"] == self.thread.id)
        (thread,) = (each for each in overview["threads"] if each["thread"] == self.thread.id)
        found: dict[str, Any] = chat | thread
        return found

    async def says(self, text: str, **rest: Any) -> str:
        """Send a message, and see that it is taken; return its id."""
        message = await self.thread.send(text, **rest)
        assert await message.settled() in (MessageStatus.SENT, MessageStatus.DELIVERED)
        return message.id


Scenario = Callable[[Talk], Awaitable[None]]

# --- from the other side (section 6) ---


async def message(t: Talk) -> None:
    t.do(k.ScenarioSays, content={"msg": "A <b>blue</b> one &amp; a lid<br>?", "msg_text": ""})
    assert (await t.hears(MessageReceived)).text == "A blue one & a lid\n?"


async def message_delivered(t: Talk) -> None:
    id = await t.says("Where is order 4711?")
    told = await t.hears(MessageStatusChanged, lambda event: event.status is MessageStatus.DELIVERED)
    assert told.message == id


async def message_read(t: Talk) -> None:
    id = await t.says("Where is order 4711?")
    t.do(AgentReads)
    assert (await t.hears(MessageStatusChanged, lambda event: event.status is MessageStatus.SEEN)).message == id


async def status(t: Talk) -> None:
    t.do(k.SetStage, stage="queued", ewt="90")
    t.do(k.SetStage, stage="connecting")
    t.sends("chat_session_status", state="queued", ewt="90")
    waiting = await t.hears(QueuePositionChanged, lambda event: event.queue is not None)
    assert waiting.queue is not None
    assert waiting.queue.estimated_wait == 90
    t.do(k.SetStage, stage="completed")
    await t.hears(StageChanged, lambda event: event.stage is Stage.COMPLETED)


async def case_set(t: Talk) -> None:
    t.do(k.SetCase, case="CS-7")
    assert (await t.hears(CaseChanged)).case == t.thread.case == "CS-7"
    t.do(k.SetCase, case="")
    assert (await t.hears(CaseChanged)).case == t.thread.case == ""


async def party_joined(t: Talk) -> None:
    t.do(k.PartyJoins, agent=second(t))
    assert (await t.hears(PartyJoined)).party in t.thread.parties
    assert len(t.thread.parties) == 2


async def party_left(t: Talk) -> None:
    t.do(k.PartyJoins, agent=second(t))
    t.do(k.PartyLeaves, agent=second(t))
    assert (await t.hears(PartyLeft)).party not in t.thread.parties


async def typing(t: Talk) -> None:
    t.do(AgentTypes)
    assert (await t.hears(TypingStarted)).party == t.thread.typing


async def not_typing(t: Talk) -> None:
    t.do(AgentTypes)
    t.do(AgentTypes, typing=False)
    await t.hears(TypingStopped)
    assert t.thread.typing is None


async def location(t: Talk) -> None:
    t.do(k.SendLocation, latitude="52.52", longitude="13.405", url="https://maps.test/?q=1")
    place = (await t.hears(MessageReceived)).message.location
    assert place is not None
    assert (place.latitude, place.longitude, place.url) == (52.52, 13.405, "https://maps.test/?q=1")


async def timeout_warning(t: Talk) -> None:
    t.do(WarnInactive, seconds=3600)
    assert (await t.hears(InactivityWarned)).inactivity.text == "Are you still there?"
    await t.says("Yes.")
    await t.hears(InactivityCleared)


async def inactivity_timeout(t: Talk) -> None:
    t.do(k.EndSession, how="timeout")
    ended = await t.hears(ThreadEnded)
    assert (ended.reason, ended.text) == (EndReason.INACTIVITY, "The chat was closed, since nobody answered.")


async def ended(t: Talk) -> None:
    t.do(CloseContact)
    assert (await t.hears(ThreadEnded)).reason is EndReason.AGENT


async def form_show(t: Talk) -> None:
    id = t.do(k.ShowForm, name="survey_form", seconds=60)["form"]
    form = (await t.hears(FormRequested)).form
    assert (form.id, form.name, form.secure, form.timeout) == (id, "survey_form", False, 60)


async def secure_form_show(t: Talk) -> None:
    t.do(k.ShowForm, name="card_form", secure=True)
    form = (await t.hears(FormRequested)).form
    assert (form.name, form.secure) == ("card_form", True)


async def secure_form_cancel(t: Talk) -> None:
    t.do(k.ShowForm, name="card_form", secure=True)
    asked = await t.hears(FormRequested)
    t.do(k.CancelForm)
    assert (await t.hears(FormClosed)).form == asked.form.id


async def file(t: Talk) -> None:
    t.do(AgentSays, text="", attachments=(LABEL,))
    shown = (await t.hears(MessageReceived)).message
    assert shown.attachments[0].name == "label.txt"
    assert (await t.thread.download(shown)).content == b"To: Kit"


async def file_url(t: Talk) -> None:
    t.sends("chat_session_file_url", party_id="P", file_url="https://cdn.test/a/b.png", file_type="image")
    (shown,) = (await t.hears(MessageReceived)).message.attachments
    assert (shown.name, shown.url) == ("b.png", "https://cdn.test/a/b.png")


async def signaling(t: Talk) -> None:
    t.do(k.SendSignal, data={"type": "OFFER_CALL", "sdp": "v=0"})
    heard = await t.hears(SignalReceived)
    assert (heard.kind, heard.data, heard.party) == (
        SignalKind.CALL, '{"type":"OFFER_CALL","sdp":"v=0"}', t.thread.agent,
    )  # fmt: skip


async def cobrowsing_requested(t: Talk) -> None:
    t.do(k.RequestCobrowsing)
    assert (await t.hears(SignalReceived)).kind is SignalKind.COBROWSING_REQUESTED


async def _browses(t: Talk, name: str, kind: SignalKind) -> None:
    t.sends(f"chat_session_{name}", provider_type="SURFLY", cobrowsing_url="https://surf.test/1")
    assert (await t.hears(SignalReceived)).kind is kind


cobrowsing_rejected = partial(_browses, name="cobrowsing_rejected", kind=SignalKind.COBROWSING_REJECTED)
cobrowsing_started = partial(_browses, name="cobrowsing_started", kind=SignalKind.COBROWSING_STARTED)
cobrowsing_ended = partial(_browses, name="cobrowsing_ended", kind=SignalKind.COBROWSING_ENDED)


async def info(t: Talk) -> None:
    t.do(k.SendInfo, service="Sales")
    assert (await t.hears(DepartmentNamed)).name == "Sales"


async def message_edit(t: Talk) -> None:
    t.do(AgentSays, text="On Tuesday.")
    id = (await t.hears(MessageReceived)).message.id
    t.do(AgentRewrites, text="On Wednesday.")
    edited = (await t.hears(MessageUpdated)).message
    assert (edited.id, edited.text) == (id, "On Wednesday.")


async def message_delete(t: Talk) -> None:
    t.do(AgentSays, text="Never mind.")
    id = (await t.hears(MessageReceived)).message.id
    t.do(k.DeleteMessage)
    assert (await t.hears(MessageDeleted)).message == id
    assert id not in [each.id for each in t.thread.messages]


async def unknown(t: Talk) -> None:
    """One that nobody knows stands between two that are known, and costs neither of them."""
    first, last = ({"event": "chat_session_message", "party_id": "P", "msg_id": n, "msg": n} for n in ("n1", "n2"))
    t.do(k.SendEvents, events=(first, {"event": "chat_session_confetti", "colour": "red"}, last))
    assert (await t.hears(MessageReceived)).text == "n1"
    told = await t.hears(UnknownReceived)
    assert told.kind == "chat_session_confetti"
    assert '"colour":"red"' in told.source.replace(" ", "")
    assert (await t.hears(MessageReceived)).text == "n2"


# --- from the customer (section 7) ---


async def sends_message(t: Talk) -> None:
    id = await t.says("1 < 2\nand so on")
    (stored,) = (each for each in t.far()["messages"] if each["message"] == id)
    assert (stored["content"]["msg"], stored["content"]["msg_text"]) == ("1 &lt; 2<br>and so on", "1 < 2\nand so on")


async def sends_message_delivered(t: Talk) -> None:
    t.do(AgentSays, text="Good morning")
    await t.until(lambda far: any(each.startswith("delivered ") for each in far["receipts"]))


async def sends_message_read(t: Talk) -> None:
    t.do(AgentSays, text="Good morning")
    await t.hears(MessageReceived)
    await t.thread.mark_read()
    await t.until(lambda far: any(each.startswith("read ") for each in far["receipts"]))


async def sends_typing(t: Talk) -> None:
    await t.thread.preview("Where is")
    await t.until(lambda far: far["typing"] and far["preview"] == "Where is")


async def sends_not_typing(t: Talk) -> None:
    await t.thread.start_typing()
    await t.until(lambda far: far["typing"])
    await t.thread.stop_typing()
    await t.until(lambda far: not far["typing"])


async def sends_form_data(t: Talk) -> None:
    t.do(k.ShowForm, name="survey_form")
    await t.thread.submit_form((await t.hears(FormRequested)).form, {"service": "1"})
    await t.until(lambda far: far["answers"][-1:] and far["answers"][-1]["data"] == {"service": "1"})
    await t.hears(FormClosed)


async def sends_form_data_cancel(t: Talk) -> None:
    t.do(k.ShowForm, name="survey_form")
    await t.thread.cancel_form((await t.hears(FormRequested)).form)
    await t.until(lambda far: far["answers"] and far["answers"][-1]["cancelled"])


async def sends_secure_form_data(t: Talk) -> None:
    t.do(k.ShowForm, name="card_form", secure=True)
    await t.thread.submit_form((await t.hears(FormRequested)).form, {"number": "4711"})
    await t.until(lambda far: far["answers"] and far["answers"][-1]["data"] == {"number": "4711"})


async def sends_secure_form_cancel(t: Talk) -> None:
    t.do(k.ShowForm, name="card_form", secure=True)
    await t.thread.cancel_form((await t.hears(FormRequested)).form)
    await t.until(lambda far: far["answers"] and far["answers"][-1]["cancelled"] and not far["forms"])


async def sends_disconnect(t: Talk) -> None:
    await t.thread.wrap_up()
    await t.hears(PartyLeft)
    assert (await t.hears(FormRequested)).form.name == "survey_form"
    assert t.thread.state is ThreadState.OPEN


async def sends_end(t: Talk) -> None:
    await t.thread.end()
    assert (await t.hears(ThreadEnded)).reason is EndReason.CUSTOMER
    assert t.far()["over"]


async def sends_file(t: Talk) -> None:
    id = await t.says("", attachments=[PICTURE])
    (stored,) = (each["content"] for each in t.far()["messages"] if each["message"] == id)
    assert (stored["event"], stored["file_type"], stored["file_name"]) == ("chat_session_file", "image", "mug.png")
    assert (await t.thread.download(id)).content == PICTURE.content


async def sends_location(t: Talk) -> None:
    await (await t.thread.send_location(52.52, 13.405, "https://maps.test/?q=1")).settled()
    stored = t.far()["messages"][-1]["content"]
    assert (stored["latitude"], stored["longitude"], stored["url"]) == ("52.52", "13.405", "https://maps.test/?q=1")


async def sends_navigation(t: Talk) -> None:
    await t.chat.view_page("Prices", "https://shop.test/prices")
    await t.until(lambda far: [each.get("page") for each in far["other"]] == ["https://shop.test/prices"])


async def sends_signaling(t: Talk) -> None:
    agent = t.thread.agent
    assert agent is not None
    await t.thread.send_signal(SignalKind.CALL, '{"type":"REQUEST_CALL","offerVideo":true}', party=agent)
    (signal,) = t.far()["signals"]
    assert (signal["destination_party_id"], signal["data"]["type"]) == (agent.id, "REQUEST_CALL")


async def _sends_browsing(t: Talk, name: str, kind: SignalKind) -> None:
    await t.thread.send_signal(kind, '{"provider_type":"SURFLY"}')
    assert [each["event"] for each in t.far()["other"]] == [f"chat_session_{name}"]


sends_cobrowsing_rejected = partial(_sends_browsing, name="cobrowsing_rejected", kind=SignalKind.COBROWSING_REJECTED)
sends_cobrowsing_started = partial(_sends_browsing, name="cobrowsing_started", kind=SignalKind.COBROWSING_STARTED)
sends_cobrowsing_ended = partial(_sends_browsing, name="cobrowsing_ended", kind=SignalKind.COBROWSING_ENDED)


def second(t: Talk) -> int:
    """Return an agent of the center who has nothing to do with the conversation yet."""
    return int(t.center.control.overview()["agents"][1]["id"])


SEED: dict[str, Scenario] = {
    "chat_session_message": message,
    "chat_session_message_delivered": message_delivered,
    "chat_session_message_read": message_read,
    "chat_session_status": status,
    "chat_session_case_set": case_set,
    "chat_session_party_joined": party_joined,
    "chat_session_party_left": party_left,
    "chat_session_typing": typing,
    "chat_session_not_typing": not_typing,
    "chat_session_location": location,
    "chat_session_timeout_warning": timeout_warning,
    "chat_session_inactivity_timeout": inactivity_timeout,
    "chat_session_ended": ended,
    "chat_session_disconnect": sends_disconnect,
    "chat_session_end": sends_end,
}
"""The names of section 6.22."""
FROM_CENTER: dict[str, Scenario] = {
    "chat_session_form_show": form_show,
    "chat_session_secure_form_show": secure_form_show,
    "chat_session_secure_form_cancel": secure_form_cancel,
    "chat_session_file": file,
    "chat_session_file_url": file_url,
    "chat_session_signaling": signaling,
    "chat_session_cobrowsing_requested": cobrowsing_requested,
    "chat_session_cobrowsing_rejected": cobrowsing_rejected,
    "chat_session_cobrowsing_started": cobrowsing_started,
    "chat_session_cobrowsing_ended": cobrowsing_ended,
    "chat_session_info": info,
    "chat_session_message_edit": message_edit,
    "chat_session_message_delete": message_delete,
    "chat_session_confetti": unknown,
}
FROM_CUSTOMER: dict[str, Scenario] = {
    "chat_session_message": sends_message,
    "chat_session_message_delivered": sends_message_delivered,
    "chat_session_message_read": sends_message_read,
    "chat_session_typing": sends_typing,
    "chat_session_not_typing": sends_not_typing,
    "chat_session_form_data": sends_form_data,
    "chat_form_data_cancel": sends_form_data_cancel,
    "chat_session_secure_form_data": sends_secure_form_data,
    "chat_session_secure_form_cancel": sends_secure_form_cancel,
    "chat_session_file": sends_file,
    "chat_session_location": sends_location,
    "chat_session_navigation": sends_navigation,
    "chat_session_signaling": sends_signaling,
    "chat_session_cobrowsing_rejected": sends_cobrowsing_rejected,
    "chat_session_cobrowsing_started": sends_cobrowsing_started,
    "chat_session_cobrowsing_ended": sends_cobrowsing_ended,
}
ALL: dict[str, Scenario] = {
    **SEED,
    **{f"from center: {name}": scenario for name, scenario in FROM_CENTER.items()},
    **{f"from customer: {name}": scenario for name, scenario in FROM_CUSTOMER.items()},
}


def test_every_name_has_its_scenario() -> None:
    assert len(SEED) == 15
    kinds = {str(kind.__struct_config__.tag) for kind in get_args(wire.KnownEvent)} - {"chat_session_cobrowsing"}
    assert kinds <= {*SEED, *FROM_CENTER, *FROM_CUSTOMER}


@cache
def outcomes(runtime: str) -> dict[str, BaseException | None]:
    """Play all scenarios beside each other, and return what went wrong in each."""
    found: dict[str, BaseException | None] = {}

    async def play(center: RunningCenter, name: str) -> None:
        try:
            await _in_time(runtime, partial(_play, runtime, center, ALL[name]))
        except Exception as error:  # noqa: BLE001 - the test of this name raises it
            found[name] = error
        else:
            found[name] = None

    channel = BrightPatternChannel(id=APP_ID, greeting="", hold=0.2, inactivity=None)
    with serve(channels=(channel,)) as center:
        run_all(runtime, [partial(play, center, name) for name in ALL])
        for _ in range(10_000):  # each question gives the center's loop a turn, in which it sees who went
            if not any(chat["polling"] for chat in center.control.overview()["chats"]):
                break
        else:
            pytest.fail("a poll was left open")
    return found


async def _play(runtime: str, center: RunningCenter, scenario: Scenario) -> None:
    site = BrightPattern(url=center.url, app_id=APP_ID)
    async with getattr(deskline, runtime).open_chat(site, policy=Policy(**PATIENT)) as chat:
        talk = Talk(runtime, center, chat, await chat.thread())
        talk.do(AgentJoins)
        await talk.hears(StageChanged, lambda event: event.stage is Stage.CONNECTED)
        await scenario(talk)


async def _in_time(runtime: str, run: Callable[[], Awaitable[None]]) -> None:
    if runtime == "trio":
        with trio.fail_after(LONGEST):
            await run()
    else:
        async with asyncio.timeout(LONGEST):
            await run()


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("runtime", ["trio", "asyncio"])
def test_an_event_arrives(runtime: str, name: str) -> None:
    if (error := outcomes(runtime)[name]) is not None:
        raise error
