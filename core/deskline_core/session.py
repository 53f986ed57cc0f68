"""What every session is: inputs in, commands out, one next deadline. Pure and deterministic.

::

    session = Session(site, seed=secrets.token_bytes(32))
    for command in session.handle(Open(request=1), now=time.time()):
        ...                                   # obey it, in order
    session.next_deadline                     # call again by then, with Tick() if nothing else comes

The same inputs, times and seed give the same commands, byte for byte.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from .chat_requests import WrongRequest
from .commands import Command, Forget, Notify, Save
from .deadlines import Deadlines
from .errors import RefusalCode
from .events import Event
from .ids import Ids
from .inputs import AppRequest, Input, Withdraw
from .lifecycle import ChatState
from .model import FileLimits, Message, Question, ThreadView
from .policy import DEFAULT_POLICY, Policy
from .records import is_content, is_of_outbox, is_secret
from .requests import Requests
from .snapshot import Snapshot
from .values import Secret, fault

__all__ = ["Session", "Site", "Vendor"]


class Vendor(Protocol):
    """The part of a session that knows a vendor: its tables, its wire, its rules."""

    def take(self, input: AppRequest) -> None:
        """Act on an app request, or refuse it."""
        ...

    reports: ClassVar[Mapping[type, Callable[[Any, Any], None]]]
    """What acts on each kind of report of a transport or the store, given this part and the report."""

    def elapsed(self, name: str, ref: str | int) -> None:
        """Act on a deadline that is due and has been removed."""
        ...

    def withdrawn(self, request: int) -> None:
        """Drop what only this request waited for."""
        ...

    @property
    def chat_state(self) -> ChatState:
        """The state as the app sees it."""
        ...

    @property
    def threads(self) -> Mapping[str, ThreadView]:
        """The threads by id, oldest first."""
        ...

    @property
    def questions(self) -> Sequence[Question]:
        """The survey a site asks before a thread; known once prepared."""
        ...

    @property
    def customer_questions(self) -> Sequence[Question]:
        """What custom fields of a customer are defined; known once prepared."""
        ...

    @property
    def thread_questions(self) -> Sequence[Question]:
        """What custom fields of a conversation are defined; known once prepared."""
        ...

    @property
    def file_limits(self) -> FileLimits | None:
        """Which files the site takes; None until it is known."""
        ...

    @property
    def customer_fields(self) -> Mapping[str, str]:
        """The custom fields of the customer, by id."""
        ...

    @property
    def capabilities(self) -> frozenset[str]:
        """What this site can do."""
        ...

    @property
    def outbox(self) -> Sequence[Message]:
        """The messages that the far side is not known to have, in order."""
        ...

    def records(self) -> Mapping[str, str]:
        """Return the records of messages on their way and of threads, as they are now."""
        ...


class Site(Protocol):
    """Where to chat, and with which vendor."""

    @property
    def identity(self) -> str:
        """What tells this site's customers from another's, in a store that several sites share."""
        ...

    def attach(self, session: "Session") -> Vendor:
        """Return the vendor's part for a session."""
        ...


