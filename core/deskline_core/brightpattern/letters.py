"""What the far side sent, as the messages that an app handles (sections 6.5, 6.11, 6.14, 6.15, 6.19)."""

from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from ..lifecycle import MessageStatus
from ..model import Attachment, Choice, ContentKind, Location, Message, Party
from ..pieces import number_of
from ..times import moment
from . import wire
from .content import Directed, directed, plain

if TYPE_CHECKING:
    from .session import BrightPatternChat
    from .view import View

__all__ = ["Letters"]

_KINDS: Final = {"image": "image/*", "audio": "audio/*", "video": "video/*"}


class Letters:
    """Makes messages. Those of others are known by their party and the far side's id, unique per party only (9.1)."""

    __slots__ = ("_chat",)

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat

    def id_of(self, party: Party, ref: str) -> str:
        """Return the id of a message by the far side's: the customer's own are known by it alone."""
        if ref:
            return ref if party.id == self._chat.desk.current.chat_id else f"{party.id}:{ref}"
        return self._chat.session.ids.uuid()

    def ref_of(self, message: Message) -> str:
        """Return the far side's id of a message."""
        return message.id.removeprefix(f"{message.party.id}:")

    def text(self, conversation: "View", event: wire.ChatSessionMessage, party: Party) -> Message:
        """Return a text, with the buttons and files that it names."""
        said = self._read(event.msg, event.msg_text)
        return Message(
            id=self.id_of(party, event.msg_id), thread=conversation.chat_id, party=party, text=said.text,
            created_at=self._time(conversation, event.at), status=MessageStatus.DELIVERED,
            kind=ContentKind.QUICK_REPLIES if said.labels else ContentKind.TEXT,
            choices=tuple(Choice(text=label, postback=event.directive_id) for label in said.labels),
            attachments=tuple(_named(file.url, file.kind) for file in said.files), source=event.attachments,
        )  # fmt: skip

    def shared(self, conversation: "View", event: wire.Shared, party: Party) -> Message:
        """Return a file or a place."""
        text, kind, location = "", ContentKind.TEXT, None
        attachments: tuple[Attachment, ...] = ()
        match event:
            case wire.ChatSessionFile(file_id=id, file_name=name, file_type=type_):
                url = self._chat.site.file_url(conversation.chat_id, id)
                attachments = (Attachment(id=id, name=name or id, url=url, mime_type=_KINDS.get(type_, "")),)
            case wire.ChatSessionFileUrl(file_url=url, file_type=type_):
                attachments = (_named(url, type_),)
            case _:
                location = _place(event)
                text, kind = event.url or f"{event.latitude}, {event.longitude}", ContentKind.LOCATION
        return Message(
            id=self.id_of(party, getattr(event, "msg_id", "")), thread=conversation.chat_id, party=party, text=text,
            created_at=self._time(conversation, getattr(event, "at", None)), status=MessageStatus.DELIVERED, kind=kind,
            attachments=attachments, location=location,
        )  # fmt: skip

    def edited(self, message: Message, event: wire.ChatSessionMessageEdit) -> Message:
        """Return a message with another text, in its old place."""
        said = self._read(event.msg, None)
        files = tuple(_named(file.url, file.kind) for file in said.files)
        kind = ContentKind.QUICK_REPLIES if said.labels else message.kind
        choices = tuple(Choice(text=label) for label in said.labels)
        return replace(message, text=said.text, kind=kind, choices=choices, attachments=files or message.attachments)

    def _read(self, msg: str, msg_text: str | None) -> Directed:
        policy = self._chat.session.policy
        text = plain(msg, msg_text)[: policy.max_text]
        return directed(text) if policy.text_directives else Directed(text=text)

    def _time(self, conversation: "View", at: datetime | None) -> datetime:
        """Return when it was sent: by the far side's clock, but never before what came before it.

        The far side's times are whole seconds, and ours may run differently: what comes live stands where it came.
        """
        at = self._chat.news.in_turn(at) or moment(self._chat.session.now)
        newest = conversation.history.messages[-1:]
        if self._chat.news.is_past or not newest:
            return at
        return max(at, newest[0].created_at)


def _place(event: wire.ChatSessionLocation) -> Location | None:
    latitude, longitude = number_of(event.latitude), number_of(event.longitude)
    if latitude is None or longitude is None:
        return None
    return Location(latitude=latitude, longitude=longitude, url=event.url)


def _named(url: str, kind: str) -> Attachment:
    """Return a file that is named by its address alone: its name is the last part of the path (6.15)."""
    try:
        name = unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        name = ""
    return Attachment(name=name or url[:100], url=url, mime_type=_KINDS.get(kind, ""))
