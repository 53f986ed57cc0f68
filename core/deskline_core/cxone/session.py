"""CXone's part of a session: joins connection, credentials, threads, outbox and line, and routes what comes in."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from .. import inputs as i
from ..calls import Calls
from ..errors import RefusalCode
from ..lifecycle import ChatState, EndReason, ThreadState
from ..model import FileLimits, Message, Question, ThreadView
from ..presence import Presence
from . import keeping
from .asking import take
from .behind import Behind
from .capabilities import capabilities
from .composing import Composing
from .connection import Connection
from .connection_table import project
from .credentials import Credentials
from .decode import decode_frame
from .delivery import Delivery
from .desk import Desk
from .encode import Sender
from .fields import Fields
from .full_content import FullContent
from .groups import Groups
from .identity import Identity, restore
from .inbox import PUSHES, Inbox
from .keeping import Keeping
from .large import Large
from .line import Line
from .menu import Menu
from .notices import Notices
from .offers import Offers
from .offline import Offline
from .receipts import Receipts
from .reception import Reception
from .recovery import Recovery
from .registration import Registration
from .rest import ChannelMode, Configuration
from .rules import STANDING
from .socket_login import SocketLogin
from .streams import Streams
from .thread import Thread
from .visits import Visits
from .waiting import Waiting
from .welcome import Welcome

if TYPE_CHECKING:
    from ..session import Session
    from .site import CXone

__all__ = ["CXoneChat"]


class CXoneChat:
    """One session's CXone part. Its members each do one thing and meet here."""

    __slots__ = (
        "_held", "_sender", "behind", "calls", "composing", "configuration", "connection", "credentials", "delivery",
        "desk", "fields", "full_content", "groups", "identity", "inbox", "keeping", "large", "line", "menu", "notices",
        "offers", "offline", "presence", "receipts", "reception", "recovery", "registration", "session", "site",
        "socket_login", "streams", "visits", "waiting", "welcome",
    )  # fmt: skip

    def __init__(self, site: "CXone", session: "Session") -> None:
        self.site = site
        self.session = session
        self.configuration: Configuration | None = None
        self.identity = restore(session.kept.get(keeping.IDENTITY, ""))
        self.presence = Presence(session)
        self.keeping: Keeping = Keeping(self)
        self.line: Line = Line(self)
        self.calls: Calls = Calls(session, self.count_stale)
        self.connection: Connection = Connection(self)
        self.credentials: Credentials = Credentials(self)
        self.desk: Desk = Desk(self)
        self.delivery: Delivery = Delivery(self)
        self.inbox: Inbox = Inbox(self)
        self.behind: Behind = Behind(self)
        self.recovery: Recovery = Recovery(self)
        self.reception: Reception = Reception(self)
        self.socket_login: SocketLogin = SocketLogin(self)
        self.registration: Registration = Registration(self)
        self.large: Large = Large(self)
        self.receipts: Receipts = Receipts(self)
        self.notices: Notices = Notices(self)
        self.streams: Streams = Streams(self)
        self.full_content: FullContent = FullContent(self)
        self.visits: Visits = Visits(self)
        self.fields: Fields = Fields(self)
        self.offers: Offers = Offers(self)
        self.welcome: Welcome = Welcome(self)
        self.groups: Groups = Groups(self)
        self.menu: Menu = Menu(self)
        self.offline: Offline = Offline(self)
        self.composing: Composing = Composing(self)
        self.waiting = Waiting(self)
        self._sender: Sender | None = None
        self._held: list[i.AppRequest] = []
        self.delivery.restore()

    # --- what the session asks (deskline_core.session.Vendor) ---

    def take(self, input: i.AppRequest) -> None:
        """Act on an app request."""
        take(self, input)

    def elapsed(self, name: str, ref: str | int) -> None:
        """Act on a deadline."""
        self._alarms[name](self, ref)

    def withdrawn(self, request: int) -> None:
        """The caller of a request is gone."""
        self._held = [held for held in self._held if held.request != request]
        self.waiting.withdrawn(request)
        self.delivery.follow_up.withdrawn(request)
        self.delivery.ledger.withdrawn(request)
        self.offline.withdrawn(request)
        self.menu.withdrawn(request)
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
    def customer_questions(self) -> Sequence[Question]:
        """What custom fields of a customer the channel defines."""
        return self.configuration.customer_questions if self.configuration is not None else ()

    @property
    def thread_questions(self) -> Sequence[Question]:
        """What custom fields of a conversation the channel defines."""
        return self.configuration.thread_questions if self.configuration is not None else ()

    @property
    def file_limits(self) -> FileLimits | None:
        """Which files the channel takes."""
        return self.delivery.uploads.limits

    @property
    def customer_fields(self) -> Mapping[str, str]:
        """The custom fields of the customer."""
        return self.fields.customer.view

    @property
    def capabilities(self) -> frozenset[str]:
        """What the channel can do; before its configuration is known, what any of them can."""
        return capabilities(self.configuration)

    @property
    def outbox(self) -> Sequence[Message]:
        """The messages on their way."""
        return self.delivery.outbox.messages

    def records(self) -> Mapping[str, str]:
        """The records of messages and threads."""
        return self.delivery.ledger.records(self.delivery.outbox, self.desk.threads)

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
    def authentication(self) -> Literal["anonymous", "secured cookie", "oauth"]:
        """How the channel's customers prove who they are; anonymous until it is known."""
        return self.configuration.authentication if self.configuration is not None else "anonymous"

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
            self.credentials.store()  # a token for other ids must not be found beside these
            return self.keep_identity()
        return self.keeping.saves.under_way(keeping.IDENTITY)

    def keep_identity(self) -> int:
        """Keep who chats; return the number of the save."""
        return self.keeping.save(keeping.IDENTITY, self.identity.text())

    def identity_changed(self) -> None:
        """Who chats is someone else, or has another name: the next frame says so."""
        self._sender = None

    def adopt_customer(self, customer: str) -> None:
        """The far side named the customer. One whom it named before was someone else: nothing of theirs stays."""
        if self.identity.named:
            self._forget_conversations()
            self.identity.first_name = self.identity.last_name = ""
            self.forget_kept()
        self.identity.customer, self.identity.named = customer, True
        self._sender = None
        self.keep_identity()

    def forget_kept(self) -> None:
        """Remove from the store what another customer must not find."""
        if keys := [key for key in keeping.OF_CUSTOMER if key in self.session.kept]:
            self.keeping.forget(*keys)

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
        self.delivery.settle_orphans()
        self.receipts.tell_read()
        self.delivery.flush()
        self.fields.flush(again=True)
        self.full_content.go_on()

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
        self.credentials.renewal.rest()
        self.recovery.lost()
        self.desk.each(Thread.lost)
        self.offline.reset()
        self.give_up_waiting()

    def forget_all(self, then: Callable[[], None]) -> None:
        """Signed out: forget who chats, the threads and the tokens; go on when that is stored (S37)."""
        self.forget_customer()
        self.identity = Identity()
        self.configuration = None
        self.keeping.saves.after(self.keeping.forget(keeping.IDENTITY, keeping.CREDENTIALS, *keeping.OF_CUSTOMER), then)

    def forget_customer(self) -> None:
        """Token, threads, messages and visit are someone else's from now on."""
        self.credentials.fire("wiped")
        self._forget_conversations()

    def _forget_conversations(self) -> None:
        self.welcome.forget()
        self.offers.forget()
        self.fields.forget()
        self.behind.forget()
        self.desk.each(lambda thread: thread.fire("drop_out", reason=EndReason.LOST))
        self.desk.threads.clear()
        self.delivery.outbox.clear()
        self.inbox.forget()
        self.receipts.forget()
        self.streams.forget()
        self.full_content.forget()
        self.visits.forget()
        self._sender = None

    def thread_begun(self, thread: Thread) -> None:
        """A thread was made here: keep its id, and open a live chat at once (T1)."""
        self.desk.keep_id(thread.id)
        self.offers.thread_begun(thread)
        self.welcome.thread_begun(thread)
        if self.mode is ChannelMode.LIVE_CHAT:
            self.connection.fire("thread_created")
            self.delivery.queue_hidden(thread, self.session.policy.begin_text, "", "isInitialMessage")

    def thread_moved(self, thread: Thread) -> None:
        """A thread is in another state: what waited behind its history follows."""
        if thread.before is ThreadState.RECOVERING:
            self.behind.follow(thread)
        if thread.state is ThreadState.OPEN:
            self._thread_opened(thread)

    def _thread_opened(self, thread: Thread) -> None:
        """A thread is open: its fields go, and a welcome that stands from before a restart is shown."""
        self.fields.flush_thread(thread, again=True)
        self.welcome.thread_opened(thread)

    def thread_ended(self, thread: Thread) -> None:
        """A thread ended: what waited for it is given up, and its id leads nowhere."""
        self.welcome.thread_ended(thread.id)
        self.delivery.thread_ended(thread)
        self.recovery.overtaken_by_end(thread)
        self.desk.forget_kept(thread.id)
        if thread.reason is not EndReason.REPLACED:  # then a new one is being made (S40)
            self.connection.fire("contact_closed")

    def count_stale(self) -> None:
        """A report of an attempt, an exchange or a save that is over changes nothing (S46)."""
        if STANDING.holds("S46"):
            self.session.counts["stale completions"] += 1

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

    def _grace_elapsed(self, _ref: object) -> None:
        self.presence.end_grace()
        self.connection.fire("background")

    def _end_elapsed(self, id: str) -> None:
        """The end of a contact was never confirmed: look instead of assuming (flow 3.10, step 6)."""
        thread = self.desk.threads.get(id)
        if thread is not None and thread.state is ThreadState.OPEN and self.connection.is_connected:
            thread.fire("session_reconnected")
            self.recovery.recover_thread(thread)

    def _inactivity_elapsed(self, id: str) -> None:
        thread = self.desk.threads.get(id)
        if thread is not None:
            thread.run_out()

    def _agent_typing_elapsed(self, id: str) -> None:
        thread = self.desk.threads.get(id)
        if thread is not None:
            thread.agent_stopped_typing()

    reports: ClassVar[Mapping[type, Callable[[Any, Any], None]]] = {
        i.SocketOpened: _socket_opened,
        i.FrameReceived: _frame_received,
        i.SocketClosed: _socket_closed,
        i.ResponseReceived: lambda self, it: self.calls.answered(it),
        i.RequestFailed: lambda self, it: self.calls.failed(it),
        i.LineReceived: lambda self, it: self.calls.told(it),
        i.RequestProgressed: lambda self, it: self.calls.told(it),
        i.Saved: lambda self, it: self.keeping.saves.saved(it),
        i.SaveFailed: lambda self, it: self.keeping.saves.failed(it),
        i.NetworkReturned: _network_returned,
    }

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
        "renew": lambda self, _: self.credentials.renewal.elapsed(),
        "stable": lambda self, _: self.connection.become_stable(),
        "save": lambda self, ref: self.keeping.saves.elapsed(ref),
        "keep": lambda self, _: self.delivery.ledger.keep_touched(),
        "copy": lambda self, ref: self.delivery.copy_overdue(ref),
        "grace": _grace_elapsed,
        "end": _end_elapsed,
        "typing": lambda self, ref: self.composing.stop(ref),
        "agent typing": _agent_typing_elapsed,
        "inactivity": _inactivity_elapsed,
        "welcome": lambda self, ref: self.welcome.elapsed(ref),
        "preview": lambda self, ref: self.composing.preview_due(ref),
    }
