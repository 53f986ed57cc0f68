"""What CXone's messages say, in the words of the model (CXone wire reference, section 5).

Plain text is the path that nearly every message takes. Everything else is read from its raw payload by ``rich``.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec

from ..lifecycle import MessageStatus
from ..model import Attachment, ContentKind, Message, Party, PartyRole
from ..pieces import REFUSED, flag_of, load, part
from ..times import in_utc, moment
from .dates import parse_date
from .inactivity import read_inactivity
from .parts import EndUserIdentity, Payload, User, WireMessage
from .rich import kind_of, read_rich

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
    if payload is not None and not message.attachments:
        return Message(
            id=message.id_on_external_platform,
            thread=thread,
            party=party,
            text=payload.text or content.text or "",
            created_at=created_at,
            status=status,
            postback=content.postback or payload.postback or "",
        )
    rich = read_rich(content)
    return Message(
        id=message.id_on_external_platform,
        thread=thread,
        party=party,
        text=rich.text if payload is None else payload.text or content.text or "",
        created_at=created_at,
        status=status,
        kind=rich.kind,
        choices=rich.choices,
        attachments=_attachments(message),
        link=rich.link,
        postback=rich.postback,
        source=rich.source,
    )


def _attachments(message: WireMessage) -> tuple[Attachment, ...]:
    """Return the files of a message (5.3); one that lies nowhere cannot be fetched, and is left out."""
    return tuple(
        Attachment(
            name=file.friendly_name or file.file_name or "",
            url=file.url,
            mime_type=file.mime_type or "",
            id=file.id or "",
            preview_url=file.preview_url or "",
        )
        for file in message.attachments
        if file.url
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
    kind = kind_of(message.message_content)
    return kind is ContentKind.UNKNOWN and message.direction != "inbound" and not is_hidden(message)


def _time(message: WireMessage, received_at: float) -> datetime:
    precise = message.created_at_with_milliseconds
    return (precise and in_utc(precise)) or parse_date(message.created_at) or moment(received_at)


def _status(message: WireMessage) -> MessageStatus:
    statistics = message.user_statistics
    if statistics is not None and (statistics.read_at or statistics.seen_at):
        return MessageStatus.SEEN
    return _DELIVERED
