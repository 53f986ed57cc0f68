"""What CXone's messages say, in the words of the model (CXone wire reference, section 5).

Plain text is the path that nearly every message takes. Everything else is read from its raw payload, and shows its
fallback text where that cannot be.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec

from ..lifecycle import MessageStatus
from ..model import Choice, ContentKind, Message, Party, PartyRole
from .dates import in_utc, moment, parse_date
from .inactivity import read_inactivity
from .parts import Content, EndUserIdentity, Payload, User, WireMessage
from .pieces import REFUSED, entries, flag_of, load, part, text_of

__all__ = ["customer_party", "is_hidden", "is_unsupported", "read_message", "user_party"]

_DELIVERED: Final = MessageStatus.DELIVERED
_decode_payload: Final = msgspec.json.Decoder(Payload).decode
_NO_PARAMETERS: Final = (msgspec.Raw(b"[]"), msgspec.Raw(b"{}"), msgspec.Raw(b"null"))
_HIDING: Final = ("isInitialMessage", "isUnsupportedMessageTypeAnswer", "isInactivityPopupAnswer")


# --- parties ---

_UNKNOWN_CUSTOMER: Final = Party(id="", role=PartyRole.CUSTOMER)
_UNKNOWN_AGENT: Final = Party(id="", role=PartyRole.AGENT)
_NO_USER: Final = (None, _UNKNOWN_AGENT)
_MOST_USERS: Final = 256
_users: Final[dict[int | str, tuple[User, Party]]] = {}


def user_party(user: User | None, direction: str = "outbound") -> Party:
    """Return an agent, bot or scenario (4.1.5). In privacy mode only the id is known; None is someone unknown.

    Equal users give the same object, so that a history does not hold one for each message.
    """
    if user is None:
        return _UNKNOWN_CUSTOMER if direction == "inbound" else _UNKNOWN_AGENT
    known, party = _users.get(user.id, _NO_USER)  # by the id alone: to hash all fields takes four times as long
    if known == user:
        return party
    if len(_users) >= _MOST_USERS:
        _users.clear()
    party = _party_of(user)
    _users[user.id] = user, party
    return party


def _party_of(user: User) -> Party:
    person = PartyRole.SCENARIO if user.is_survey_user else PartyRole.AGENT
    return Party(
        id=str(user.id),
        role=PartyRole.BOT if user.is_bot_user else person,
        name=user.nickname or _full_name(user.first_name, user.surname) or user.full_name or "",
        image=user.public_image_url or user.image_url or "",
    )


@lru_cache(maxsize=256)
def customer_party(identity: EndUserIdentity | None) -> Party:
    """Return a customer (4.1.6); None is one of whom nothing is known."""
    if identity is None:
        return Party(id="", role=PartyRole.CUSTOMER)
    return Party(
        id=identity.id_on_external_platform,
        role=PartyRole.CUSTOMER,
        name=identity.nickname or _full_name(identity.first_name, identity.last_name) or identity.full_name or "",
        image=identity.image or "",
    )


def _full_name(first: str | None, last: str | None) -> str:
    return f"{first or ''} {last or ''}".strip()


# --- messages ---


def read_message(message: WireMessage, thread: str, received_at: float = 0.0) -> Message:
    """Return the message as an app sees it; it belongs to ``thread``.

    ``received_at``, UTC seconds of our own clock, stands in for a time that cannot be read.
    """
    content = message.message_content
    if message.direction == "inbound":
        party = customer_party(message.author_end_user_identity)
        status = _status(message)
    else:
        party = user_party(message.author_user or message.user)
        status = _DELIVERED
    created_at = message.created_at_with_milliseconds
    if created_at is None or created_at.tzinfo is not UTC:
        created_at = _time(message, received_at)
    try:
        payload = _decode_payload(content.payload) if content.type == "TEXT" else None
    except REFUSED:
        payload = None
    if payload is not None:
        return Message(
            id=message.id_on_external_platform,
            thread=thread,
            party=party,
            text=payload.text or content.text or "",
            created_at=created_at,
            status=status,
            postback=content.postback or payload.postback or "",
        )
    kind, text, choices, postback, source = _read_rich(content)
    return Message(
        id=message.id_on_external_platform,
        thread=thread,
        party=party,
        text=text,
        created_at=created_at,
        status=status,
        kind=kind,
        choices=choices,
        postback=postback,
        source=source,
    )


def is_hidden(message: WireMessage) -> bool:
    """Tell whether it is part of the protocol, not of the conversation (section 6.6 of the lifecycle reference).

    An inactivity warning that cannot be answered is not hidden: its fallback text is better than nothing.
    """
    content = message.message_content
    if message.direction != "inbound":
        return content.type != "TEXT" and read_inactivity(message, 0.0) is not None
    if content.parameters in _NO_PARAMETERS:
        return False
    parameters = load(content.parameters)
    return any(flag_of(part(parameters, name)) for name in _HIDING)


def is_unsupported(message: WireMessage) -> bool:
    """Tell whether the far side should be told that this content cannot be shown (5.5.8)."""
    kind = _RICH.get(message.message_content.type, _UNKNOWN)[0]
    return kind is ContentKind.UNKNOWN and message.direction != "inbound" and not is_hidden(message)


def _time(message: WireMessage, received_at: float) -> datetime:
    precise = message.created_at_with_milliseconds
    return (precise and in_utc(precise)) or parse_date(message.created_at) or moment(received_at)


def _status(message: WireMessage) -> MessageStatus:
    statistics = message.user_statistics
    if statistics is not None and (statistics.read_at or statistics.seen_at):
        return MessageStatus.SEEN
    return _DELIVERED


_Read = tuple[ContentKind, str, tuple[Choice, ...], str, str]


def _read_rich(content: Content) -> _Read:
    kind, read = _RICH.get(content.type, _UNKNOWN)
    payload = load(content.payload)
    text = read(payload) or content.fallback_text or content.text or ""
    postback = content.postback or text_of(part(payload, "postback"))
    if kind is ContentKind.TEXT:
        return kind, text, (), postback, ""
    choices = _choices(payload) if kind in _WITH_CHOICES else ()
    raw = bytes(content.payload).decode("utf-8", "replace")
    return kind, text, choices, postback, f'{{"type":{msgspec.json.encode(content.type).decode()},"payload":{raw}}}'


def _choices(payload: object) -> tuple[Choice, ...]:
    """Return the buttons of quick replies and list pickers (5.5.2, 5.5.3); one without a text cannot be shown."""
    return tuple(
        Choice(
            text=text,
            postback=text_of(part(button, "postback")),
            description=text_of(part(button, "description")),
        )
        for button in entries(part(payload, "actions"))
        if (text := text_of(part(button, "text")))
    )


def _lines(*paths: tuple[str, ...]) -> Callable[[object], str]:
    """Return a reader of the texts that stand at these places, a line each."""

    def read(payload: object) -> str:
        found = (text_of(part(payload, *path)) for path in paths)
        return "\n".join(text for text in found if text)

    return read


_RICH: Final[dict[str, tuple[ContentKind, Callable[[object], str]]]] = {
    "TEXT": (ContentKind.TEXT, _lines(("text",))),
    "POSTBACK": (ContentKind.TEXT, _lines(("text",))),
    "QUICK_REPLIES": (ContentKind.QUICK_REPLIES, _lines(("text", "content"))),
    "LIST_PICKER": (ContentKind.LIST_PICKER, _lines(("title", "content"), ("text", "content"))),
    "RICH_LINK": (ContentKind.RICH_LINK, _lines(("title", "content"), ("url",))),
    "TIME_PICKER": (ContentKind.TIME_PICKER, _lines(("title", "content"), ("event", "title", "content"))),
    "ADAPTIVE_CARD": (ContentKind.CARD, _lines()),
    "STREAMED": (ContentKind.STREAM, _lines()),
}
_WITH_CHOICES: Final = (ContentKind.QUICK_REPLIES, ContentKind.LIST_PICKER)
_UNKNOWN: Final = (ContentKind.UNKNOWN, _lines())
