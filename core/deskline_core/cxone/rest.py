"""The REST side of CXone: what it answers, and what we send (CXone wire reference, section 2).

A reader returns what it read, or the reason why it could not, as a text. None of them raises.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, Final, Literal

import msgspec

from ..model import Question
from ..pieces import amount_of, entries, flag_of, load, object_of, part, text_of
from ..times import moment
from ..values import Value
from .dates import format_milliseconds
from .survey import read_definitions, read_survey

__all__ = [
    "ChannelMode",
    "Configuration",
    "RestError",
    "read_availability",
    "read_configuration",
    "read_error",
    "visitor_body",
    "visitor_date",
    "visitor_event",
    "visitor_event_body",
]

_MEBIBYTE: Final = 1024 * 1024
_MOST: Final = 1e9
"""No limit of a file's size means more, in MiB."""
_MOST_WORDS: Final = 1000


class ChannelMode(StrEnum):
    """How a channel's conversations are ordered (0.3)."""

    SINGLE_THREAD = "single thread"
    MULTI_THREAD = "multi thread"
    LIVE_CHAT = "live chat"


class Configuration(Value, frozen=True, kw_only=True):
    """A channel's configuration (2.2). ``online`` is None where it does not say; ``max_attachment`` is bytes."""

    mode: ChannelMode
    authentication: Literal["anonymous", "secured cookie", "oauth"] = "anonymous"
    name: str = ""
    disabled: frozenset[str] = frozenset()
    transcript_allowed: bool = False
    survey: tuple[Question, ...] = ()
    customer_questions: tuple[Question, ...] = ()
    thread_questions: tuple[Question, ...] = ()
    attachments_allowed: bool = False
    max_attachment: int = 0
    attachment_types: tuple[str, ...] = ()
    online: bool | None = None
    group_chat: bool = False
    invitations: bool = False
    typing_preview: bool = False
    has_menu: bool = False

    def feature(self, name: str) -> bool:
        """Tell whether a feature is on. One that is not named counts as on."""
        return name not in self.disabled

    @property
    def secured(self) -> bool:
        """Whether sessions are secured: with a transaction token, and without an authorize event."""
        return self.feature("securedSessions")

    @property
    def recover_does_not_fail(self) -> bool:
        """Whether a live chat's recovery answers without data, instead of failing, when there is nothing."""
        return self.feature("isRecoverLivechatDoesNotFailEnabled")


class RestError(Value, frozen=True, kw_only=True):
    """What a refusal says (2.1, 2.8). ``code`` is the far side's own word, "" if it gave none."""

    status: int
    code: str = ""
    text: str = ""
    transaction: str = ""

    quiet: ClassVar[frozenset[str]] = frozenset({"text"})

    @property
    def blocks_address(self) -> bool:
        """Whether the far side takes nothing from this address of ours (trap C6)."""
        return self.code == "ip_blocked"

    @property
    def refuses_version(self) -> bool:
        """Whether it is final until the program is updated."""
        return self.code == "SdkVersionNotSupported"


# --- answers ---


def read_configuration(body: bytes, channel: str = "") -> Configuration | str:
    """Read a channel's configuration. ``channel`` is the site's own id, "" to take the one it names itself."""
    root = load(body)
    settings = object_of(part(root, "settings"))
    is_live_chat = flag_of(part(root, "isLiveChat"))
    if is_live_chat is None or not settings:
        return "not a channel configuration"
    own_id = channel or f"chat_{text_of(part(root, 'channelIdOnExternalPlatform'))}"
    status = text_of(part(root, "availability", "status"))
    return Configuration(
        mode=_mode(root, is_live_chat=is_live_chat),
        authentication=_authentication(root),
        name=text_of(part(root, "name")),
        disabled=frozenset(
            name for name, value in object_of(part(settings, "features")).items() if flag_of(value) is False
        ),
        transcript_allowed=flag_of(part(settings, "liveChatAllowTranscript")) is True,
        survey=read_survey(part(root, "preContactForm"), own_id),
        customer_questions=read_definitions(part(root, "endUserCustomFields")),
        thread_questions=read_definitions(part(root, "caseCustomFields")),
        attachments_allowed=flag_of(part(settings, "fileRestrictions", "isAttachmentsEnabled")) is True,
        max_attachment=int(min(amount_of(part(settings, "fileRestrictions", "allowedFileSize")), _MOST) * _MEBIBYTE),
        attachment_types=_attachment_types(part(settings, "fileRestrictions", "allowedFileTypes")),
        group_chat=flag_of(part(settings, "isGroupChatAllowed")) is True,
        invitations=flag_of(part(settings, "canCustomerInviteToGroupChat")) is True,
        typing_preview=flag_of(part(settings, "enableChatTypingPreview")) is True,
        has_menu=flag_of(part(settings, "enablePersistentMenu")) is True,
        online=status == "online" if status else None,
    )


