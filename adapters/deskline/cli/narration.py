"""What happens in a chat, in words for a terminal. Far-side text in it is safe to print."""

from collections.abc import Callable
from typing import Any, Final

from deskline.cli.terminal import clean
from deskline.listeners import EventsSkipped
from deskline_core import events as news
from deskline_core.model import Message, Party

__all__ = ["message_line", "told"]


def told(event: object) -> tuple[str, str]:
    """Return what an event is about, and what happened; "" when it is not worth a line."""
    tell = _TOLD.get(type(event))
    return ("", "") if tell is None else tell(event)


def message_line(message: Message) -> str:
    """Return a message as one line, and one more for its place, for each of its files and each choice it offers.

    Where a file lies is not shown: it may be a signed URL.
    """
    who = "me" if message.mine else _name(message.party)
    files = "".join(f"\n      file: {clean(file.name) or 'without a name'}" for file in message.attachments)
    choices = "".join(f"\n      [{clean(choice.text)}]" for choice in message.choices)
    return f"{who}: {clean(message.text)}{_place(message)}{files}{choices}"


def _name(party: Party) -> str:
    return clean(party.name) or str(party.role)


def _queue(event: news.QueuePositionChanged) -> tuple[str, str]:
    if event.queue is None:
        return "queue", "left"
    position, wait = event.queue.position, event.queue.estimated_wait
    known = ("" if position is None else f"place {position}", "" if wait is None else f"about {wait:.0f} s")
    return "queue", ", ".join(part for part in known if part) or "waits"


def _ended(event: news.ThreadEnded) -> tuple[str, str]:
    return "thread", f"ended: {event.reason}  {clean(event.text)}".rstrip()


def _form(event: news.FormRequested) -> tuple[str, str]:
    form = event.form
    kind = "a secure form" if form.secure else "a form"
    return "center", f"asks for {kind}: {clean(form.name)}" if form.name else "asks for a text"


def _case(event: news.CaseChanged) -> tuple[str, str]:
    return "case", clean(event.case) or "none any more"


def _place(message: Message) -> str:
    place = message.location
    return "" if place is None else f"\n      place: {place.latitude:.5f}, {place.longitude:.5f}"


_TOLD: Final[dict[type, Callable[[Any], tuple[str, str]]]] = {
    news.ChatStateChanged: lambda event: ("chat", f"{event.state}  {clean(event.cause)}".rstrip()),
    news.ReauthenticationNeeded: lambda event: ("chat", f"the sign-in has expired  {clean(event.cause)}".rstrip()),
    news.ThreadStateChanged: lambda event: ("thread", str(event.state)),
    news.ThreadEnded: _ended,
    news.ThreadRenamed: lambda event: ("thread", f"is now called {clean(event.name)}"),
    news.MessageStatusChanged: lambda event: ("message", f"{event.status}  {clean(event.cause)}".rstrip()),
    news.MessageReceived: lambda event: (_name(event.party), clean(event.text)),
    news.MessageUpdated: lambda event: (_name(event.message.party), clean(event.message.text)),
    news.MessageDeleted: lambda _event: ("message", "taken back"),
    news.HistoryLoaded: lambda event: ("history", " | ".join(clean(message.text) for message in event.messages)),
    news.StreamFailed: lambda event: ("message", f"breaks off: {clean(event.cause)}"),
    news.UploadFailed: lambda event: ("file", clean(event.cause)),
    news.PartyJoined: lambda event: (_name(event.party), "joined"),
    news.PartyLeft: lambda event: (_name(event.party), "left"),
    news.TypingStarted: lambda event: (_name(event.party), "types ..."),
    news.StageChanged: lambda event: ("thread", str(event.stage)),
    news.QueuePositionChanged: _queue,
    news.FormRequested: _form,
    news.FormClosed: lambda _event: ("center", "the form is closed"),
    news.CaseChanged: _case,
    news.DepartmentNamed: lambda event: ("center", f"this is {clean(event.name)}"),
    news.SignalReceived: lambda event: ("center", f"signals: {event.kind}"),
    news.InactivityWarned: lambda event: ("center", clean(f"{event.inactivity.text} {event.inactivity.question}")),
    news.InactivityCleared: lambda _event: ("center", "no longer asks"),
    news.ErrorReceived: lambda event: ("error", clean(f"{event.code} {event.text}")),
    news.SaveLost: lambda event: ("store", f"could not keep {event.key}: {clean(event.cause)}"),
    EventsSkipped: lambda event: ("", f"{event.count} events were left out"),
}
