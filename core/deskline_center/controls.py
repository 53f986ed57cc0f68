"""What the operator can do: the agents' side, and faults. Each control is one value; in JSON its name is its tag.

``thread`` is the client's own id of a thread; left empty it is the thread in which something happened last.
``id`` comes back in the command that tells what became of the control. Durations are seconds, a year at most. What
JSON could not hold is refused, and so is what is nested deeper than 64.

The names that faults match: of a request over the socket its event type (``SendMessage``) or ``heartbeat``; of REST
requests ``rest:channel``, ``rest:availability``, ``rest:visitor``, ``rest:visitor-events``, ``rest:token``,
``rest:attachment``, ``rest:menu``, ``rest:message``, ``rest:stream``, ``rest:large-event``, ``rest:file``,
``rest:log``; and ``handshake``. Of what the center sends: the event type of the frame (``MessageCreated``,
``ThreadRecovered``), ``ack`` for a bare one, ``error``. Of Bright Pattern's requests: ``availability``,
``parameters``, ``request-chat``, ``active-chat``, ``poll``, ``send`` (or by what is sent first:
``send:chat_session_message``), ``history``, ``case-history``, ``close-case``, ``upload``, ``file``, ``photo``,
``icon``, ``notifications``, ``version``, ``ice-servers``, ``configuration``; of its events their names. ``*`` matches
all of them, but for handshakes, heartbeats and polls.

What only Bright Pattern has stands in :mod:`deskline_center.brightpattern.controls`.
"""

from typing import Any, Literal

import msgspec

from .bounds import Copies, Number, Seconds, Times, WholeSeconds
from .scripts import Script

__all__ = [
    "AgentJoins",
    "AgentLeaves",
    "AgentReads",
    "AgentReceives",
    "AgentRewrites",
    "AgentSays",
    "AgentStatus",
    "AgentStreams",
    "AgentTypes",
    "AlertAgent",
    "Availability",
    "CloseContact",
    "ContactStatus",
    "Control",
    "Delay",
    "DropSockets",
    "ExpireTokens",
    "Fail",
    "ForgetFaults",
    "Hold",
    "IssueLogin",
    "Lose",
    "LosePush",
    "MoveContact",
    "NameThread",
    "PreferAgent",
    "ProactiveAction",
    "QueuePlace",
    "Repeat",
    "RunScript",
    "SendPush",
    "SendRaw",
    "SetFields",
    "Spoil",
    "StreamPiece",
    "ViaUrl",
    "WarnInactive",
]


def _tag(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).removeprefix("-")


class Control(msgspec.Struct, frozen=True, kw_only=True, tag_field="control", tag=_tag):
    """What all controls share."""

    id: str = ""


class AgentJoins(Control, frozen=True, kw_only=True):
    """An agent takes the contact, from another one if there is one. 0 is the center's first agent."""

    thread: str = ""
    agent: Number = 0


class AgentLeaves(Control, frozen=True, kw_only=True):
    """The agent leaves; the contact waits in the queue again."""

    thread: str = ""


class AgentTypes(Control, frozen=True, kw_only=True):
    """The agent begins or stops typing."""

    thread: str = ""
    typing: bool = True
    agent: Number = 0


class AgentSays(Control, frozen=True, kw_only=True):
    """The agent sends ``text``, or a whole message content in the vendor's form, however odd.

    ``message`` is the external id of the message; empty draws one. ``partial`` announces that the content has a
    second part, to be fetched by REST. A thread without an open contact gets a new one.

    ``attachments`` are objects as they travel (``url``, ``friendlyName``, ``mimeType``); one with ``content``, base64,
    instead of a ``url`` is stored, and can be fetched from the center.
    """

    thread: str = ""
    text: str = ""
    content: dict[str, Any] | None = None
    attachments: tuple[dict[str, Any], ...] = ()
    agent: Number = 0
    message: str = ""
    partial: bool = False


class AgentStreams(Control, frozen=True, kw_only=True):
    """The agent sends a message that comes in ``pieces``, one every ``seconds``.

    Behind them it ends: with the last one (``stop``), by closing without having said so, or by a cut connection;
    ``open`` lets it wait for ``stream-piece``. ``url`` is where it says that it lies, if not where it does.
    """

    thread: str = ""
    pieces: tuple[str, ...] = ()
    seconds: Seconds = 0.1
    end: Literal["stop", "close", "cut", "open"] = "stop"
    agent: Number = 0
    message: str = ""
    url: str = ""
    protocol: str = "sse"


