"""What an app asks of a whole chat, imperative; a part of :mod:`deskline_core.inputs`."""

from typing import ClassVar

from .model import OfferOutcome, PushNetwork
from .values import QUIET_TEXT, Secret, Value

__all__ = [
    "AppRequest",
    "Authenticate",
    "AwaitReady",
    "CheckAvailability",
    "Connect",
    "Disconnect",
    "EnterActive",
    "EnterBackground",
    "ExecuteTrigger",
    "FetchConfiguration",
    "FetchIceServers",
    "FetchMenu",
    "FetchVersion",
    "JoinThread",
    "LeavePage",
    "NotePush",
    "Open",
    "Prepare",
    "RegisterDevice",
    "ReportConversion",
    "ReportOffer",
    "ReportVisitorEvent",
    "ReportWindowOpened",
    "SendOfflineMessage",
    "SetCustomer",
    "SetCustomerFields",
    "SignOut",
    "ViewPage",
    "WrongRequest",
]


class AppRequest(Value, frozen=True, kw_only=True):
    """What an app asks for; ``request`` is repeated by the one command that settles it."""

    request: int


class WrongRequest(AppRequest, frozen=True, kw_only=True):
    """What a journal has in place of a request whose fields are not of their types: it is refused as that was.

    ``asked`` is the request's name, ``wrong`` says what was wrong. No app asks for it.
    """

    asked: str
    wrong: str


# --- the whole chat ---


class Prepare(AppRequest, frozen=True, kw_only=True):
    """Fetch the channel configuration and register the visitor. Answer: None, when prepared (S1-S9)."""


class Connect(AppRequest, frozen=True, kw_only=True):
    """Connect from prepared, lost or offline. Answer: None at once; :class:`AwaitReady` waits (S11-S16)."""


class Open(AppRequest, frozen=True, kw_only=True):
    """Want the chat: prepare where needed, connect, and keep connected. Answer: None at once."""


class Disconnect(AppRequest, frozen=True, kw_only=True):
    """No longer want the chat; rest in prepared. Answer: None, when the socket is closed (S34-S36)."""


class SignOut(AppRequest, frozen=True, kw_only=True):
    """Close, drain, then forget visitor, customer and tokens. Answer: None, when all is done (S37)."""


class EnterBackground(AppRequest, frozen=True, kw_only=True):
    """The app leaves its user's sight: close the socket, keep the intent. Answer: None (S34).

    The answer comes at once, before the socket is closed; :class:`SocketClosed` or the state tells when it is.
    """


class EnterActive(AppRequest, frozen=True, kw_only=True):
    """The app is in front of its user again: connect if the chat is still wanted. Answer: None (S47)."""


class AwaitReady(AppRequest, frozen=True, kw_only=True):
    """Answer None when the chat is ready; refused when it is offline, lost, unsupported or needs credentials.

    A first connect that fails is not tried again by itself: whoever waits is refused once with the cause, and whoever
    asks after that with ``not_connected``, until a :class:`Connect` or :class:`Open` tries again.
    """


class SetCustomer(AppRequest, frozen=True, kw_only=True):
    """Say who the customer is; in initial only (S45). Answer: None."""

    id: str
    first_name: str = ""
    last_name: str = ""


class ExecuteTrigger(AppRequest, frozen=True, kw_only=True):
    """Run an automation that the far side has set up under this id. Answer: None (S42)."""

    trigger: str


class Authenticate(AppRequest, frozen=True, kw_only=True):
    """Give a login of the customer's, made elsewhere: an authorization code with its verifier, or a ready token.

    Tokens that were kept are dropped; a socket that is open goes on with those it has, and the login is for the next
    one. A chat that is wanted and needs it goes on connecting. Refused where the channel is known to take no logins.
    Answer: None at once; whether the far side accepts it shows as the chat connects (S18, S19, S26, S33).
    """

    code: Secret = Secret("")
    verifier: Secret = Secret("")
    token: Secret = Secret("")


