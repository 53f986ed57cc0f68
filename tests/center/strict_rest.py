"""The strictest readers of REST bodies: the columns "req" of the CXone wire reference, sections 2.2 to 2.9.

As in ``strict``: a field with a default may be absent, all others must be there for one client or the other.
"""

from typing import Annotated, Literal

import msgspec

from tests.center.strict import CustomField
from tests.center.strict_content import Struct

__all__ = ["Availability", "Configuration", "FileRefused", "FileTaken", "MenuItem", "RestError", "ThirdParty", "Token"]

MimeType = Annotated[str, msgspec.Meta(pattern=r"^[^/]+/[^/]+$")]
"""A drops entries of another form."""
Positive = Annotated[int, msgspec.Meta(gt=0)]


class Availability(Struct):
    status: Literal["online", "offline"]


class FileType(Struct):
    mime_type: MimeType
    description: str


class FileRestrictions(Struct):
    """``allowed_file_size`` is an integer in a string: I reads a string, A takes the quotes away."""

    allowed_file_size: Annotated[str, msgspec.Meta(pattern=r"^\d+$")]
    allowed_file_types: list[FileType]
    is_attachments_enabled: bool


class Features(Struct):
    """A missing key counts as enabled on mobile clients, so those that decide something have to be there."""

    secured_sessions: bool
    is_recover_livechat_does_not_fail_enabled: bool
    is_proactive_chat_enabled: bool


class Settings(Struct):
    has_multiple_threads_per_end_user: bool
    is_proactive_chat_enabled: bool
    live_chat_allow_transcript: bool
    secured_sessions: bool
    file_restrictions: FileRestrictions
    features: Features


class Value(Struct):
    name: str
    value: str
    parent_id: str | None = None


class Definition(Struct):
    ident: str
    label: str
    type: Literal["text", "email", "list", "tree"]
    required: bool
    values: list[Value]
    is_editable: bool
    live_chat_visibility: Literal["visible", "hidden"]
    post_detail_visibility: Literal["visible", "hidden"]


class Asked(Struct):
    is_required: bool
    definition: Definition


class ChannelOfSurvey(Struct):
    id: str


class Form(Struct):
    id: str
    name: str
    channels: list[ChannelOfSurvey]
    custom_fields: list[Asked]


class Configuration(Struct):
    name: str
    channel_id_on_external_platform: str
    is_live_chat: bool
    is_authorization_enabled: bool
    is_secured_cookie_enabled: bool
    is_unsecured_connection_allowed: bool
    availability: Availability
    settings: Settings
    pre_contact_form: Form | None
    translations: dict[str, str]
    translations_locale: str
    end_user_custom_fields: list[Definition]
    case_custom_fields: list[Definition]


class IdentityOfToken(Struct):
    id_on_external_platform: str
    first_name: str
    last_name: str
    custom_fields: list[CustomField]


class Token(Struct):
    access_token: str
    expires_in: Positive
    customer_identity: IdentityOfToken


class Refreshed(msgspec.Struct, kw_only=True):
    """What a third party's tokens look like, in both places where clients look for them (2.8)."""

    access_token: str
    refresh_token: str
    expires_in: Positive


class ThirdParty(msgspec.Struct, kw_only=True):
    """The union: W reads ``thirdParty``, I the same three at the top, A the transaction token beside it."""

    third_party: Refreshed = msgspec.field(name="thirdParty")
    transaction_token: str = msgspec.field(name="accessToken")
    access_token: str
    refresh_token: str
    expires_in: Positive


class FileTaken(Struct, forbid_unknown_fields=True):
    file_url: Annotated[str, msgspec.Meta(pattern="^https?://")]


class FileRefused(FileRestrictions, forbid_unknown_fields=True):
    """The body of a refused upload: what would be allowed, and no ``fileUrl``."""


class MenuItem(Struct):
    id: str
    label: str
    postback: str


class ErrorBody(Struct):
    error_code: str
    error_message: str


class RestError(Struct):
    error: ErrorBody
