"""Messages that come in pieces: read from where they say, by server-sent events (5.5.7, lifecycle reference, 6.10).

A stream has nothing to do with the socket: losing that does not stop it. Signing out does, and forgetting its thread.
"""

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from ..calls import Call
from ..events import MessageUpdated, StreamFailed, TextAppended
from ..inputs import LineReceived, RequestProgressed, ResponseReceived
from ..model import ContentKind, Message
from ..pieces import load, part, text_of
from ..values import Secret
from .parts import Content
from .sse import EventReader, read_delta
from .thread import Thread

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Streams"]

_MOST: Final = 8
"""How many messages may come in pieces at once: no bot speaks in more voices."""
_MOST_KNOWN: Final = 1000
"""Of how many that are whole it is known where they came from."""


class _Stream:
    """One message under way. ``fallback`` is shown if nothing comes; ``size`` counts its lines with their ends."""

    __slots__ = ("call", "ends_at", "events", "fallback", "message", "size", "text", "thread", "url")

    def __init__(self, thread: Thread, message: str, fallback: str, url: Secret, ends_at: float) -> None:
        self.thread = thread
        self.message = message
        self.fallback = fallback
        self.url = url
        self.ends_at = ends_at
        self.call: Call | None = None
        self.events = EventReader()
        self.text = ""
        self.size = 0


