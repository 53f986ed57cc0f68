"""A CXone Digital chat channel: its settings, and every choice where the reference is silent.

Each choice is a field of :class:`CXoneChannel` with its default; the docstring says what it decides.
"""

from typing import Literal

import msgspec

from ..controls import ProactiveAction
from ..model import Channel, Mode

__all__ = [
    "BRAND",
    "CXoneChannel",
    "Choice",
    "FieldDefinition",
    "FileType",
    "MenuItem",
    "Survey",
    "Trigger",
    "channel_id",
    "default_channels",
    "login_channels",
]

BRAND = 1386
Session = Literal["legacy", "secured"]
Authentication = Literal["anonymous", "oauth", "cookie"]


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a list or tree field: ``name`` is what the machine takes, ``value`` what people read."""

    name: str
    value: str
    parent: str = ""


class FieldDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One custom field. ``choices`` is for lists and trees only."""

    ident: str
    label: str
    type: Literal["text", "email", "list", "tree"] = "text"
    required: bool = False
    choices: tuple[Choice, ...] = ()


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """The questions asked before a chat."""

    name: str
    fields: tuple[FieldDefinition, ...]
    id: str = "00000000-0000-4000-8000-00000000005a"


class FileType(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of file that may be attached; ``mime_type`` may be a wildcard such as ``image/*``."""

    mime_type: str
    description: str = ""


class MenuItem(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the persistent menu."""

    id: str
    label: str
    postback: str


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of the center: when ``on`` occurs, ``action`` is fired at that visitor.

    ``on`` is the id of a trigger (ExecuteTrigger) or the type of a visitor event (``ChatWindowOpened``).
    """

    on: str
    action: ProactiveAction


class CXoneChannel(Channel, frozen=True, kw_only=True):
    """One channel of a brand. Lifetimes are seconds, sizes bytes (``allowed_file_size`` megabytes, as on the wire).

    What the channel is:

    - ``session``: secured sessions take a transaction token in the socket's URL; legacy ones authorize on the socket.
    - ``unsecured_allowed``: whether a secured channel also takes a socket without a token, as a legacy session.
    - ``recover_never_fails``: the feature toggle by which "no live chat" is an empty answer and no error.
    - ``group_chat``: several customers may take part in a conversation; ``invitations``: customers may invite them.
    - ``tracks_delivery``: customers are told when a message is delivered (MessageDeliveryStatusChanged).
    - ``previews``: agents are shown what a customer is writing; what comes all the same is acknowledged and dropped.

    Where the CXone wire reference is silent (its section 10):

    - ``invitation_key`` (3): where the answer to an invitation has its code: ``invitation.code``, or at the top.
    - ``names_joined`` (3): the answer to a joining names the thread and its contact, or has no data.
    - ``page_size`` (11): messages in a recovery and in each page of history.
    - ``handshake_refusal`` (7): the HTTP status that refuses a socket; 1000 and more accepts it and closes it at once
      with that code.
    - ``before_authorization``: a legacy frame ahead of the authorization is processed, ignored, or refused. With OAuth,
      processing takes a good access token in it for a proof of who it is, and holds frames without one until the
      authorization: at most 100 of them and a MiB; more are refused.
    - ``authorization_status`` (5): where the web client's ``authorizationStatus`` stands: in the answer to the
      authorization, in a frame of its own, or nowhere.
    - ``foreign_identity``: a secured frame that names another customer than its token is refused, or accepted.
    - ``strict_ids``: a thread or message id that is no uuid is refused.
    - ``logins``: with OAuth, any code stands for a customer, however often; or only what the operator has issued
      (IssueLogin) does: a code once and with its verifier, a token of the third party until it expires.
    - ``refresh_answer`` (6): a renewal is answered by the union of the three readings, or by one of them: the third
      party's object, its fields at top level, or a whole answer with another transaction token.
    - ``unknown_identity`` (6): a cookie that is not known makes a new customer, or is refused.
    - ``message_proof``: messages must carry a good access token with OAuth, or may; a bad one is refused in any case.
    - ``login_gives_token``: with OAuth, the authorization over a socket brings an access token, as it must, or none.
    - ``anonymous_access_token``: legacy anonymous sessions get an access token to reconnect with, too.
    - ``echo_typing``: the customer's typing is sent to the customer's sockets, as inbound without a user.
    - ``chatty`` (12): the pushes that only accompany others are sent as well (MessageSent, MessageAddedIntoCase,
      CaseToRoutingQueueAssignmentChanged, MessageSeenByUser, MessageSeenByEndUser).
    - ``rich_queue_contact``: SetPositionInQueue names the thread too, and not only the contact's number.
    - ``contact_history``: recovery carries the pushes about the contact, or an empty list.
    - ``prefixed_fields``: recovery names custom fields with their scope (``contact.customFields.topic``).
    - ``streamed_history`` (15): a message that came in pieces stands in history as the text that it became, however it
      ended, or as the stream that it was.
    - ``frame_limit``: a frame that is larger goes by URL, which serves it for ``url_lifetime`` seconds.
    - ``inbound_limit`` (8): a larger frame from the client closes the socket with code 1009; None takes any.
    """

    brand: int = BRAND
    session: Session = "legacy"
    authentication: Authentication = "anonymous"
    unsecured_allowed: bool = False
    survey: Survey | None = None
    proactive: bool = True
    transcripts: bool = True
    group_chat: bool = True
    invitations: bool = True
    previews: bool = True
    tracks_delivery: bool = True
    recover_never_fails: bool = False
    attachments: bool = True
    allowed_file_size: int = 25
    allowed_file_types: tuple[FileType, ...] = (
        FileType(mime_type="image/*", description="images"),
        FileType(mime_type="application/pdf", description=".pdf"),
        FileType(mime_type="text/plain", description=".txt"),
    )
    features: dict[str, bool] = msgspec.field(default_factory=dict[str, bool])
    customer_fields: tuple[FieldDefinition, ...] = ()
    contact_fields: tuple[FieldDefinition, ...] = ()
    menu: tuple[MenuItem, ...] = (
        MenuItem(id="m1", label="Track my parcel", postback="menu/track"),
        MenuItem(id="m2", label="Talk to us", postback="menu/agent"),
    )
    triggers: tuple[Trigger, ...] = ()
    invitation_key: Literal["invitation", "code", "invitationCode"] = "invitation"
    names_joined: bool = True
    page_size: int = 20
    token_lifetime: int = 600
    access_token_lifetime: int = 3600
    frame_limit: int = 128 * 1024
    url_lifetime: int = 900
    inbound_limit: int | None = None
    handshake_refusal: int = 401
    before_authorization: Literal["process", "ignore", "refuse"] = "process"
    authorization_status: Literal["in_answer", "own_frame", "absent"] = "in_answer"
    foreign_identity: Literal["refuse", "accept"] = "refuse"
    strict_ids: bool = True
    logins: Literal["any", "issued"] = "any"
    refresh_answer: Literal["union", "third_party", "top_level", "full"] = "union"
    unknown_identity: Literal["new", "refuse"] = "new"
    message_proof: Literal["optional", "required"] = "optional"
    login_gives_token: bool = True
    anonymous_access_token: bool = False
    echo_typing: bool = False
    chatty: bool = False
    rich_queue_contact: bool = False
    contact_history: bool = True
    prefixed_fields: bool = False
    streamed_history: Literal["text", "stream"] = "text"


_MODES: tuple[Mode, ...] = ("single", "multi", "live")
_SESSIONS: tuple[Session, ...] = ("legacy", "secured")
_LOGINS: tuple[tuple[Session, Authentication], ...] = (("legacy", "oauth"), ("secured", "oauth"), ("secured", "cookie"))
_AUTHENTICATIONS: tuple[Authentication, ...] = ("anonymous", "oauth", "cookie")


def channel_id(mode: Mode, session: Session, authentication: Authentication = "anonymous") -> str:
    """Return the id of the default channel of a mode, session style and way to be authorized.

    The last three digits tell which: 0, 1, 2 for anonymous, OAuth, cookie; 1, 2, 3 for single-thread, multi-thread,
    live chat; 1, 2 for legacy, secured.
    """
    digits = f"{_AUTHENTICATIONS.index(authentication)}{_MODES.index(mode) + 1}{_SESSIONS.index(session) + 1}"
    return f"chat_00000000-0000-4000-8000-000000000{digits}"


def login_channels(*, script: str = "") -> tuple[CXoneChannel, ...]:
    """Return one channel of each mode for each way to log in, under brand 1386: OAuth in both styles, cookies."""
    return tuple(
        CXoneChannel(
            id=channel_id(mode, session, way), mode=mode, session=session, authentication=way, script=script,
            message_proof="required",
        )
        for mode in _MODES
        for session, way in _LOGINS
    )  # fmt: skip


def default_channels(*, script: str = "") -> tuple[CXoneChannel, ...]:
    """Return one channel of each mode and session style, under brand 1386, each with the same script."""
    return tuple(
        CXoneChannel(id=channel_id(mode, session), mode=mode, session=session, script=script)
        for mode in _MODES
        for session in _SESSIONS
    )