class RegisterDevice(AppRequest, frozen=True, kw_only=True):
    """Say where pushes to this device go, or by "" that none do any more. It is kept until it is replaced.

    The far side is told when it can be: with every prepare or new conversation, and at once where there is one.
    ``network`` is who pushes, where the far side knows several, and ``app`` the app's id there. Answer: None,
    once it is kept.
    """

    token: Secret
    network: PushNetwork | None = None
    app: str = ""


class SetCustomerFields(AppRequest, frozen=True, kw_only=True):
    """Set custom fields of the customer, as (field id, value). Answer: None, once they are kept to be sent."""

    fields: tuple[tuple[str, str], ...]

    quiet: ClassVar[frozenset[str]] = frozenset({"fields"})


class SendOfflineMessage(AppRequest, frozen=True, kw_only=True):
    """Leave a message with nobody there: it is answered by e-mail. Answer: None, when it was sent.

    A live chat that is offline connects for it, and is offline again; one that is ready sends it as it is.
    """

    email: str
    text: str
    first_name: str = ""
    last_name: str = ""

    quiet: ClassVar[frozenset[str]] = QUIET_TEXT | {"email", "first_name", "last_name"}


class FetchMenu(AppRequest, frozen=True, kw_only=True):
    """Fetch the menu that the site shows all the time. Answer: its entries, as :class:`~deskline_core.model.Choice`."""


class CheckAvailability(AppRequest, frozen=True, kw_only=True):
    """Ask whether the site is open now (B1). Answer: an :class:`~deskline_core.model.Availability`."""


class NotePush(AppRequest, frozen=True, kw_only=True):
    """A push of the device's service came, and named this conversation of the far side's (B54, B55).

    Answer: whether it is this customer's. A chat that is wanted looks at once for what is new.
    """

    conversation: str


class FetchIceServers(AppRequest, frozen=True, kw_only=True):
    """Fetch the servers that help a call through. Answer: a tuple of :class:`~deskline_core.model.IceServer`."""


class FetchVersion(AppRequest, frozen=True, kw_only=True):
    """Fetch the version of the far side's software. Answer: its text."""


class FetchConfiguration(AppRequest, frozen=True, kw_only=True):
    """Fetch how the far side wants a window of the chat to look. Answer: its JSON, as text."""


class JoinThread(AppRequest, frozen=True, kw_only=True):
    """Join someone else's conversation with the code of an invitation. Answer: None, when the far side has agreed.

    It appears as a thread, which is recovered at once.
    """

    code: str

    quiet: ClassVar[frozenset[str]] = frozenset({"code"})


# --- the visitor, who needs a prepared chat only (S43, S44) ---


class ViewPage(AppRequest, frozen=True, kw_only=True):
    """The customer looks at a page now; the one before it is left. Answer: None, when the far side took it."""

    title: str
    url: str


class LeavePage(AppRequest, frozen=True, kw_only=True):
    """The customer no longer looks at the page: the time spent is reported. Answer: None, when the far side took it."""


class ReportWindowOpened(AppRequest, frozen=True, kw_only=True):
    """The chat was opened before the customer's eyes. Answer: None, when the far side took it."""


class ReportConversion(AppRequest, frozen=True, kw_only=True):
    """The visit led to something, such as a purchase of that value. Answer: None, when the far side took it."""

    name: str
    value: float


class ReportOffer(AppRequest, frozen=True, kw_only=True):
    """What became of an offer, by its id. Answer: None, when the far side took it."""

    offer: str
    outcome: OfferOutcome


class ReportVisitorEvent(AppRequest, frozen=True, kw_only=True):
    """Report an event of the app's own, as pairs of names and texts. Answer: None, when the far side took it.

    It goes the way that the policy's ``custom_events`` says.
    """

    data: tuple[tuple[str, str], ...] = ()

    quiet: ClassVar[frozenset[str]] = frozenset({"data"})
