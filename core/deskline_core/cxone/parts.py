"""What CXone's messages are made of: users, threads, contacts, messages and their content.

CXone wire reference, sections 4.1 and 5. Named as the vendor names them, and lenient: only what a client cannot do
without is required, unknown fields are ignored, dates stay text but for the one that each message is sorted by.
"""

from datetime import datetime

import msgspec

__all__ = [
    "Attachment",
    "Contact",
    "Content",
    "CustomField",
    "EndUserIdentity",
    "Fields",
    "Payload",
    "Thread",
    "User",
    "UserStatistics",
    "Wire",
    "WireMessage",
]


class Wire(msgspec.Struct, frozen=True, rename="camel", kw_only=True, gc=False):
    """The base of all of them."""


# --- shared objects (section 4.1) ---


class CustomField(Wire, frozen=True, kw_only=True, gc=False):
    """One custom field's value (4.1.7)."""

    ident: str
    value: str | None = None
    updated_at: str | None = None


class User(Wire, frozen=True, kw_only=True, gc=False):
    """An agent or bot (4.1.5). In privacy mode all but the id is absent."""

    id: int | str
    first_name: str | None = None
    surname: str | None = None
    nickname: str | None = None
    full_name: str | None = None
    is_bot_user: bool = False
    is_survey_user: bool = False
    public_image_url: str | None = None
    image_url: str | None = None


class EndUserIdentity(Wire, frozen=True, kw_only=True, gc=False):
    """A customer (4.1.6)."""

    id_on_external_platform: str
    first_name: str | None = None
    last_name: str | None = None
    nickname: str | None = None
    full_name: str | None = None
    image: str | None = None


class Thread(Wire, frozen=True, kw_only=True, gc=False):
    """A thread (4.1.3)."""

    id_on_external_platform: str
    id: str | None = None
    thread_name: str | None = None
    can_add_more_messages: bool = True
    created_at: str | None = None
    updated_at: str | None = None


class Contact(Wire, frozen=True, kw_only=True, gc=False):
    """A contact, also called case (4.1.4). Recovery may carry one of which only the id is known."""

    id: str
    thread_id_on_external_platform: str | None = None
    status: str = "open"
    created_at: str | None = None
    custom_fields: tuple[CustomField, ...] = ()
    inbox_assignee_user: User | None = None


class Fields(Wire, frozen=True, kw_only=True, gc=False):
    """Something of which only the custom fields matter."""

    custom_fields: tuple[CustomField, ...] = ()


# --- messages and their content (section 5) ---


class Payload(Wire, frozen=True, kw_only=True, gc=False):
    """The payload of a TEXT or POSTBACK content (5.5.1)."""

    text: str = ""
    postback: str | None = None


class Content(Wire, frozen=True, kw_only=True, gc=False):
    """The content of a message whose payload is more than text: kept raw, read by ``content`` (5.4)."""

    type: str
    payload: msgspec.Raw = msgspec.Raw(b"null")
    text: str | None = None
    fallback_text: str | None = None
    parameters: msgspec.Raw = msgspec.Raw(b"null")
    postback: str | None = None


class Attachment(Wire, frozen=True, kw_only=True, gc=False):
    """A file of a message (5.3): only where it lies is needed. Not shown, as its URLs may be signed."""

    url: str
    id: str | None = None
    friendly_name: str | None = None
    file_name: str | None = None
    mime_type: str | None = None
    preview_url: str | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class UserStatistics(Wire, frozen=True, kw_only=True, gc=False):
    """When the agent's side saw and read a message."""

    seen_at: str | None = None
    read_at: str | None = None


class WireMessage(Wire, frozen=True, kw_only=True, gc=False):
    """One message (5.2). ``direction`` is inbound (from the customer) or outbound (from the agent's side).

    ``created_at`` is required by no one who also reads the milliseconds; ``content`` copes with neither. The time
    with milliseconds has the offset that it came with.
    """

    id_on_external_platform: str
    message_content: Content
    direction: str
    created_at: str = ""
    id: str | None = None
    thread_id_on_external_platform: str | None = None
    created_at_with_milliseconds: datetime | None = None
    author_user: User | None = None
    user: User | None = None
    author_end_user_identity: EndUserIdentity | None = None
    user_statistics: UserStatistics | None = None
    attachments: tuple[Attachment, ...] = ()
    contact_number: str | None = None
    has_additional_message_content: bool = False