class Streams:
    """The messages that come in pieces now, by their ids."""

    __slots__ = ("_chat", "_expected", "_under_way", "_whole")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._under_way: dict[str, _Stream] = {}
        self._expected: dict[str, tuple[Thread, Message, Content]] = {}
        self._whole: dict[str, Secret] = {}

    # --- where they come from ---

    def receive(self, thread: Thread, message: Message, content: Content, *, is_ahead: bool) -> None:
        """Show a message, and read it: one that is under way or has failed begins again (trap M16).

        One that is whole stays so, unless it comes from elsewhere now. One ``is_ahead`` of its MessageCreated is
        shown only: that begins it.
        """
        whole = self._whole.get(message.id)
        if whole is not None and message.id in thread.history and whole == Secret(_where(content)[1]):
            return
        self.stop(message.id)
        self._chat.inbox.keep(thread, replace(message, text=""), None)
        if not is_ahead:
            self._begin(thread, message, content)

    def recovered(self, thread: Thread, message: Message, content: Content, *, is_latest: bool) -> Message:
        """Return what a history shows of a message; what is known of it already counts more.

        Among the ``is_latest`` ones it is read as if it had just come, once the history is told. No source shows how
        one that has ended appears in a history (5.5.7): of an older one the fallback is shown.
        """
        known = thread.history.get(message.id)
        if known is not None:
            return known
        is_full = len(self._under_way) + len(self._expected) >= _MOST
        if not is_latest or (is_full and message.id not in self._expected):
            return message
        self._expected[message.id] = thread, message, content
        return replace(message, text="")

    def begin_expected(self) -> None:
        """The history was told: read what came with it."""
        expected, self._expected = self._expected, {}
        for thread, message, content in expected.values():
            self._begin(thread, message, content)

    # --- reading ---

    def _begin(self, thread: Thread, message: Message, content: Content) -> None:
        self.stop(message.id)
        chat, policy = self._chat, self._chat.session.policy
        protocol, url = _where(content)
        stream = _Stream(thread, message.id, message.text, Secret(url), chat.session.now + policy.stream_timeout)
        if protocol != "sse":
            self._fail(stream, f"its protocol {protocol[:40]!r} is not known")
        elif not chat.site.trusts(url, policy.foreign_urls):
            self._fail(stream, "its address is not trusted")
        elif len(self._under_way) >= _MOST:
            self._fail(stream, "too many messages come in pieces already")
        else:
            self._under_way[message.id] = stream
            stream.call = chat.calls.begin(self._call(stream))

    def _call(self, stream: _Stream) -> Call:
        """Return the request: without credentials, and it has time as long as lines come."""
        policy = self._chat.session.policy

        def told(report: LineReceived | RequestProgressed) -> None:
            if isinstance(report, LineReceived):
                self._line(stream, report.text)

        def done(response: ResponseReceived) -> None:
            if not response.is_success:
                self._fail(stream, f"answered {response.status}")
                return
            self._event(stream, stream.events.end())
            if stream.message in self._under_way:
                self._fail(stream, "it ended before the message did")

        return Call(
            "GET", stream.url.reveal(),
            done=done, failed=lambda cause: self._fail(stream, cause), told=told, telling="lines",
            headers=(("accept", "text/event-stream"), ("cache-control", "no-store")),
            timeout=policy.stream_silence, limit=policy.max_body, outlives=True,
        )  # fmt: skip

    def _line(self, stream: _Stream, line: str) -> None:
        stream.size += len(line) + 1
        policy = self._chat.session.policy
        if stream.size > policy.max_body:
            self._fail(stream, f"it is larger than {policy.max_body} bytes")
        elif self._chat.session.now >= stream.ends_at:
            self._fail(stream, f"it takes longer than {policy.stream_timeout:g} s")
        else:
            self._event(stream, stream.events.feed(line))

    def _event(self, stream: _Stream, data: str | None) -> None:
        delta = read_delta(data) if data is not None else None
        if delta is None:
            return
        if isinstance(delta, str):
            self._fail(stream, f"its data is {delta}")
            return
        if len(stream.text) + len(delta.text) > self._chat.session.policy.max_text:
            self._fail(stream, f"its text is longer than {self._chat.session.policy.max_text} characters")
            return
        stream.text += delta.text
        shown = self._show(stream, stream.text, ContentKind.TEXT if delta.is_last else ContentKind.STREAM)
        if shown is None:
            self.stop(stream.message)  # it is too old to be kept
            return
        session = self._chat.session
        if delta.text:
            session.notify(TextAppended(thread=stream.thread.id, message=stream.message, text=delta.text))
        if delta.is_last:
            self.stop(stream.message)
            self._whole[stream.message] = stream.url
            if len(self._whole) > _MOST_KNOWN:
                del self._whole[next(iter(self._whole))]
            session.notify(MessageUpdated(thread=stream.thread.id, message=shown))

    def _show(self, stream: _Stream, text: str, kind: ContentKind) -> Message | None:
        known = stream.thread.history.get(stream.message)
        if known is None:
            return None
        shown = replace(known, text=text, kind=kind)
        stream.thread.history.add(shown)
        return shown

    def _fail(self, stream: _Stream, cause: str) -> None:
        """The rest will not come. What came stays; if nothing did, the fallback is better than nothing."""
        self.stop(stream.message)
        session = self._chat.session
        if not stream.text and stream.fallback:
            shown = self._show(stream, stream.fallback, ContentKind.STREAM)
            if shown is not None:
                session.notify(MessageUpdated(thread=stream.thread.id, message=shown))
        session.notify(StreamFailed(thread=stream.thread.id, message=stream.message, cause=cause))

    # --- the end ---

    def stop(self, message: str) -> None:
        """Read on no more of a message, if it was read."""
        stream = self._under_way.pop(message, None)
        if stream is not None and stream.call is not None:
            self._chat.calls.cancel(stream.call)

    def forget(self, thread: Thread | None = None) -> None:
        """A thread is forgotten, or all of them: what came of its messages is of no use to anyone."""
        for stream in tuple(self._under_way.values()):
            if thread is None or stream.thread is thread:
                self.stop(stream.message)
        if thread is None:
            self._whole.clear()


def _where(content: Content) -> tuple[str, str]:
    """Return the protocol and the address of a message that comes in pieces, "" for what is not there."""
    payload = load(content.payload)
    return text_of(part(payload, "protocol")), text_of(part(payload, "sourceUrl"))
