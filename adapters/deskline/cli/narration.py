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
    """Return a message as one line, and one more for each of its files and for each choice it offers.

    Where a file lies is not shown: it may be a signed URL.
    """
    who = "me" if message.mine else _name(message.party)
    files = "".join(f"\n      file: {clean(file.name) or 'without a name'}" for file in message.attachments)
    choices = "".join(f"\n      [{clean(choice.text)}]" for choice in message.choices)
    return f"{who}: {clean(message.text)}{files}{choices}"


def _name(party: Party) -> str:
    return clean(party.name) or str(party.role)


def _queue(event: news.QueuePositionChanged) -> tuple[str, str]:
    return "queue", "left" if event.queue is None else f"place {event.queue.position}"


_TOLD: Final[dict[type, Callable[[Any], tuple[str, str]]]] = {
    news.ChatStateChanged: lambda event: ("chat", f"{event.state}  {clean(event.cause)}".rstrip()),
    news.ReauthenticationNeeded: lambda event: ("chat", f"the sign-in has expired  {clean(event.cause)}".rstrip()),
    news.ThreadStateChanged: lambda event: ("thread", str(event.state)),
    news.ThreadEnded: lambda event: ("thread", f"ended: {event.reason}"),
    news.ThreadRenamed: lambda event: ("thread", f"is now called {clean(event.name)}"),
    news.MessageStatusChanged: lambda event: ("message", f"{event.status}  {clean(event.cause)}".rstrip()),
    news.MessageReceived: lambda event: (_name(event.party), clean(event.text)),
    news.MessageUpdated: lambda event: (_name(event.message.party), clean(event.message.text)),
    news.HistoryLoaded: lambda event: ("history", " | ".join(clean(message.text) for message in event.messages)),
    news.StreamFailed: lambda event: ("message", f"breaks off: {clean(event.cause)}"),
    news.UploadFailed: lambda event: ("file", clean(event.cause)),
    news.PartyJoined: lambda event: (_name(event.party), "joined"),
    news.PartyLeft: lambda event: (_name(event.party), "left"),
    news.TypingStarted: lambda event: (_name(event.party), "types ..."),
    news.QueuePositionChanged: _queue,
    news.InactivityWarned: lambda event: ("center", clean(f"{event.inactivity.text} {event.inactivity.question}")),
    news.InactivityCleared: lambda _event: ("center", "no longer asks"),
    news.ErrorReceived: lambda event: ("error", clean(f"{event.code} {event.text}")),
    news.SaveLost: lambda event: ("store", f"could not keep {event.key}: {clean(event.cause)}"),
    EventsSkipped: lambda event: ("", f"{event.count} events were left out"),
}