class StreamPiece(Control, frozen=True, kw_only=True):
    """Go on with a message that comes in pieces: with ``text``, or any ``raw`` text in the stream; ``end`` as above.

    ``message`` is its external id; empty takes the newest one.
    """

    message: str = ""
    text: str = ""
    raw: str = ""
    end: Literal["", "stop", "close", "cut"] = ""


class AgentRewrites(Control, frozen=True, kw_only=True):
    """Give a message another text or content, as when it is removed or translated. Empty takes the newest one."""

    thread: str = ""
    message: str = ""
    text: str = ""
    content: dict[str, Any] | None = None


class AgentReceives(Control, frozen=True, kw_only=True):
    """Tell that a message is delivered to the agent. Empty takes the newest one."""

    thread: str = ""
    message: str = ""


class AgentReads(Control, frozen=True, kw_only=True):
    """The agent reads what the customer wrote."""

    thread: str = ""


class WarnInactive(Control, frozen=True, kw_only=True):
    """Ask whether the customer is still there. The contact is closed after ``seconds`` without an answer."""

    thread: str = ""
    seconds: WholeSeconds = 90


class CloseContact(Control, frozen=True, kw_only=True):
    """The agent closes the contact."""

    thread: str = ""


class ContactStatus(Control, frozen=True, kw_only=True):
    """Set the status of the contact: new, open, pending, escalated, resolved, closed, trashed, or any other word."""

    thread: str = ""
    status: str = "pending"


class QueuePlace(Control, frozen=True, kw_only=True):
    """Tell the waiting customer a place in the queue."""

    thread: str = ""
    place: Number = 1


class MoveContact(Control, frozen=True, kw_only=True):
    """Put the contact into the queue of that name, or into none when empty. Its place is left to ``queue-place``."""

    thread: str = ""
    queue: str = "Repairs"


class AlertAgent(Control, frozen=True, kw_only=True):
    """Offer the contact to an agent, who has not accepted it yet."""

    thread: str = ""
    agent: Number = 0


class PreferAgent(Control, frozen=True, kw_only=True):
    """Let an agent be preferred when the contact is assigned next; None takes that back."""

    thread: str = ""
    agent: Number | None = 0


class NameThread(Control, frozen=True, kw_only=True):
    """Give the thread another name, from the agents' side."""

    thread: str = ""
    name: str = "Parcel"


class RunScript(Control, frozen=True, kw_only=True):
    """Run a script for the contact: one of the center's by ``name``, or the one given."""

    thread: str = ""
    name: str = ""
    script: Script | None = None


class AgentStatus(Control, frozen=True, kw_only=True):
    """Set an agent's own state; the customers of every channel are told when ``tell`` is set."""

    agent: Number = 0
    status: Literal["online", "offline", "na"] = "online"
    tell: bool = False


class Availability(Control, frozen=True, kw_only=True):
    """Open or close a channel for new chats; without ``channel`` all of them."""

    channel: str = ""
    online: bool = True


class DropSockets(Control, frozen=True, kw_only=True):
    """End sockets: those of one thread, customer, channel or socket; without any, all.

    With ``code`` a close frame is sent, without it the connection is cut.
    """

    thread: str = ""
    customer: str = ""
    channel: str = ""
    socket: str = ""
    code: Number | None = None
    reason: str = ""


class ExpireTokens(Control, frozen=True, kw_only=True):
    """Make every token that was issued invalid, of one channel or of all; or only those of one kind.

    The kinds are ``transaction`` for sockets, ``access`` for messages, ``refresh``, ``identity`` (cookies), ``message``
    for single messages, and what the operator issued: ``code`` and ``token``.
    """

    channel: str = ""
    kind: Literal["", "transaction", "access", "refresh", "identity", "message", "code", "token"] = ""


