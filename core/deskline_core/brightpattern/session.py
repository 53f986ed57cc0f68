"""Bright Pattern's part of a session: joins connection, chat, poll, outbox and the rest, and routes what comes in."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from .. import inputs as i
from ..calls import Calls
from ..errors import RefusalCode
from ..lifecycle import ChatState
from ..model import FileLimits, Message, Question, ThreadView
from ..presence import Presence
from ..saves import Saves
from .asking import take
from .beginning import Beginning
from .capabilities import capabilities
from .cases import Cases
from .connection import Connection
from .connection_table import ConnectionState
from .conversation import Conversation
from .delivery import Delivery
from .desk import Desk
from .device import Device
from .ending import Ending
from .files import Files
from .forms import Forms
from .identity import IDENTITY, OF_CUSTOMER, Identity
from .inquiries import Inquiries
from .leaving import Leaving
from .news import News
from .poll import Poll
from .posting import Posting
from .recovery import Recovery
from .replies import Replies
from .telling import Telling
from .waiting import Waiting

if TYPE_CHECKING:
    from ..session import Session
    from .site import BrightPattern

__all__ = ["BrightPatternChat"]


class BrightPatternChat:
    """One session's Bright Pattern part. Its members each do one thing and meet here."""

    __slots__ = (
        "_held", "beginning", "calls", "cases", "connection", "delivery", "desk", "device", "ending", "files", "forms",
        "identity", "inquiries", "leaving", "news", "parameters", "poll", "posting", "presence",
        "recovery", "replies", "saves", "session", "site", "telling", "waiting",
    )  # fmt: skip

    def __init__(self, site: "BrightPattern", session: "Session") -> None:
        self.site = site
        self.session = session
        self.parameters: tuple[tuple[str, str], ...] = ()
        self._held: list[i.AppRequest] = []
        self.presence = Presence(session)
        self.calls = Calls(session, self.count_stale)
        self.saves = Saves(session, self.count_stale)
        self.replies: Replies = Replies(self)
        self.identity: Identity = Identity(self)
        self.connection: Connection = Connection(self)
        self.desk: Desk = Desk(self)
        self.delivery: Delivery = Delivery(self)
        self.files: Files = Files(self)
        self.beginning: Beginning = Beginning(self)
        self.ending: Ending = Ending(self)
        self.leaving: Leaving = Leaving(self)
        self.poll: Poll = Poll(self)
        self.recovery: Recovery = Recovery(self)
        self.news: News = News(self)
        self.posting: Posting = Posting(self)
        self.telling: Telling = Telling(self)
        self.forms: Forms = Forms(self)
        self.cases: Cases = Cases(self)
        self.device: Device = Device(self)
        self.inquiries: Inquiries = Inquiries(self)
        self.waiting: Waiting = Waiting(self)
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
        for part in (self.waiting, self.beginning, self.ending, self.leaving, self.forms, self.cases):
            part.withdrawn(request)
        for also in (self.delivery.follow_up, self.delivery.ledger, self.inquiries, self.files):
            also.withdrawn(request)

    @property
    def chat_state(self) -> ChatState:
        """The state as the app sees it."""
        return self.connection.shown

    @property
    def threads(self) -> Mapping[str, ThreadView]:
        """The conversations by id."""
        return self.desk.threads

    @property
    def questions(self) -> Sequence[Question]:
        """What the site would like to know before a chat; it asks for nothing that is required (3.2)."""
        return tuple(Question(id=name, label=name, kind=kind.lower()) for name, kind in self.parameters)

    @property
    def customer_questions(self) -> Sequence[Question]:
        """The site defines no fields of a customer."""
        return ()

    @property
    def thread_questions(self) -> Sequence[Question]:
        """The site defines no fields of a conversation, beside those it asks for before one."""
        return ()

    @property
    def file_limits(self) -> FileLimits | None:
        """Which files the site takes."""
        return self.delivery.limits

    @property
    def customer_fields(self) -> Mapping[str, str]:
        """No custom fields are read."""
        return {}

    @property
    def capabilities(self) -> frozenset[str]:
        """What the site can do."""
        return capabilities(self.site)

    @property
    def outbox(self) -> Sequence[Message]:
        """The messages on their way."""
        return self.delivery.outbox.messages

    def records(self) -> Mapping[str, str]:
        """The records of messages and of the conversation."""
        return self.delivery.ledger.records(self.delivery.outbox, self.desk.threads)

    # --- what the parts ask ---

    def count_stale(self) -> None:
        """A report of something that is over changes nothing."""
        self.session.counts["stale completions"] += 1

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
        self.delivery.flush()
        self.posting.flush()

    def give_up_held(self, code: RefusalCode, cause: str) -> None:
        """Nothing waits any more."""
        held, self._held = self._held, []
        for input in held:
            self.session.refuse(input.request, code, cause)

    def reset_volatile(self) -> None:
        """The connection is gone: what only holds while connected ends."""
        self.recovery.lost()
        self.ending.lost()
        self.leaving.lost()
        self.posting.lost()
        self.delivery.lost()
        self.desk.current.reset_volatile()
        held = self._held
        self._held = [input for input in held if isinstance(input, i.StartThread)]
        for input in held:
            if not isinstance(input, i.StartThread):
                self.session.refuse(input.request, RefusalCode.CONNECTION_LOST, "the connection was lost")

    def resume_for_push(self) -> None:
        """A push told of something new: have it, as if the app came to the front (B54)."""
        if self.connection.state == ConnectionState.WAITING:
            self.connection.fire("network_returned")
        elif self.connection.state in (ConnectionState.SERVING, ConnectionState.PREPARED):
            if self.poll.is_whole:
                self.poll.soon()
            else:
                self.connection.catch_up()

    def thread_ended(self, conversation: Conversation) -> None:
        """A chat is over: what waited for it is given up, and its id leads nowhere (B27)."""
        self.poll.forget()
        self.recovery.lost()
        self.posting.over()
        self.ending.over()
        self.leaving.over()
        self.telling.forget()
        self.news.forget()
        self.desk.forget_kept()
        self.delivery.conversation_over(conversation)
        self._give_up_held_of(conversation)
        self.connection.show()
        self.connection.conversation_over()

    def _give_up_held_of(self, conversation: Conversation) -> None:
        """What was asked of it while its history was read gets its answer: it is over."""
        held, self._held = self._held, []
        for input in held:
            if getattr(input, "thread", None) == conversation.chat_id:
                self.take(input)
            else:
                self._held.append(input)

    def forget_all(self, then: Callable[[], None]) -> None:
        """Signed out: forget who chats and what was said; go on when that is stored."""
        self.forget_customer()
        self.waiting.settle_disconnected()
        self.identity.forget()
        self.parameters = ()
        self.saves.after(self.saves.forget(IDENTITY, *OF_CUSTOMER), then)

    def forget_customer(self) -> None:
        """Conversations and messages are someone else's from now on."""
        self.beginning.forget()
        self.desk.forget()
        self.poll.forget()
        self.news.forget()
        self.delivery.outbox.clear()
        self.device.forget()
        self.telling.forget_page()

    def _end_grace(self) -> None:
        self.presence.end_grace()
        self.connection.fire("background")

    reports: ClassVar[Mapping[type, Callable[[Any, Any], None]]] = {
        i.ResponseReceived: lambda self, it: self.calls.answered(it),
        i.RequestFailed: lambda self, it: self.calls.failed(it),
        i.LineReceived: lambda self, it: self.calls.told(it),
        i.RequestProgressed: lambda self, it: self.calls.told(it),
        i.Saved: lambda self, it: self.saves.saved(it),
        i.SaveFailed: lambda self, it: self.saves.failed(it),
        i.NetworkReturned: lambda self, _: self.connection.fire("network_returned"),
        i.SocketOpened: lambda self, _: self.count_stale(),
        i.SocketClosed: lambda self, _: self.count_stale(),
        i.FrameReceived: lambda self, _: self.count_stale(),
    }

    _alarms: ClassVar[dict[str, Callable[["BrightPatternChat", Any], None]]] = {
        "call": lambda self, ref: self.calls.elapsed(ref),
        "call again": lambda self, ref: self.calls.rested(ref),
        "save": lambda self, ref: self.saves.elapsed(ref),
        "keep": lambda self, _: self.delivery.ledger.keep_touched(),
        "wait": lambda self, _: self.connection.fire("wait_elapsed"),
        "stable": lambda self, _: self.connection.become_stable(),
        "leave": lambda self, _: self.waiting.settle_disconnected(),
        "request again": lambda self, _: self.beginning.elapsed(),
        "poll": lambda self, _: self.poll.rested(),
        "grace": lambda self, _: self._end_grace(),
        "end": lambda self, _: self.desk.current.fire("end_elapsed"),
        "last news": lambda self, _: self.desk.current.fire("last_news_elapsed"),
        "end again": lambda self, _: self.ending.elapsed(),
        "wrap up": lambda self, _: self.desk.current.fire("wrap_up_elapsed"),
        "typing": lambda self, _: self.telling.idle_elapsed(),
        "preview": lambda self, _: self.telling.preview_due(),
        "agent typing": lambda self, _: self.desk.current.stopped_typing(),
    }
