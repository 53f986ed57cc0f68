"""CXone's part of a session: joins connection, credentials, threads, outbox and line, and routes what comes in."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from .. import inputs as i
from ..errors import RefusalCode
from ..events import SaveLost
from ..lifecycle import ChatState, EndReason, ThreadState, Visibility
from ..model import Question, ThreadView
from ..presence import Presence
from . import encode
from .calls import Calls
from .capabilities import capabilities
from .connection import Connection
from .connection_table import RESTING, ConnectionState, project
from .credentials import KEY as CREDENTIALS_KEY
from .credentials import Credentials
from .decode import decode_frame
from .delivery import Delivery
from .desk import KEY as THREAD_KEY
from .desk import Desk
from .encode import Sender
from .identity import KEY as IDENTITY_KEY
from .identity import Identity, restore
from .inbox import PUSHES, Inbox
from .large import Large
from .line import Line
from .reception import Reception
from .recovery import Recovery
from .rest import ChannelMode, Configuration
from .rules import GOVERNED, LOCAL, STANDING
from .thread import Thread
from .visits import KEY as VISIT_KEY
from .visits import Visits
from .waiting import Waiting

if TYPE_CHECKING:
    from ..session import Session
    from .site import CXone

__all__ = ["CXoneChat"]


class CXoneChat:
    """One session's CXone part. Its members each do one thing and meet here."""

    __slots__ = (
        "_held", "_saves", "_sender", "calls", "configuration", "connection", "credentials", "delivery", "desk",
        "identity", "inbox", "large", "line", "presence", "reception", "recovery", "session", "site", "visits",
        "waiting",
    )  # fmt: skip

    def __init__(self, site: "CXone", session: "Session") -> None:
        self.site = site
        self.session = session
        self.configuration: Configuration | None = None
        self.identity = restore(session.kept.get(IDENTITY_KEY, ""))
        self.presence = Presence()
        self.line: Line = Line(self)
        self.calls: Calls = Calls(self)
        self.connection: Connection = Connection(self)
        self.credentials: Credentials = Credentials(self)
        self.desk: Desk = Desk(self)
        self.delivery: Delivery = Delivery(self)
        self.inbox: Inbox = Inbox(self)
        self.recovery: Recovery = Recovery(self)
        self.reception: Reception = Reception(self)
        self.large: Large = Large(self)
        self.visits: Visits = Visits(self)
        self.waiting = Waiting(self)
        self._sender: Sender | None = None
        self._held: list[i.AppRequest] = []
        self._saves: dict[int, tuple[str, Callable[[], None] | None]] = {}
        if kept := session.kept.get(CREDENTIALS_KEY):
            self.credentials.restore(kept)

    # --- what the session asks (deskline_core.session.Vendor) ---

    def take(self, input: i.AppRequest) -> None:
        """Act on an app request."""
        kind = type(input)
        route = self._routes.get(kind)
        if route is None:
            self.session.refuse(input.request, RefusalCode.NOT_SUPPORTED, f"there is no request {kind.__name__}")
        elif kind not in self._governed or self._admitted(input):
            route(self, input)

    def elapsed(self, name: str, ref: str | int) -> None:
        """Act on a deadline."""
        self._alarms[name](self, ref)

    def withdrawn(self, request: int) -> None:
        """The caller of a request is gone."""
        self._held = [held for held in self._held if held.request != request]
        self.waiting.withdrawn(request)
        self.delivery.withdrawn(request)
        self.desk.each(lambda thread: thread.withdrawn(request))

    @property
    def chat_state(self) -> ChatState:
        """The state as the app sees it."""
        return project(self.connection.state)

    @property
    def threads(self) -> Mapping[str, ThreadView]:
        """The threads by id."""
        return self.desk.threads

    @property
    def questions(self) -> Sequence[Question]:
        """The survey of the channel."""
        return self.configuration.survey if self.configuration is not None else ()

    @property
    def capabilities(self) -> frozenset[str]:
        """What the channel can do; before its configuration is known, what any of them can."""
        return capabilities(self.configuration)

    # --- what the parts ask ---

    @property
    def mode(self) -> ChannelMode:
        """The channel's mode; single-thread until it is known."""
        return self.configuration.mode if self.configuration is not None else ChannelMode.SINGLE_THREAD

    @property
    def is_secured(self) -> bool:
        """Whether sessions carry a transaction token."""
        return self.configuration is not None and self.configuration.secured

    @property
    def sender(self) -> Sender:
        """Who sends, for the frames' envelopes."""
        if self._sender is None:
            who = self.identity
            self._sender = Sender(
                brand_id=self.site.brand_id, channel_id=self.site.channel_id, visitor=who.visitor,
                destination=who.destination, customer=who.customer, first_name=who.first_name, last_name=who.last_name,
            )  # fmt: skip
        return self._sender

    def ensure_identity(self) -> int | None:
        """Make sure of all ids; return the number of their save, if that is still under way (S6)."""
        self._sender = None
        if self.identity.complete(self.session.ids):
            return self._keep_identity()
        return max((number for number, (key, _) in self._saves.items() if key == IDENTITY_KEY), default=None)

    def _keep_identity(self) -> int:
        return self.save(IDENTITY_KEY, self.identity.text())

    def adopt_customer(self, customer: str) -> None:
        """The far side named the customer."""
        self.identity.customer = customer
        self._sender = None
        self._keep_identity()

    def save(self, key: str, value: str) -> int:
        """Keep something; its completion is looked after."""
        number = self.session.save(key, value)
        self._saves[number] = (key, None)
        self.session.deadlines.set("save", self.session.now + self.session.policy.save_timeout, number)
        return number

    def forget(self, *keys: str) -> int:
        """Remove what is kept; its completion is looked after."""
        number = self.session.forget(*keys)
        self._saves[number] = (", ".join(keys), None)
        self.session.deadlines.set("save", self.session.now + self.session.policy.save_timeout, number)
        return number

    def after_save(self, number: int, then: Callable[[], None]) -> None:
        """Go on when a save is complete, or could not be."""
        key, _ = self._saves[number]
        self._saves[number] = (key, then)

    def hold(self, input: i.AppRequest) -> None:
        """Keep a request until the chat is ready."""
        if len(self._held) >= self.session.policy.outbox:
            self.session.refuse(input.request, RefusalCode.LIMIT_REACHED, "too many requests wait for the chat")
        else:
            self._held.append(input)

    def serve_held(self) -> None:
        """Ready: the outbox opens, and what waited goes on."""
        held, self._held = self._held, []
        for input in held:
            self.take(input)
        self.delivery.flush()

    def give_up_waiting(self) -> None:
        """What needs the network waits no longer; threads and messages to be do."""
        for input in self._held:
            if not isinstance(input, i.StartThread):
                self.session.refuse(input.request, RefusalCode.CONNECTION_LOST, "the connection was lost")
        self._held = [input for input in self._held if isinstance(input, i.StartThread)]

    def give_up_held(self, code: RefusalCode, cause: str, *, keep_messages: bool = False) -> None:
        """Nothing waits any more; messages neither, unless the chat may be opened again."""
        held, self._held = self._held, []
        for input in held:
            self.session.refuse(input.request, code, cause)
        if not keep_messages:
            self.delivery.outbox.give_up(cause)

    def reset_volatile(self) -> None:
        """The connection is gone: what only holds while connected ends (section 6.7)."""
        self.large.lost()
        self.recovery.lost()
        self.desk.each(Thread.lost)
        self.give_up_waiting()

    def forget_all(self, then: Callable[[], None]) -> None:
        """Signed out: forget who chats, the threads and the tokens; go on when that is stored (S37)."""
        self._forget_customer()
        self.identity = Identity()
        self.configuration = None
        self.after_save(self.forget(IDENTITY_KEY, CREDENTIALS_KEY, THREAD_KEY, VISIT_KEY), then)

    def _forget_customer(self) -> None:
        """Token, threads, messages and visit are someone else's from now on."""
        self.credentials.fire("wiped")
        self.desk.each(lambda thread: thread.fire("drop_out", reason=EndReason.LOST))
        self.desk.threads.clear()
        self.delivery.outbox.clear()
        self.inbox.forget()
        self.visits.forget()
        self._sender = None

    def thread_begun(self, thread: Thread) -> None:
        """A thread was made here: keep its id, and open a live chat at once (T1)."""
        self.desk.keep_id(thread.id)
        if self.mode is ChannelMode.LIVE_CHAT:
            self.connection.fire("thread_created")
            self.delivery.queue_hidden(thread, self.session.policy.begin_text, "", "isInitialMessage")

    def thread_ended(self, thread: Thread) -> None:
        """A thread ended: what waited for it is given up, and its id leads nowhere."""
        self.delivery.thread_ended(thread)
        self.desk.forget_kept(thread.id)
        if thread.reason is not EndReason.REPLACED:  # then a new one is being made (S40)
            self.connection.fire("contact_closed")

    # --- app requests ---

    def _admitted(self, input: i.AppRequest) -> bool:
        """Check a request against the request rules (S42-S45)."""
        kind = type(input).__name__
        rule = STANDING.find(kind, self.connection.state)
        if rule is None:
            self.session.refuse(input.request, RefusalCode.ILLEGAL_STATE, f"no rule admits {kind} now")
            return False
        if rule.refuse is None:
            return True
        thread = self.desk.threads.get(getattr(input, "thread", ""))
        if thread is not None and (kind, thread.state) in LOCAL:
            return True
        self.session.refuse(input.request, rule.refuse, rule.says, f"the chat is {self.connection.state}")
        return False

    def _prepare(self, input: i.Prepare) -> None:
        self.connection.fire("prepare", input)
        self.waiting.for_prepared(input.request)

    def _connect(self, input: i.Connect) -> None:
        if self.presence.visibility == Visibility.ACTIVE or self.connection.state not in RESTING:
            self.connection.fire("connect", input)
        if self.session.requests.is_open(input.request):  # not refused; out of sight it is wanted, and that is all
            self.presence.want()
            self.session.requests.answer(input.request)

    def _open(self, input: i.Open) -> None:
        self.presence.want()
        self.session.requests.answer(input.request)
        if self.presence.is_wanted:
            is_new = self.connection.state == ConnectionState.INITIAL
            self.connection.fire("prepare" if is_new else "active")

    def _disconnect(self, input: i.Disconnect) -> None:
        self.presence.detach()
        self.connection.fire("disconnect", input)
        self.waiting.for_disconnected(input.request)

    def _sign_out(self, input: i.SignOut) -> None:
        self.presence.detach()
        self.waiting.for_signed_out(input.request)
        self.connection.fire("sign_out", input)

    def _enter_background(self, input: i.EnterBackground) -> None:
        self.presence.enter_background()
        self.connection.fire("background", input)
        self.session.requests.answer(input.request)

    def _enter_active(self, input: i.EnterActive) -> None:
        self.presence.enter_active()
        if self.connection.state == ConnectionState.INITIAL and self.presence.is_wanted:
            self.connection.fire("prepare")
        else:
            self.connection.fire("active", input)
        self.session.requests.answer(input.request)

    def _await_ready(self, input: i.AwaitReady) -> None:
        self.waiting.for_ready(input.request)

    def _set_customer(self, input: i.SetCustomer) -> None:
        for text in (input.id, input.first_name, input.last_name):
            if reason := encode.check_text(text, 1024):
                self.session.refuse(input.request, RefusalCode.INVALID_VALUE, f"the customer's identity is {reason}")
                return
        if not input.id:
            self.session.refuse(input.request, RefusalCode.INVALID_VALUE, "a customer needs an id")
            return
        was_kept = bool(self.identity.visitor)
        if self.identity.customer not in ("", input.id):
            self._forget_customer()
            self.identity.visitor = ""
            if keys := [key for key in (THREAD_KEY, VISIT_KEY) if key in self.session.kept]:
                self.forget(*keys)
        self.identity.customer, self.identity.first_name, self.identity.last_name = (
            input.id, input.first_name, input.last_name,
        )  # fmt: skip
        self._sender = None
        if was_kept:
            self._keep_identity()
        self.session.requests.answer(input.request)

    def _execute_trigger(self, input: i.ExecuteTrigger) -> None:
        if self._held_back(input):
            return
        if reason := encode.check_text(input.trigger, 256):
            self.session.refuse(input.request, RefusalCode.INVALID_VALUE, f"the trigger's id is {reason}")
            return
        self.line.send(encode.execute_trigger(self.sender, self.session.ids.uuid(), input.trigger))
        self.session.requests.answer(input.request)

    def _ask_thread(self, input: i.AppRequest) -> None:
        thread = self.desk.threads.get(getattr(input, "thread", ""))
        is_local = thread is not None and (type(input).__name__, thread.state) in LOCAL
        if self.line.is_congested and not isinstance(input, i.SendMessage) and not is_local:
            self.session.refuse(input.request, RefusalCode.LIMIT_REACHED, "too many requests at once", "wait a little")
            return
        if isinstance(input, i.SendMessage) or is_local or not self._held_back(input):
            self.desk.ask(input)

    def _held_back(self, input: i.AppRequest) -> bool:
        """Thread traffic waits for authorization and recovery (section 5.2)."""
        if self.connection.is_connected:
            return False
        self.hold(input)
        return True

    # --- transport reports ---

    def _socket_opened(self, input: i.SocketOpened) -> None:
        if self.line.opened(input.socket):
            self.connection.fire("socket_opened", input)

    def _socket_closed(self, input: i.SocketClosed) -> None:
        if self.line.closed(input):
            self.connection.socket_closed(input)

    def _frame_received(self, input: i.FrameReceived) -> None:
        line = self.line
        if input.socket != line.socket and not line.accepts(input.socket):
            return
        line.heard = True
        policy = self.session.policy
        received = decode_frame(input.text, policy.max_frame, policy.max_source)
        push = PUSHES.get(type(received))
        if push is not None:
            push(self.inbox, received)
        else:
            self.reception.receive(received)

    def _saved(self, input: i.Saved) -> None:
        self._save_done(input.id)

    def _save_failed(self, input: i.SaveFailed) -> None:
        self._save_done(input.id, input.reason or "the store failed")

    def _save_done(self, number: int, failure: str = "") -> None:
        if number not in self._saves and STANDING.holds("S46"):
            self.session.counts["stale completions"] += 1
        key, then = self._saves.pop(number, ("", None))
        self.session.deadlines.clear("save", number)
        if failure and key:
            self.session.notify(SaveLost(key=key, cause=failure))
        if then is not None:
            then()

    def _network_returned(self, input: i.NetworkReturned) -> None:
        self.connection.fire("network_returned", input)

    # --- deadlines ---

    def _exchange_elapsed(self, event_id: str) -> None:
        exchange = self.line.finish(event_id)
        if exchange is not None:
            self.reception.unanswered(exchange, "no answer in time")

    def _answer_elapsed(self, _ref: object) -> None:
        if not self.line.answered():
            self.line.close(1001, "no answer to the heartbeat")
            self.connection.fire("socket_lost", cause="the heartbeat was not answered")

    def _end_elapsed(self, id: str) -> None:
        """The end of a contact was never confirmed: look instead of assuming (flow 3.10, step 6)."""
        thread = self.desk.threads.get(id)
        if thread is not None and thread.state is ThreadState.OPEN and self.connection.is_connected:
            thread.fire("session_reconnected")
            self.recovery.recover_thread(thread)

    def _typing_elapsed(self, id: str) -> None:
        thread = self.desk.threads.get(id)
        if thread is not None and self.connection.is_connected:
            thread.stop_typing()

    def _inactivity_elapsed(self, id: str) -> None:
        thread = self.desk.threads.get(id)
        if thread is not None:
            thread.run_out()

    def _agent_typing_elapsed(self, id: str) -> None:
        thread = self.desk.threads.get(id)
        if thread is not None:
            thread.agent_stopped_typing()

    _routes: ClassVar[dict[type, Callable[["CXoneChat", Any], None]]] = {
        i.Prepare: _prepare,
        i.Connect: _connect,
        i.Open: _open,
        i.Disconnect: _disconnect,
        i.SignOut: _sign_out,
        i.EnterBackground: _enter_background,
        i.EnterActive: _enter_active,
        i.AwaitReady: _await_ready,
        i.SetCustomer: _set_customer,
        i.ExecuteTrigger: _execute_trigger,
        i.ReportVisitorEvent: lambda self, request: self.visits.report(request),
        i.StartThread: lambda self, it: self.desk.start(it),
        i.OpenThread: _ask_thread,
        i.SendMessage: _ask_thread,
        i.RetryMessage: lambda self, it: self.delivery.retry(it),
        i.DiscardMessage: lambda self, it: self.delivery.discard(it),
        i.AwaitSettled: lambda self, it: self.delivery.await_settled(it),
        i.StartTyping: _ask_thread,
        i.StopTyping: _ask_thread,
        i.MarkRead: _ask_thread,
        i.LoadMore: _ask_thread,
        i.EndThread: _ask_thread,
        i.AnswerInactivity: lambda self, it: self.desk.answer_inactivity(it),
        i.RenameThread: _ask_thread,
        i.ArchiveThread: _ask_thread,
        i.SendTranscript: _ask_thread,
    }

    reports: ClassVar[Mapping[type, Callable[[Any, Any], None]]] = {
        i.SocketOpened: _socket_opened,
        i.FrameReceived: _frame_received,
        i.SocketClosed: _socket_closed,
        i.ResponseReceived: lambda self, it: self.calls.answered(it),
        i.RequestFailed: lambda self, it: self.calls.failed(it),
        i.Saved: _saved,
        i.SaveFailed: _save_failed,
        i.NetworkReturned: _network_returned,
    }

    _governed: ClassVar[frozenset[type]] = frozenset(kind for kind in _routes if kind.__name__ in GOVERNED)

    _alarms: ClassVar[dict[str, Callable[["CXoneChat", Any], None]]] = {
        "connect": lambda self, _: self.connection.connect_elapsed(),
        "drain": lambda self, _: self.line.drain_elapsed(),
        "heartbeat": lambda self, _: self.line.beat(),
        "heartbeat answer": _answer_elapsed,
        "rate": lambda self, _: self.line.rate_elapsed(),
        "exchange": _exchange_elapsed,
        "call": lambda self, ref: self.calls.elapsed(ref),
        "call again": lambda self, ref: self.calls.rested(ref),
        "wait": lambda self, _: self.connection.fire("wait_elapsed"),
        "stable": lambda self, _: self.connection.become_stable(),
        "save": lambda self, ref: self._save_done(ref, "no answer from the store in time"),
        "copy": lambda self, ref: self.delivery.copy_overdue(ref),
        "end": _end_elapsed,
        "typing": _typing_elapsed,
        "agent typing": _agent_typing_elapsed,
        "inactivity": _inactivity_elapsed,
    }
