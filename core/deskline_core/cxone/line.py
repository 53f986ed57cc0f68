"""The one socket of a session: opening and closing by number, frames in order, heartbeat, requests and answers.

At most one socket at a time: a new one waits until the old one is reported closed, or for the policy's
``close_timeout``. Requests on the wire are *exchanges*: each has an event id that its answer repeats,
and a deadline.
"""

from typing import TYPE_CHECKING

from ..commands import CloseSocket, OpenSocket, SendFrame
from ..inputs import SocketClosed
from ..values import Secret
from . import encode
from .rules import STANDING

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Exchange", "Line"]


class Exchange:
    """One request on the wire: ``kind`` is its event type; ``thread``, ``message``, ``requests`` whom it concerns."""

    __slots__ = ("event_id", "frame", "kind", "message", "requests", "thread")

    def __init__(self, kind: str, event_id: str, *, thread: str, message: str, requests: tuple[int, ...]) -> None:
        self.kind = kind
        self.event_id = event_id
        self.thread = thread
        self.message = message
        self.requests = requests
        self.frame = 0


class Line:
    """Socket, frames and exchanges of one session."""

    __slots__ = (
        "_chat", "_draining", "_frame", "_last_socket", "_pending_url", "_pinged_at", "_waiting", "_window",
        "exchanges", "heard", "is_open", "socket",
    )  # fmt: skip

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self.socket: int | None = None
        self.is_open = False
        self.heard = False
        self.exchanges: dict[str, Exchange] = {}
        self._last_socket = 0
        self._frame = 0
        self._draining: int | None = None
        self._pending_url: Secret | None = None
        self._pinged_at = 0.0
        self._waiting: list[tuple[int, str, Exchange | None]] = []
        self._window: tuple[float, int] = (0.0, 0)

    # --- the socket ---

    def open(self, url: Secret) -> None:
        """Open a socket, as soon as the old one is closed."""
        session = self._chat.session
        self._last_socket += 1
        self.socket = self._last_socket
        self.is_open = False
        session.deadlines.set("connect", session.now + session.policy.connect_timeout)
        if self._draining is None:
            session.emit(OpenSocket(socket=self.socket, url=url, deadline=session.now + session.policy.connect_timeout))
        else:
            self._pending_url = url

    @property
    def is_drained(self) -> bool:
        """Whether no socket of ours is open or closing any more."""
        return self._draining is None

    def opened(self, socket: int) -> bool:
        """Note that the socket is open; False if it is not the current one (S46)."""
        session = self._chat.session
        if self._is_foreign(socket):
            return False
        session.deadlines.clear("connect")
        self.is_open = True
        self.heard = False
        session.deadlines.set("heartbeat", session.now + session.policy.heartbeat)
        return True

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Let go of the socket; what was under way on it is settled when it is reported closed."""
        if self.socket is None:
            return
        session = self._chat.session
        socket, self.socket, self.is_open = self.socket, None, False
        self._quiet()
        if self._pending_url is not None:
            self._pending_url = None  # it was never asked for
            return
        for event_id in self.exchanges:  # only the report of the close tells what was written
            session.deadlines.clear("exchange", event_id)
        self._draining = socket
        session.emit(CloseSocket(socket=socket, code=code, reason=reason))
        session.deadlines.set("drain", session.now + session.policy.close_timeout)

    def closed(self, input: SocketClosed) -> bool:
        """Note that a socket is closed; True if it is the current one, lost without our doing."""
        if input.socket == self._draining:
            self._drained(frozenset(input.unwritten))
            return False
        if self._is_foreign(input.socket):
            return False
        self.socket, self.is_open = None, False
        self._quiet()
        self._chat.connection.cut()
        self._settle(frozenset(input.unwritten))
        return True

    def drain_elapsed(self) -> None:
        """The old socket was never reported closed: nobody knows what of it was written."""
        self._drained(frozenset())

    def _drained(self, unwritten: frozenset[int]) -> None:
        self._draining = None
        self._chat.session.deadlines.clear("drain")
        self._settle(unwritten)
        self._chat.waiting.settle_disconnected()
        if self._pending_url is not None and self.socket is not None:
            url, self._pending_url = self._pending_url, None
            deadline = self._chat.session.now + self._chat.session.policy.connect_timeout
            self._chat.session.deadlines.set("connect", deadline)
            self._chat.session.emit(OpenSocket(socket=self.socket, url=url, deadline=deadline))
        self._chat.connection.line_drained()

    def _quiet(self) -> None:
        for name in ("connect", "heartbeat", "heartbeat answer", "rate"):
            self._chat.session.deadlines.clear(name)

    def _is_foreign(self, socket: int) -> bool:
        if socket != self.socket and STANDING.holds("S46"):
            self._chat.session.counts["stale completions"] += 1
            return True
        return False

    def accepts(self, socket: int) -> bool:
        """Whether a frame belongs to the current socket; a foreign one is counted (S46)."""
        return not self._is_foreign(socket)

    # --- heartbeat (wire reference, section 3.2): any frame counts as an answer ---

    def beat(self) -> None:
        """Send a heartbeat, and expect to hear something."""
        session = self._chat.session
        self._pinged_at = session.now
        self.heard = False
        self._frame += 1
        self._emit(self._frame, encode.HEARTBEAT, None)  # past those that wait for the rate limit
        session.deadlines.set("heartbeat answer", session.now + session.policy.heartbeat_answer)

    def answered(self) -> bool:
        """Whether anything was heard since the heartbeat; then the next one is due in time."""
        if not self.heard:
            return False
        session = self._chat.session
        session.deadlines.set("heartbeat", max(self._pinged_at + session.policy.heartbeat, session.now))
        return True

    # --- frames ---

    def send(self, text: str, exchange: Exchange | None = None) -> int:
        """Send a frame, in order and within the client's rate limit; return its number."""
        self._frame += 1
        if self._waiting or not self._admitted():
            self._waiting.append((self._frame, text, exchange))
            self._chat.session.deadlines.set("rate", self._window[0] + self._chat.session.policy.rate_limit[1])
        else:
            self._emit(self._frame, text, exchange)
        return self._frame

    @property
    def is_congested(self) -> bool:
        """Whether as many frames wait for the rate limit as the policy's outbox holds."""
        return len(self._waiting) >= self._chat.session.policy.outbox

    @property
    def has_room(self) -> bool:
        """Whether a frame that nobody would miss may go: at most half of the rate limit is for such."""
        amount, period = self._chat.session.policy.rate_limit
        began, used = self._window
        is_over = self._chat.session.now >= began + period
        return not self._waiting and (0 if is_over else used) < amount // 2

    def rate_elapsed(self) -> None:
        """Another window of the rate limit begins."""
        while self._waiting and self._admitted():
            self._emit(*self._waiting.pop(0))
        if self._waiting:
            self._chat.session.deadlines.set("rate", self._window[0] + self._chat.session.policy.rate_limit[1])

    def _admitted(self) -> bool:
        amount, period = self._chat.session.policy.rate_limit
        now = self._chat.session.now
        began, used = self._window
        if now >= began + period:
            began, used = now, 0
        if used >= amount:
            return False
        self._window = (began, used + 1)
        return True

    def _emit(self, frame: int, text: str, exchange: Exchange | None) -> None:
        if self.socket is None:
            return
        session = self._chat.session
        session.emit(SendFrame(socket=self.socket, frame=frame, text=text))
        if exchange is not None and exchange.event_id in self.exchanges:
            session.deadlines.set("exchange", session.now + session.policy.request_timeout, exchange.event_id)

    # --- exchanges ---

    def begin(self, kind: str, thread: str = "", *, message: str = "", requests: tuple[int, ...] = ()) -> Exchange:
        """Return a new exchange; :meth:`post` sends its frame, and its deadline counts from when that leaves."""
        event_id = self._chat.session.ids.uuid()
        exchange = Exchange(kind, event_id, thread=thread, message=message, requests=requests)
        self.exchanges[event_id] = exchange
        return exchange

    def post(self, exchange: Exchange, text: str) -> None:
        """Send an exchange's frame."""
        exchange.frame = self.send(text, exchange)

    def finish(self, event_id: str) -> Exchange | None:
        """Take an exchange out: it is answered, or too late."""
        exchange = self.exchanges.pop(event_id, None)
        if exchange is not None:
            self._chat.session.deadlines.clear("exchange", event_id)
        return exchange

    def prolong(self, event_id: str, kind: str, seconds: float) -> None:
        """An answer of that kind may come by a download: give the exchanges that wait for it this time (flow 3.11)."""
        session = self._chat.session
        until = session.now + seconds
        for exchange in self.exchanges.values():
            if exchange.event_id == event_id or kind in ANSWERS.get(exchange.kind, ()):
                session.deadlines.set("exchange", until, exchange.event_id)

    def _settle(self, unwritten: frozenset[int]) -> None:
        """The socket is gone: every exchange ends, each in its own way (lifecycle reference, section 6.7)."""
        unwritten |= {frame for frame, _, _ in self._waiting}
        self._waiting.clear()
        exchanges, self.exchanges = self.exchanges, {}
        for exchange in exchanges.values():
            self._chat.session.deadlines.clear("exchange", exchange.event_id)
        for exchange in exchanges.values():
            self._chat.reception.lost(exchange, written=exchange.frame not in unwritten)


ANSWERS: dict[str, tuple[str, ...]] = {
    "AuthorizeCustomer": ("ConsumerAuthorized",),
    "ReconnectConsumer": ("ConsumerReconnected",),
    "ReconnectCustomer": ("ConsumerReconnected",),
    "RefreshToken": ("TokenRefreshed",),
    "RecoverThread": ("ThreadRecovered", "LivechatRecovered"),
    "RecoverLivechat": ("LivechatRecovered", "ThreadRecovered"),
    "FetchThreadList": ("ThreadListFetched",),
    "LoadThreadMetadata": ("ThreadMetadataLoaded",),
    "LoadMoreMessages": ("MoreMessagesLoaded",),
    "ArchiveThread": ("ThreadArchived",),
    "GenerateAuthorizationToken": ("AuthorizationTokenGenerated",),
    "CreateInvitationToGroupChat": ("InvitationToGroupChatCreated",),
    "JoinGroupChat": ("GroupChatJoined",),
}
"""Which answers a request waits for; any other one is no more than an acknowledgement (wire reference, section 4.2)."""