class Session:
    """One customer's chat with one site.

    ``seed`` is a secret of at least 16 bytes, fresh at every open and restore. ``restored`` is what ``Save`` commands
    kept, by key, or the snapshot of an earlier session at the same site: the session goes on where that was, as after
    a loss of the connection. ``durable`` tells that the store is a real one: then messages on their way and threads
    are kept there, too, a message is accepted when its ``Save`` is answered, and leaves when its record says so.
    Without it they are only in snapshots. A session is not for use from several threads at once.

    Raises :class:`~deskline_core.errors.InvalidValue` for a snapshot of another site.
    """

    __slots__ = (
        "_busy", "_commands", "_last_save", "_reports", "_vendor", "counts", "deadlines", "durable", "emit", "ids",
        "kept", "now", "policy", "requests", "site", "watch",
    )  # fmt: skip

    def __init__(
        self,
        site: Site,
        *,
        policy: Policy = DEFAULT_POLICY,
        seed: bytes,
        restored: Mapping[str, str] | Snapshot | None = None,
        durable: bool = False,
    ) -> None:
        self.site = site
        self.durable = durable
        self.watch: Callable[[Event], None] | None = None
        self.policy = policy
        self.now = 0.0
        self.ids = Ids(seed)
        self.kept = restored.records_for(site.identity) if isinstance(restored, Snapshot) else dict(restored or {})
        self.deadlines = Deadlines()
        self.counts: Counter[str] = Counter()
        self._commands: list[Command] = []
        self.emit: Callable[[Command], None] = self._commands.append
        self.requests = Requests(self.emit)
        self._last_save = 0
        self._busy = False
        self._vendor = site.attach(self)
        self._reports = self._vendor.reports

    def handle(self, input: Input, *, now: float) -> list[Command]:
        """Take an input at ``now`` (UTC seconds) and return what is to be done, in order.

        Due deadlines are served first; a ``now`` before the last one counts as the last one. Never raises on anything
        that the app or the far side does. Raises RuntimeError when it is called from within itself: queue instead.
        """
        if self._busy:
            msg = "handle was called while it runs; queue the input and hand it in afterwards"
            raise RuntimeError(msg)
        self._busy = True
        try:
            if now > self.now:  # noqa: PLR1730 - on every path, and half the price of max()
                self.now = now
            if self.deadlines.rest_until <= self.now:
                self._serve()
            report = self._reports.get(type(input))
            if report is not None:  # first, as nearly all are reports
                report(self._vendor, input)
            elif isinstance(input, AppRequest):
                self._ask(input)
            elif isinstance(input, Withdraw) and not fault(input) and self.requests.withdraw(input.request):
                self._vendor.withdrawn(input.request)
            commands = self._commands[:]
            self._commands.clear()
            return commands
        finally:
            self._busy = False

    def _serve(self) -> None:
        while (key := self.deadlines.pop_due(self.now)) is not None:
            self._vendor.elapsed(*key)

    def _ask(self, input: AppRequest) -> None:
        """Accept a request whose fields are what they are said to be, and can be written as text."""
        wrong, name = fault(input), type(input).__name__
        if isinstance(input, WrongRequest):
            wrong, name = input.wrong, input.asked
        if wrong and type(input.request) is not int:
            self.counts["requests without a number"] += 1  # nobody could be told
        elif not self.requests.accept(input.request):
            self.counts["repeated request numbers"] += 1
        elif wrong:
            self.refuse(input.request, RefusalCode.INVALID_VALUE, f"{name}: {wrong}")
        else:
            self._vendor.take(input)

    @property
    def next_deadline(self) -> float | None:
        """When to call ``handle`` again at the latest, in UTC seconds, or None."""
        return self.deadlines.next

    @property
    def state(self) -> ChatState:
        """The chat's state as the app sees it."""
        return self._vendor.chat_state

    @property
    def threads(self) -> Mapping[str, ThreadView]:
        """The threads by id, oldest first. The values follow the session; only the session changes them."""
        return self._vendor.threads

    @property
    def questions(self) -> Sequence[Question]:
        """The survey that the site asks before a thread; known once prepared."""
        return self._vendor.questions

    @property
    def customer_questions(self) -> Sequence[Question]:
        """The custom fields of a customer that the site defines; known once prepared. Others may be set, too."""
        return self._vendor.customer_questions

    @property
    def thread_questions(self) -> Sequence[Question]:
        """The custom fields of a conversation that the site defines; known once prepared. Others may be set, too."""
        return self._vendor.thread_questions

    @property
    def file_limits(self) -> FileLimits | None:
        """Which files the site takes with a message; None until the chat is prepared."""
        return self._vendor.file_limits

    @property
    def customer_fields(self) -> Mapping[str, str]:
        """The custom fields of the customer that are known, by id."""
        return self._vendor.customer_fields

    @property
    def capabilities(self) -> frozenset[str]:
        """What this site can do, as names of requests; what is absent is refused with NotSupported."""
        return self._vendor.capabilities

    @property
    def outbox(self) -> Sequence[Message]:
        """The messages that the far side is not known to have, in the order they go: queued, in doubt, failed."""
        return self._vendor.outbox

    def snapshot(self) -> Snapshot:
        """Return what a later session needs as ``restored`` to go on from here. Holds secrets: keep it as such.

        It has who the customer is, the tokens, the messages on their way with their files, the threads, how far they
        were told, and the visit; what was said is read again from the far side. Requests that wait for an answer, and
        the connection itself, are not in it. Equal snapshots, with equal seeds and inputs, go on equally.
        """
        mine = {key: text for key, text in self.kept.items() if not is_of_outbox(key)}
        return Snapshot(site=self.site.identity, records=mine | dict(self._vendor.records()))

    # --- for the vendor's part ---

    def notify(self, event: Event) -> None:
        """Tell the app."""
        if self.watch is not None:
            self.watch(event)
        self.emit(Notify(event=event))

    def save(self, key: str, value: str) -> int:
        """Keep something durably; return the number that its completion repeats.

        ``kept`` has it from now on; of the content of a file, which is held with its message, that it is kept.
        """
        self.kept[key] = "" if is_content(key) else value
        self._last_save += 1
        self.emit(Save(id=self._last_save, key=key, value=Secret(value), secret=is_secret(key)))
        return self._last_save

    def forget(self, *keys: str) -> int:
        """Remove what is kept under these keys; return the number that its completion repeats."""
        for key in keys:
            self.kept.pop(key, None)
        self._last_save += 1
        self.emit(Forget(id=self._last_save, keys=keys))
        return self._last_save

    def refuse(self, request: int | None, code: RefusalCode, message: str, hint: str = "") -> None:
        """Settle an app request with a refusal."""
        self.requests.refuse(request, code, message, hint)
