"""One application script, act by act, written against the public face alone: which vendor it meets, it does not know.

What the far side does are controls of the center that mean the same to every vendor.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from deskline import (
    Chat,
    ChatState,
    ChatStateChanged,
    Event,
    Events,
    EventsSkipped,
    InactivityCleared,
    InactivityWarned,
    MessageReceived,
    MessageStatus,
    PartyJoined,
    Thread,
    ThreadEnded,
    ThreadState,
    TypingStarted,
    Upload,
    UploadProgressed,
)
from deskline_center.controls import AgentJoins, AgentReads, AgentSays, AgentTypes, CloseContact, WarnInactive
from tests.contract.far_side import Desk
from tests.contract.kits import ARRIVED, Kit

__all__ = ["ACTS", "Visit", "play"]

PICTURE = Upload(name="parcel.png", content=bytes(range(256)) * 64, mime_type="image/png")
LABEL = {"friendlyName": "label.txt", "mimeType": "text/plain", "content": "VG86IEtpdA=="}


class Visit:
    """A customer's visit: the chat and its threads, what the app was told in each act, and what the center saw."""

    def __init__(self, kit: Kit, desk: Desk, chat: Chat) -> None:
        self.kit = kit
        self.desk = desk
        self.chat = chat
        self.act = ""
        self.threads: list[Thread] = []
        self.told: list[tuple[str, Event]] = []
        self.seen: list[tuple[str, str, object]] = []

    @property
    def thread(self) -> Thread:
        """The conversation of now."""
        return self.threads[-1]

    async def listen(self, events: Events) -> None:
        """Write down all that is told, under the act in which it is."""
        async for event in events:
            assert not isinstance(event, EventsSkipped)
            self.told.append((self.act, event))

    async def says(self, text: str, **rest: Any) -> None:
        """Send a message, and see that it arrives."""
        message = await self.thread.send(text, **rest)
        assert await message.settled() in ARRIVED
        await self.calm()

    async def calm(self) -> None:
        """Let everything happen that is under way."""
        await self.kit.sleep(0.5)

    def far(self) -> dict[str, Any]:
        """Return what the center knows of the conversation."""
        threads = self.desk.center.overview()["threads"]
        found: dict[str, Any] = next(each for each in threads if each["thread"] == self.thread.id)
        return found

    def notes(self, what: str, value: object) -> None:
        """Note something that the center saw, or that the app shows."""
        self.seen.append((self.act, what, value))


# --- the acts ---


async def opens(v: Visit) -> None:
    await v.chat.ready()
    assert v.chat.state is ChatState.READY


async def chats(v: Visit) -> None:
    v.threads.append(await v.chat.thread())
    await v.says("Where is order 4711?")
    joined = v.chat.wait_for(PartyJoined)
    v.desk.do(AgentJoins())
    assert v.thread.agent is None
    assert (await joined).party == v.thread.agent
    await v.calm()
    said = v.chat.wait_for(MessageReceived)
    v.desk.do(AgentSays(text="Good morning. One moment."))
    assert (await said).party == v.thread.agent
    await v.says("Thank you.")


async def both_type(v: Visit) -> None:
    for step in (v.thread.start_typing, v.thread.stop_typing, v.thread.start_typing):
        await step()
        await v.calm()
        v.notes("typing", v.far()["typing"])
    await v.says("It was a mug.")
    v.notes("typing", v.far()["typing"])
    types = v.chat.wait_for(TypingStarted)
    v.desk.do(AgentTypes())
    assert (await types).party == v.thread.typing
    v.desk.do(AgentTypes(typing=False))
    await v.calm()
    assert v.thread.typing is None
    v.desk.do(AgentTypes())
    v.desk.do(AgentSays(text="A blue one?"))
    await v.calm()
    assert v.thread.typing is None


async def both_read(v: Visit) -> None:
    v.desk.do(AgentReads())
    await v.calm()
    await v.thread.mark_read()
    await v.calm()
    v.notes("read", [message["seen"] for message in v.far()["messages"] if message["direction"] == "outbound"])


async def customer_shows(v: Visit) -> None:
    uploaded = v.chat.wait_for(UploadProgressed, lambda event: event.sent == event.total)
    await v.says("", attachments=[PICTURE])
    assert (await uploaded).total == len(PICTURE.content)
    (file,) = v.thread.messages[-1].attachments
    assert (file.name, v.thread.messages[-1].mine) == ("parcel.png", True)


