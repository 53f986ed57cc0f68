"""Messages that come in pieces: what of each has been said, and who reads it (CXone wire reference, section 5.5.7).

Whoever comes late, or comes again, gets all of it from the beginning. The end is one of three: said (``stop``), closed
without having been said, or cut.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from .. import conversation
from ..commands import Abandon, Continue
from ..model import Contact, Message
from ..replies import Reply
from .messages import text_content
from .replies import failed

if TYPE_CHECKING:
    from .wire import CXone

__all__ = ["Plan", "Stream", "Streams"]

_MOST: Final = 1000


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a message that comes in pieces says by itself: a piece every ``seconds``, and how it ends."""

    pieces: tuple[str, ...] = ()
    seconds: float = 0.1
    end: Literal["stop", "close", "cut", "open"] = "stop"


@dataclass(slots=True, eq=False)
class Stream:
    """One message that comes in pieces. ``end`` is "" while it goes on; ``content`` is how it was announced."""

    message: Message
    content: dict[str, Any]
    text: str = ""
    said: bytes = b""
    end: str = ""
    readers: list[str] = field(default_factory=list[str])


class Streams:
    """All streams, by path; the oldest goes when there are too many."""

    def __init__(self, wire: "CXone") -> None:
        self._wire = wire
        self._streams: dict[str, Stream] = {}

    def begin(
        self,
        contact: Contact,
        draft: conversation.Draft,
        plan: Plan,
        *,
        url: str = "",
        protocol: str = "sse",
        opens: bool = False,
    ) -> Message:
        """Store a message that comes in pieces, and let the plan run. ``url`` is where it says that it lies."""
        floor = self._wire.floor
        path = f"/chat/streams/{self._wire.channel_of(contact.thread).brand}/{floor.ids.uuid()}"
        content = self._content(url or f"{self._wire.gate.base_url}{path}", protocol, floor.ids.uuid())
        message = conversation.store(floor, contact, msgspec.structs.replace(draft, content=content), opens=opens)
        if len(self._streams) >= _MOST:
            self._finish_on(self._streams.pop(next(iter(self._streams))), "cut")
        stream = self._streams[path] = Stream(message, content)
        pieces = plan.pieces or ("",) * (plan.end == "stop")
        for number, piece in enumerate(pieces, 1):
            is_last = plan.end == "stop" and number == len(pieces)
            floor.later(plan.seconds * number, partial(self._say_on, stream, piece, is_last=is_last))
        if plan.end in ("close", "cut"):
            floor.later(plan.seconds * (len(plan.pieces) + 1), partial(self._finish_on, stream, plan.end))
        return message

    def _say_on(self, stream: Stream, text: str, *, is_last: bool) -> None:
        if not stream.end:
            self.say(stream, text, is_last=is_last)

    def _finish_on(self, stream: Stream, end: str) -> None:
        if not stream.end:
            self.finish(stream, end)

    def find(self, message: str) -> Stream | None:
        """Return the stream of a message by its external id, the newest one for ""."""
        for stream in reversed(self._streams.values()):
            if message in ("", stream.message.external_id):
                return stream
        return None

    def serve(self, path: str, request: str) -> Reply:
        """Answer a request for a stream with what has been said; the rest follows."""
        stream = self._streams.get(path)
        if stream is None:
            return failed(404, "NotFound", "There is no such stream")
        if not stream.end:
            stream.readers.append(request)
        headers = (("content-type", "text/event-stream"),)
        return Reply(status=200, headers=headers, body=stream.said, more=not stream.end)

    def forget(self, request: str) -> None:
        """Let whoever asked by that request read no more."""
        for stream in self._streams.values():
            if request in stream.readers:
                stream.readers.remove(request)

    def say(self, stream: Stream, text: str, *, is_last: bool = False) -> None:
        """Say the next piece."""
        delta = {"delta": {"content": text, "finish_reason": "stop" if is_last else None}}
        self.send(stream, f"event: delta\ndata: {msgspec.json.encode(delta).decode()}\n\n")
        stream.text += text
        if is_last:
            self.finish(stream, "stop")

    def send(self, stream: Stream, text: str) -> None:
        """Send any text, such as a comment, or what is no event at all."""
        stream.said += text.encode()
        for reader in stream.readers:
            self._wire.emit(Continue(id=reader, body=text.encode()))

    def finish(self, stream: Stream, end: str) -> None:
        """End a stream: ``stop`` and ``close`` in order, ``cut`` abruptly.

        What was said, be it half of a message, is a text from now on; a content that has replaced it meanwhile stays.
        """
        stream.end = end
        readers, stream.readers = stream.readers, []
        for reader in readers:
            self._wire.emit(Abandon(id=reader) if end == "cut" else Continue(id=reader, more=False))
        if self._settles(stream):
            stream.message.content = text_content(stream.text)

    def _settles(self, stream: Stream) -> bool:
        channel = self._wire.channel_of(stream.message.thread)
        return channel.streamed_history == "text" and stream.message.content is stream.content

    @staticmethod
    def _content(url: str, protocol: str, element: str) -> dict[str, Any]:
        """The content of a message that comes in pieces. Without elements iOS loses the frame (reference, 5.5.8)."""
        elements = [{"id": element, "type": "STREAMED"}]
        return {
            "type": "STREAMED",
            "payload": {"protocol": protocol, "sourceUrl": url, "elements": elements},
            "fallbackText": "Unsupported message content",
            "isAutoTranslated": False,
            "parameters": [],
            "postback": None,
        }