def read_availability(body: bytes) -> bool | str:
    """Tell whether a live chat is staffed (2.3). Anything but ``online`` is offline."""
    status = text_of(part(load(body), "status"))
    return status == "online" if status else "no status"


def read_error(status: int, body: bytes) -> RestError:
    """Read what a refusal says, wherever it may stand: an object ``error``, a word ``error``, or the top level."""
    root = load(body)
    error = part(root, "error")
    code = text_of(part(error, "errorCode")) or text_of(part(root, "errorCode")) or text_of(error)
    text = text_of(part(error, "errorMessage")) or text_of(part(root, "errorMessage")) or text_of(part(root, "message"))
    transaction = text_of(part(error, "transactionId")) or text_of(part(root, "transactionId"))
    return RestError(
        status=status, code=code[:_MOST_WORDS], text=text[:_MOST_WORDS], transaction=transaction[:_MOST_WORDS]
    )


def _mode(root: object, *, is_live_chat: bool) -> ChannelMode:
    if is_live_chat:
        return ChannelMode.LIVE_CHAT
    if flag_of(part(root, "settings", "hasMultipleThreadsPerEndUser")):
        return ChannelMode.MULTI_THREAD
    return ChannelMode.SINGLE_THREAD


def _authentication(root: object) -> Literal["anonymous", "secured cookie", "oauth"]:
    if flag_of(part(root, "isSecuredCookieEnabled")):
        return "secured cookie"
    return "oauth" if flag_of(part(root, "isAuthorizationEnabled")) else "anonymous"


def _attachment_types(value: object) -> tuple[str, ...]:
    return tuple(name for entry in entries(value) if (name := text_of(part(entry, "mimeType"))))


# --- requests ---


def visitor_body(
    customer: str, first_name: str = "", last_name: str = "", *, locale: str = "en-US", device_token: str = ""
) -> bytes:
    """Return what creates or updates a visitor (2.4). ``device_token`` is where pushes go, "" for none."""
    language, _, country = locale.replace("_", "-").partition("-")
    fingerprint = {
        "country": country,
        "language": language,
        "applicationType": "native",
        "deviceType": "other",
        "deviceToken": device_token,
    }
    return msgspec.json.encode(
        {
            "customerIdentity": _filled(
                {"idOnExternalPlatform": customer, "firstName": first_name, "lastName": last_name}
            ),
            "browserFingerprint": _filled(fingerprint),
        }
    )


def visitor_date(now: float) -> str:
    """Write a time of ours, in UTC seconds, as visitor events do."""
    return format_milliseconds(moment(now))


def visitor_event(id: str, type: str, created_at: float, data: Mapping[str, object]) -> dict[str, object]:
    """Return one visitor event, as it goes over the socket (3.5.21). ``created_at`` is UTC seconds."""
    return {"id": id, "type": type, "createdAtWithMilliseconds": visitor_date(created_at), "data": data}


def visitor_event_body(event: Mapping[str, object], visit: str, destination: str) -> bytes:
    """Return a visitor event as it goes by REST (2.5)."""
    return msgspec.json.encode({**event, "visitId": visit, "destination": {"id": destination}})


def _filled(parts: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in parts.items() if value}