async def agent_shows(v: Visit) -> None:
    shown = v.chat.wait_for(MessageReceived)
    v.desk.do(AgentSays(text="", attachments=(LABEL,)))
    message = (await shown).message
    (file,) = message.attachments
    assert (file.name, message.mine) == ("label.txt", False)
    if "FetchFile" in v.chat.capabilities:
        assert (await v.thread.download(message)).content == b"To: Kit"


async def goes_and_comes_back(v: Visit) -> None:
    await v.chat.enter_background()
    await v.kit.sleep(20)
    waiting = await v.thread.send("Said out of sight.")
    assert waiting.status is MessageStatus.QUEUED
    v.desk.do(AgentSays(text="It left this morning."))
    await v.kit.sleep(3)  # a far side may count in whole seconds
    await v.chat.enter_active()
    await v.chat.ready()
    assert await waiting.settled() in ARRIVED
    await v.calm()
    v.notes("kept", _kept(v))


async def loses_and_returns(v: Visit) -> None:
    lost = v.chat.wait_for(ChatStateChanged, lambda event: event.state is ChatState.CONNECTING)
    v.desk.cut()
    await lost
    waiting = await v.thread.send("Are you there?")
    v.desk.do(AgentSays(text="I am still looking."))
    await v.chat.ready()
    assert await waiting.settled() in ARRIVED
    await v.calm()
    v.notes("kept", _kept(v))


async def is_warned_and_stays(v: Visit) -> None:
    warned = v.chat.wait_for(InactivityWarned)
    v.desk.do(WarnInactive(seconds=60))
    assert (await warned).inactivity == v.thread.inactivity
    cleared = v.chat.wait_for(InactivityCleared)
    await v.thread.stay()
    await cleared
    assert v.thread.inactivity is None
    await v.kit.sleep(70)
    assert v.thread.state is ThreadState.OPEN


async def customer_ends(v: Visit) -> None:
    _is_whole(v)
    ended = v.chat.wait_for(ThreadEnded)
    await v.thread.end()
    assert (await ended).reason is v.thread.reason


async def begins_again(v: Visit) -> None:
    v.threads.append(await v.chat.thread())
    assert len({thread.id for thread in v.threads}) == len(v.threads)
    await v.says("One more thing.")
    v.desk.do(AgentJoins())


async def agent_ends(v: Visit) -> None:
    ended = v.chat.wait_for(ThreadEnded)
    v.desk.do(AgentSays(text="Goodbye."))
    v.desk.do(CloseContact())
    await ended
    _is_whole(v)


async def is_silent_too_long(v: Visit) -> None:
    ended = v.chat.wait_for(ThreadEnded)
    v.desk.do(WarnInactive(seconds=60))
    await ended


async def leaves(v: Visit) -> None:
    await v.chat.disconnect()
    assert v.chat.state is ChatState.PREPARED


ACTS: tuple[Callable[[Visit], Awaitable[None]], ...] = (
    opens, chats, both_type, both_read, customer_shows, agent_shows, goes_and_comes_back, loses_and_returns,
    is_warned_and_stays, customer_ends, begins_again, agent_ends, begins_again, is_silent_too_long, leaves,
)  # fmt: skip
"""The whole script, in order."""


def _kept(v: Visit) -> list[tuple[bool, str, list[str]]]:
    return [(m.mine, m.text, [file.name for file in m.attachments]) for m in v.thread.messages]


def _is_whole(v: Visit) -> None:
    """What the customer wrote is at the center once, and what is shown is shown once."""
    stored = [{each["message"], each["content"].get("file_id", "")} for each in v.far()["messages"]]
    for message in (message for message in v.thread.messages if message.mine):
        files = {file.url.rpartition("/")[2] for file in message.attachments}  # an older center takes files without ids
        assert sum(bool(each & {message.id, *files}) for each in stored) == 1
    assert len({message.id for message in v.thread.messages}) == len(v.thread.messages)


async def play(kit: Kit, desk: Desk, chat: Chat) -> Visit:
    """Play the whole script in a chat that was just opened."""
    visit = Visit(kit, desk, chat)
    desk.group.start(lambda: visit.listen(chat.events()))
    for act in ACTS:
        visit.act = act.__name__
        await act(visit)
        await visit.calm()
    return visit