class IssueLogin(Control, frozen=True, kw_only=True):
    """Log a customer in at the third party of an OAuth channel: what comes back is a ``code``, or a ``token``.

    A code is good once, for ten minutes, and with ``verifier`` only together with it; a token is good for an hour. The
    customer gets an id if none is given.
    """

    channel: str
    customer: str = ""
    verifier: str = ""
    kind: Literal["code", "token"] = "code"


class Fail(Control, frozen=True, kw_only=True):
    """Answer the next ``times`` matching requests with an error, and do not carry them out.

    ``status`` is the HTTP status, for REST and handshakes; None is the usual one of the code, else 500. ``code`` is the
    error code; empty takes the usual one, ``gateway`` (over the socket) sends an error of the gateway without any event
    id. For a handshake a ``status`` of 1000 and more accepts the socket and closes it at once with that code. ``page``
    is HTML that a REST request gets as its body in place of the error, as from a proxy in between.
    """

    match: str
    times: Times = 1
    status: Number | None = None
    code: str = ""
    message: str = "Refused by the operator"
    page: str = ""


class Delay(Control, frozen=True, kw_only=True):
    """Carry out the next ``times`` matching requests, but hold their answers back for ``seconds``."""

    match: str
    times: Times = 1
    seconds: Seconds = 1.0


class Lose(Control, frozen=True, kw_only=True):
    """Lose the answers of the next ``times`` matching requests.

    ``done`` tells whether the request is still carried out. The connection of a REST request is cut.
    """

    match: str
    times: Times = 1
    done: bool = True


class Repeat(Control, frozen=True, kw_only=True):
    """Send each of the next ``times`` matching frames ``copies`` times more."""

    match: str
    times: Times = 1
    copies: Copies = 1


class LosePush(Control, frozen=True, kw_only=True):
    """Send none of the next ``times`` matching frames."""

    match: str
    times: Times = 1


class Hold(Control, frozen=True, kw_only=True):
    """Hold each of the next ``times`` matching frames back for ``seconds``, so that later ones overtake it."""

    match: str
    times: Times = 1
    seconds: Seconds = 1.0


class ViaUrl(Control, frozen=True, kw_only=True):
    """Send the next ``times`` matching frames by URL, whatever their size."""

    match: str
    times: Times = 1


class Spoil(Control, frozen=True, kw_only=True):
    """Change the next ``times`` matching frames or events on their way out.

    They go without the keys of ``leave_out`` and with those of ``lay_over``, and between the others that are given:
    ``ahead`` of them and ``behind``, as odd as one likes. Only what stands at their top is changed.
    """

    match: str
    times: Times = 1
    leave_out: tuple[str, ...] = ()
    lay_over: dict[str, Any] = {}
    ahead: tuple[dict[str, Any], ...] = ()
    behind: tuple[dict[str, Any], ...] = ()


class ForgetFaults(Control, frozen=True, kw_only=True):
    """Take back all faults that still wait."""


class SendRaw(Control, frozen=True, kw_only=True):
    """Send any text as a frame: to one socket, to a thread's people, to a customer; without any, to all."""

    text: str
    thread: str = ""
    customer: str = ""
    socket: str = ""


class SendPush(Control, frozen=True, kw_only=True):
    """Send a push with any type and data, in the usual envelope, to the people of a thread."""

    event_type: str
    event_object: str = "Case"
    data: dict[str, Any] = {}
    thread: str = ""


class SetFields(Control, frozen=True, kw_only=True):
    """Set custom fields of a thread's open contact and of its customer, as an agent does.

    Clients learn of them by the next push about the contact, or by the next recovery; ``tell`` makes one at once.
    """

    thread: str = ""
    contact: dict[str, str] = {}
    customer: dict[str, str] = {}
    tell: bool = False


class ProactiveAction(Control, frozen=True, kw_only=True):
    """Fire a proactive action at the sockets of one customer, or of all when empty.

    ``kind`` is ``WelcomeMessage``, ``CustomPopupBox`` or any other word; ``content`` is laid over ``text`` and
    ``headline``, ``data`` over all of its data; ``destination`` empty takes the one that each socket has named.
    """

    customer: str = ""
    kind: str = "WelcomeMessage"
    name: str = "First hello"
    text: str = ""
    headline: str = ""
    button: str = ""
    content: dict[str, Any] = {}
    data: dict[str, Any] = {}
    fields: dict[str, str] = {}
    destination: str = ""
