"""What the connection's table names: preparing, connecting, authorizing, losing and leaving (rows S1-S49)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..backoff import delay
from ..calls import Call
from ..errors import RefusalCode
from ..events import ChatStateChanged, CustomerIdentified, UndecodableReceived
from ..inputs import AppRequest, ResponseReceived, SocketClosed
from ..lifecycle import ChatState, Intent
from ..machine import Machine, Row
from ..values import Secret
from . import rest
from .connection_table import ROWS, STATES, ConnectionState, project
from .rest import ChannelMode

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["CONNECTION", "Connection"]

_UNAUTHORIZED = (401, 403)
_POLICY_VIOLATION = 1008
_OWN_CODES = 3000
"""With these close codes, the end of a socket on which nothing was heard may be meant for its token (CXone wire
reference, section 10, 7)."""
_NOT_FOUND = 404
_NORMAL = 1000


class Connection:
    """The connection of one session: the subject of the connection table."""

    __slots__ = (
        "_asked_availability_at", "_cause", "_chat", "_online", "_oversize_at", "_shown", "attempts",
        "connected_before", "is_blocked", "is_connected", "login_lost_by", "needs_login", "state",
    )  # fmt: skip

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self.state: str = ConnectionState.INITIAL
        self.attempts = 0
        self.connected_before = False
        self.needs_login = False
        self.login_lost_by = ""
        self.is_blocked = False  # only while a token request that says so is told
        self._online = False
        self._oversize_at: float | None = None
        self._asked_availability_at: float | None = None
        self.is_connected = False  # whether requests may use the socket; no property, as every message asks
        self._shown = ChatState.INITIAL
        self._cause = ""

    def fire(self, trigger: str, input: object = None, cause: str = "") -> None:
        """Fire a trigger of the connection table. ``cause`` is a sentence for the app."""
        self._cause = cause
        CONNECTION.fire(trigger, self, input)

    # --- for every row ---

    def entered(self, _input: object) -> None:
        """Show the new state to the app, if it differs in the app's words."""
        self.is_connected = self.state in (ConnectionState.SERVING, ConnectionState.ENDING)
        self._chat.session.deadlines.clear("wait")
        self._chat.session.deadlines.clear("stable")
        shown = project(self.state)
        if shown is not self._shown:
            self._shown = shown
            self._chat.session.notify(ChatStateChanged(state=shown, cause=self._cause))

    def cut(self) -> None:
        """The socket is gone: what is settled before the table is told may bring about no new frames."""
        self.is_connected = False

    def refused(self, input: object, row: Row) -> None:
        """Refuse the request that came with the trigger."""
        if isinstance(input, AppRequest) and row.refuse is not None:
            self._chat.session.refuse(input.request, row.refuse, row.says, f"the chat is {project(self.state)}")

    def repeat_state(self, _input: object) -> None:
        """Say again where the chat stands (S15)."""
        self._chat.session.notify(ChatStateChanged(state=self._shown))

    # --- prepare (S1-S10) ---

    def request_configuration(self, _input: object) -> None:
        """Fetch the channel configuration."""
        policy = self._chat.session.policy
        self._call(
            "GET", self._chat.site.configuration_url(), self._configured, self._unprepared, policy.rest_attempts - 1
        )

    def _configured(self, response: ResponseReceived) -> None:
        if self.refuses_version(response):
            return
        if not response.is_success:
            unknown = ": there is no such brand or channel" if response.status == _NOT_FOUND else ""
            self._unprepared(f"the configuration request was answered {response.status}{unknown}")
            return
        configuration = rest.read_configuration(response.body)
        if isinstance(configuration, str):
            self._unprepared(f"the configuration cannot be read: {configuration}")
            return
        self._chat.configuration = configuration
        self._chat.fields.configured()
        self.fire("configured")

    def register_visitor(self, _input: object) -> None:
        """Make sure of the ids; new ones are saved before they are used (S6)."""
        save = self._chat.ensure_identity()
        if save is None:
            self._chat.registration.prepare()
        else:
            self._chat.keeping.saves.after(save, self._chat.registration.prepare)

    def _unprepared(self, cause: str) -> None:
        self.fire("preparation_failed", cause=cause)

    def refuses_version(self, response: ResponseReceived) -> bool:
        """Tell whether an answer refuses this client version, and act on it (S9)."""
        error = rest.read_error(response.status, response.body)
        if not error.refuses_version:
            return False
        self.fire("version_refused", cause=error.text or "the far side refuses this client version")
        return True

    def finish_preparing(self, _input: object) -> None:
        """Prepared: tell who waits, and go on if the chat is wanted."""
        self._chat.waiting.settle_prepared()
        if self._chat.presence.is_wanted:
            self.fire("active")
        self._chat.waiting.settle_ready()

    def give_up_preparing(self, _input: object) -> None:
        """A REST request failed for good."""
        cause = self._cause
        self._chat.presence.detach()
        self._chat.waiting.settle_prepared(RefusalCode.CONNECTION_LOST, cause)
        self._chat.waiting.refuse_ready(RefusalCode.CONNECTION_LOST, cause)
        self._chat.give_up_held(RefusalCode.CONNECTION_LOST, cause, keep_messages=True)

    def stop_preparing(self, _input: object) -> None:
        """The app no longer wants it."""
        self._chat.calls.cancel_all()
        self._chat.waiting.settle_prepared(RefusalCode.CHAT_CLOSED, "preparing was stopped")
        self.leave(None)

    def give_up_for_good(self, _input: object) -> None:
        """The far side refuses this client version: nothing can help."""
        cause = self._cause
        self._chat.calls.cancel_all()
        self._chat.line.close()
        self._chat.reset_volatile()
        self._chat.waiting.settle_prepared(RefusalCode.VERSION_REFUSED, cause)
        self._chat.waiting.settle_ready()
        self._chat.give_up_held(RefusalCode.VERSION_REFUSED, cause)

    # --- towards the socket (S11-S23, S31, S47, S48) ---

    def needs_availability(self, _input: object) -> bool:
        """Live chat, and the last answer is older than the policy allows.

        After a loss it is not asked again (S31), and neither while a conversation is open: that goes on, whoever is
        available now.
        """
        goes_on = self.connected_before and (self.attempts > 0 or self._chat.desk.is_talking)
        if self._chat.mode is not ChannelMode.LIVE_CHAT or goes_on:
            return False
        asked = self._asked_availability_at
        return (
            asked is None
            or not self._online
            or self._chat.session.now >= asked + self._chat.session.policy.availability_age
        )

    def needs_token(self, _input: object) -> bool:
        """Secured sessions put a transaction token into the socket's URL; that a login is missing shows there, too."""
        return self._chat.is_secured or self._chat.credentials.lacks_login(None)

    def is_wanted(self, _input: object) -> bool:
        """The user wants the chat, and the app is in sight."""
        return self._chat.presence.is_wanted

    def needs_availability_if_wanted(self, input: object) -> bool:
        """As the name says."""
        return self.is_wanted(input) and self.needs_availability(input)

    def needs_token_if_wanted(self, input: object) -> bool:
        """As the name says."""
        return self.is_wanted(input) and self.needs_token(input)

    def is_reconnecting(self, _input: object) -> bool:
        """Whether this connect had a connection before, or is being retried."""
        return self.connected_before or self.attempts > 0

    def is_exhausted(self, input: object) -> bool:
        """Whether the attempts are used up (S32)."""
        return self.is_reconnecting(input) and self.attempts >= self._chat.session.policy.backoff.attempts

    def may_retry_availability(self, input: object) -> bool:
        """Whether the first availability request is retried (S14)."""
        return self.is_reconnecting(input) or self._chat.session.policy.retry_first_availability

    def may_retry_socket(self, input: object) -> bool:
        """Whether this attempt is not the first of its connect, or the policy retries that too (S22, S23)."""
        return self.is_reconnecting(input) or self._chat.session.policy.retry_first_open

    def token_is_old(self, _input: object) -> bool:
        """Whether the token that was refused is older than this attempt; then a new one may do."""
        return not self._chat.credentials.is_fresh

    def request_availability(self, _input: object) -> None:
        """Ask whether anyone is available."""
        self.needs_login = False
        retries = self._chat.session.policy.rest_attempts - 1
        self._call(
            "GET", self._chat.site.availability_url(), self._availability_answered, self._availability_failed, retries
        )

    def _availability_answered(self, response: ResponseReceived) -> None:
        if self.refuses_version(response):
            return
        online = rest.read_availability(response.body) if response.is_success else f"answered {response.status}"
        if isinstance(online, str):
            self._availability_failed(f"the availability request failed: {online}")
            return
        self._online = online
        self._asked_availability_at = self._chat.session.now
        self.fire("agents_online" if online else "agents_offline")

    def _availability_failed(self, cause: str) -> None:
        self.fire("availability_failed", cause=cause)

    def rest_offline(self, _input: object) -> None:
        """Nobody is available."""
        self._chat.waiting.settle_ready()

    def request_token(self, _input: object) -> None:
        """Ask the credentials for a transaction token."""
        self.needs_login = False
        self._chat.credentials.need()

    def open_socket(self, _input: object) -> None:
        """Open the socket with the token of now."""
        identity = self._chat.identity
        token = self._chat.credentials.token if self._chat.is_secured else None
        self.needs_login = False
        url = self._chat.site.socket_url(identity.visitor, identity.customer, token.reveal() if token else None)
        self._chat.line.open(Secret(url))

    def socket_closed(self, input: SocketClosed) -> None:
        """The current socket closed without our doing."""
        cause = _closing_words(input)
        if self.state in (ConnectionState.SOCKET, ConnectionState.ERRAND_SOCKET):
            if self._chat.is_secured and input.status in _UNAUTHORIZED:
                self._chat.credentials.fire("stale")
                self.fire("handshake_refused", input, cause)
                return
            self.fire("socket_failed", input, cause)
            return
        is_early = self._chat.is_secured and not self._chat.line.heard
        if is_early and (input.code == _POLICY_VIOLATION or (input.code or 0) >= _OWN_CODES):
            self._chat.credentials.fire("stale")  # accepted, and closed at once: the token is refused all the same
        if input.oversize and self.oversize("a frame was larger than the transport's limit"):
            self.fire("oversize_again", input, "frames are larger than the transport's limit")
            return
        self.fire("socket_closed" if input.code == _NORMAL else "socket_lost", input, cause)

    def oversize(self, reason: str, source: str = "") -> bool:
        """Note a frame over the limit, and tell the app the first time; True if it was told before."""
        session, last = self._chat.session, self._oversize_at
        self._oversize_at = session.now
        if last is not None and session.now < last + session.policy.oversize_memory:
            return True
        session.notify(UndecodableReceived(reason=reason, source=source))
        return False

    def connect_elapsed(self) -> None:
        """The socket did not open in time."""
        self._chat.line.close()
        self.fire("socket_failed", cause="the socket did not open in time")

    # --- authorize and recover (S21-S28) ---

    def authorize(self, _input: object) -> None:
        """Authorize on the socket, where the session is not secured (lifecycle reference, section 5.2)."""
        if self._chat.is_secured:
            self.fire("authorized")
        else:
            self._chat.socket_login.begin()

    def authorize_anew(self, _input: object) -> None:
        """The stored token was refused: authorize without it, once (S25)."""
        self._chat.socket_login.begin_anew()

    def identified(self, customer: str) -> None:
        """The far side said who the customer is: go on under that id."""
        if customer and customer != self._chat.identity.customer:
            self._chat.adopt_customer(customer)
            self._chat.session.notify(CustomerIdentified(customer=customer))

    def recover(self, _input: object) -> None:
        """Recover what the mode asks for."""
        self._chat.recovery.begin()

    def serve(self, _input: object) -> None:
        """Ready: open the outbox, and settle who waited."""
        session = self._chat.session
        self.connected_before = True
        session.deadlines.set("stable", session.now + session.policy.backoff.stable)
        self._chat.waiting.settle_ready()
        self._chat.credentials.renewal.arm()
        self._chat.serve_held()

    def become_stable(self) -> None:
        """Ready for a while: the attempts count anew."""
        self.attempts = 0

    # --- loss and leaving (S29-S37) ---

    def wait(self, _input: object) -> None:
        """Arm the back-off."""
        session = self._chat.session
        self._chat.reset_volatile()
        pause = delay(session.policy.backoff, self.attempts, session.ids.fraction())
        self.attempts += 1
        session.deadlines.set("wait", session.now + pause)

    def leave_and_wait(self, input: object) -> None:
        """Close the socket, then as after a loss (S28)."""
        self._chat.line.close()
        self.wait(input)

    def rest_lost(self, _input: object) -> None:
        """No more attempts."""
        self._begin_anew()
        self._chat.reset_volatile()
        self._chat.waiting.settle_ready()

    def leave_lost(self, input: object) -> None:
        """Close the socket; no more attempts."""
        self._chat.line.close()
        self.rest_lost(input)

    def rest_unauthorized(self, _input: object) -> None:
        """The app has to authenticate again."""
        cause = self._cause
        self._begin_anew()
        self.needs_login, self.login_lost_by = True, cause
        self._chat.reset_volatile()
        self._chat.credentials.tell_app(cause)
        self._chat.waiting.settle_ready()

    def leave_unauthorized(self, input: object) -> None:
        """Close the socket; the app has to authenticate again (S26)."""
        self._chat.line.close()
        self._chat.credentials.fire("refused")
        self.rest_unauthorized(input)

    def login_given(self) -> None:
        """The app gave a login: one that waited for it goes on, if the chat is wanted (section 5.6)."""
        if self.needs_login and self._chat.credentials.has_login:
            self.fire("active")

    def is_barred(self, _input: object) -> bool:
        """Whether the far side takes nothing from our address; no attempt can help (trap C6)."""
        return self.is_blocked

    def rest_barred(self, input: object) -> None:
        """No more attempts, and whoever waits is told why."""
        self._chat.waiting.refuse_ready(RefusalCode.ADDRESS_BLOCKED, self._cause)
        self.rest_lost(input)

    def leave(self, _input: object) -> None:
        """Let go of everything that is under way; the intent is the presence's."""
        self._begin_anew()
        self._chat.calls.cancel_all()
        self._chat.credentials.fire("dropped")
        self._chat.line.close(1000, "leaving")
        self._chat.reset_volatile()
        self._chat.give_up_waiting()
        self._chat.waiting.settle_ready()
        self._chat.waiting.settle_disconnected()

    def _begin_anew(self) -> None:
        """The next attempt is a first one; but a chat that is only out of sight goes on where it was."""
        self.attempts = 0
        self.connected_before = self.connected_before and self._chat.presence.intent == Intent.WANTED

    def drain(self, _input: object) -> None:
        """Close, and wait until all is closed (S37)."""
        self._chat.waiting.refuse_ready(RefusalCode.CHAT_CLOSED, "the chat was signed out")
        self._chat.waiting.settle_prepared(RefusalCode.CHAT_CLOSED, "the chat was signed out")
        self.leave(None)
        self._chat.credentials.forget_login()
        self._chat.give_up_held(RefusalCode.CHAT_CLOSED, "the chat was signed out")
        self.line_drained()

    def line_drained(self) -> None:
        """No socket is left: whoever waits for that goes on."""
        self._chat.waiting.settle_disconnected()
        if self.state == ConnectionState.SIGNING_OUT and self._chat.line.is_drained:
            self.fire("drained")

    def clear(self, _input: object) -> None:
        """Forget visitor, customer, threads and tokens; then settle who signed out."""
        self._begin_anew()
        self.needs_login = False
        self._asked_availability_at = None
        self._chat.forget_all(self._cleared)

    def _cleared(self) -> None:
        """All is forgotten: settle who signed out; whoever wants the chat by now begins anew."""
        self._chat.waiting.settle_signed_out()
        if self._chat.presence.is_wanted and self.state == ConnectionState.INITIAL:
            self.fire("prepare")
        self._chat.waiting.settle_ready()

    # --- an errand for nobody (rows D40-D53): offline.py ---

    def carry_out_errand(self, _input: object) -> None:
        """Admitted: leave the messages."""
        self._chat.offline.carry_out()

    def connect_next(self, _input: object) -> None:
        """Wanted meanwhile: say again where the chat stands, and connect when the errand is over."""
        self.repeat_state(None)
        self._chat.offline.connect_next()

    def end_errand(self, _input: object) -> None:
        """All is said."""
        self._chat.offline.over()

    def drop_errand(self, _input: object) -> None:
        """Nobody asks for it any more."""
        self._chat.calls.cancel_all()
        self._chat.credentials.fire("dropped")
        self._chat.offline.over()

    def fail_errand(self, _input: object) -> None:
        """It failed on the way."""
        self._chat.offline.over(RefusalCode.CONNECTION_LOST, self._cause)

    def fail_errand_unauthorized(self, _input: object) -> None:
        """The app has to authenticate again first."""
        self._chat.offline.over(RefusalCode.AUTHORIZATION_FAILED, self._cause)

    def refuse_errand(self, input: object) -> None:
        """As above, and the far side said so on the socket."""
        self._chat.credentials.fire("refused")
        self.fail_errand_unauthorized(input)

    def _call(
        self,
        method: str,
        url: str,
        done: Callable[[ResponseReceived], None],
        failed: Callable[[str], None],
        retries: int,
    ) -> None:
        policy = self._chat.session.policy
        self._chat.calls.begin(
            Call(
                method, url, done=done, failed=failed, headers=self._chat.site.rest_headers(),
                timeout=policy.rest_timeout, retries=retries, limit=policy.max_body,
            )
        )  # fmt: skip


def _closing_words(input: SocketClosed) -> str:
    if input.status is not None:
        return f"the socket was refused with status {input.status}"
    if input.code is not None:
        return f"the socket was closed with code {input.code}"
    return "the socket was lost" + (f": {input.reason}" if input.reason else "")


CONNECTION = Machine("connection", states=STATES, rows=ROWS, owner=Connection)
