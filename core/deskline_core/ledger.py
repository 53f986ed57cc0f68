"""Keeps messages on their way, and the threads they belong to, so that they outlive the program.

Nothing here is done unless the session is *durable*: then a message is accepted when its record is in the store, and
leaves when the record says so. Whatever happens in between, a later run knows of each message whether it may have been
written: one that waits is sent, one that may have left is in doubt, as after a loss. So a frame that depends on a
``Save`` is emitted after its ``Saved``.
"""

from collections.abc import Callable, Iterable
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Final

from .errors import RefusalCode
from .events import Event, ThreadStateChanged
from .lifecycle import MessageStatus
from .outgoing import Outgoing, OutgoingFile
from .records import (
    KeptMessage,
    Stage,
    contents_of,
    is_content,
    is_of_outbox,
    key_of,
    keys_of,
    messages_in,
    record_of,
    thread_key,
    threads_in,
)

if TYPE_CHECKING:
    from .outbox import Outbox
    from .saves import Saves
    from .session import Session

__all__ = ["Ledger"]

_WAITING: Final = (MessageStatus.QUEUED, MessageStatus.UPLOADING)
_RESTORED: Final[dict[Stage, MessageStatus]] = {
    "waits": MessageStatus.QUEUED,
    "left": MessageStatus.UNCERTAIN,
    "failed": MessageStatus.FAILED,
}


class _Entry:
    """Messages of one request, whose records are being written."""

    __slots__ = ("failed", "group", "is_wanted", "open", "request", "then")

    def __init__(self, group: tuple[Outgoing, ...], request: int | None, then: Callable[[], None], open: int) -> None:
        self.group = group
        self.request = request
        self.then = then
        self.open = open
        self.failed = False
        self.is_wanted = True


class Ledger:
    """The records of one outbox. ``thread`` returns a thread's record, or "" where none is kept of it.

    ``changed`` is called when a message may leave that could not before. The deadline ``keep`` is its own.
    """

    __slots__ = ("_changed", "_entering", "_last", "_saves", "_session", "_thread", "_touched", "_useless")

    def __init__(
        self, session: "Session", saves: "Saves", *, thread: Callable[[str], str], changed: Callable[[], None]
    ) -> None:
        self._session = session
        self._saves = saves
        self._thread = thread
        self._changed = changed
        self._entering: list[_Entry] = []
        self._touched: dict[str, None] = {}
        self._useless: list[str] = []
        self._last = 0
        if session.durable:
            session.watch = self._noted

    @property
    def entering(self) -> int:
        """How many messages are not accepted yet: their records are being written."""
        return sum(len(entry.group) for entry in self._entering)

    @property
    def held(self) -> int:
        """How many bytes of files these hold."""
        return sum(file.held for entry in self._entering for outgoing in entry.group for file in outgoing.files)

    # --- messages ---

    def admit(
        self, group: tuple[Outgoing, ...], then: Callable[[], None], *, request: int | None = None, leaves: bool = False
    ) -> None:
        """Write down new messages, then go on. What cannot be kept is refused, and nothing of it stays.

        ``leaves`` tells that the first of them goes at once: one record says both. What belongs to the protocol, and
        has no ``request``, goes on in any case.
        """
        for outgoing in group:
            self._last += 1
            outgoing.order = self._last
        if not self._session.durable:
            then()
            return
        if leaves:
            group[0].stage = "left"
        texts = self._changed_threads(outgoing.thread for outgoing in group)
        for outgoing in group:
            texts |= contents_of(outgoing)
            texts[key_of(outgoing)] = record_of(outgoing, outgoing.stage)
        entry = _Entry(group, request, then, len(texts))
        self._entering.append(entry)
        for key, text in texts.items():
            self._saves.save(key, text, then=partial(self._written, entry))

    def _written(self, entry: _Entry, is_kept: bool) -> None:  # noqa: FBT001 # what a save is answered with
        entry.open -= 1
        entry.failed = entry.failed or not is_kept
        while self._entering and not self._entering[0].open:  # in order, whatever the store answers first
            self._settle(self._entering.pop(0))

    def _settle(self, entry: _Entry) -> None:
        if entry.is_wanted and (not entry.failed or entry.request is None):
            entry.then()
            for outgoing in entry.group:
                self._unless_gone(outgoing)
            return
        for outgoing in entry.group:
            self.removed(outgoing)
        if entry.is_wanted:
            hint = "see to the disk; without a store, messages are only kept as long as the program runs"
            self._session.refuse(entry.request, RefusalCode.STORAGE_FAILED, "the message could not be kept", hint)

    def may_leave(self, outgoing: Outgoing) -> bool:
        """Whether a message may be written now; if not, its record is told first, and ``changed`` called then."""
        if not self._session.durable:
            return True
        if outgoing.stage != "left":
            outgoing.stage = "left"
            outgoing.is_saving = True
            self._saves.save(key_of(outgoing), record_of(outgoing, "left"), then=partial(self._told, outgoing))
        return not outgoing.is_saving

    def _told(self, outgoing: Outgoing, is_kept: bool) -> None:  # noqa: FBT001 # what a save is answered with
        outgoing.is_saving = False
        if not is_kept and not outgoing.hidden and self._waits(outgoing):
            outgoing.fire("refused", "it was not sent: the store could not note that")
        self._changed()
        self._unless_gone(outgoing)

    def _waits(self, outgoing: Outgoing) -> bool:
        """Whether a message is in the outbox, and was not written."""
        return outgoing.status in _WAITING and key_of(outgoing) in self._session.kept

    def _unless_gone(self, outgoing: Outgoing) -> None:
        """What was to leave could not after all: its record says so, or a later run would doubt it."""
        if outgoing.stage == "left" and not outgoing.is_saving and self._waits(outgoing):
            outgoing.stage = "waits"
            self._saves.save(key_of(outgoing), record_of(outgoing, "waits"))

    def changed(self, outgoing: Outgoing) -> None:
        """A message has another status: its record says so, where a later run must know."""
        if not self._session.durable:
            return
        stage = outgoing.stage
        if outgoing.has_failed:
            stage = "failed"
        elif outgoing.status in _WAITING and (stage == "failed" or outgoing.writes):
            stage = "waits"
        if stage != outgoing.stage:
            outgoing.stage = stage
            self._saves.save(key_of(outgoing), record_of(outgoing, stage))

    def removed(self, outgoing: Outgoing, then: Callable[[bool], None] | None = None) -> None:
        """Nothing is kept of a message any more: the far side has it, or nobody wants it.

        ``then`` is told whether it is so: a store that could not note that still has it.
        """
        session = self._session
        keys = [key for key in keys_of(outgoing) if key in session.kept] if session.durable else []
        if keys:
            self._saves.forget(*keys, then=then)
        elif then is not None:
            then(True)

    def withdrawn(self, request: int) -> None:
        """Nobody waits for the acceptance any more: the message is not sent."""
        for entry in self._entering:
            if entry.request == request:
                entry.is_wanted = False

    def clear(self) -> None:
        """Another customer, or nobody any more: nothing of it stays."""
        for entry in self._entering:
            entry.is_wanted = False
            self._session.refuse(entry.request, RefusalCode.CHAT_CLOSED, "the customer signed out, or is another one")
        self._touched.clear()
        if keys := [key for key in self._session.kept if is_of_outbox(key)]:
            self._saves.forget(*keys)

    # --- threads ---

    def _noted(self, event: Event) -> None:
        """The app is told something of a thread: its record may be another now. States are kept at once."""
        thread: str = getattr(event, "thread", "")
        if thread:
            session = self._session
            at = session.now if isinstance(event, ThreadStateChanged) else session.now + session.policy.keep_pause
            self._touch(thread, at)

    def _touch(self, thread: str, at: float) -> None:
        self._touched[thread] = None
        known = self._session.deadlines.at("keep")
        if known is None or at < known:
            self._session.deadlines.set("keep", at)

    def changed_thread(self, id: str) -> None:
        """Something of a thread changed that the app is not told."""
        if self._session.durable:
            self._touch(id, self._session.now + self._session.policy.keep_pause)

    def tidy(self) -> None:
        """All threads are known: of others nothing is kept."""
        for id in threads_in(self._session.kept) if self._session.durable else ():
            if not self._thread(id):
                self._touch(id, self._session.now)

    def keep_touched(self) -> None:
        """Write down what has changed of threads, and forget what could not be read: when it is due, or the app leaves.

        The program may end at any moment then.
        """
        self._session.deadlines.clear("keep")
        useless, self._useless = [key for key in self._useless if key in self._session.kept], []
        if useless:
            self._saves.forget(*useless)
        touched, self._touched = self._touched, {}
        for key, text in self._changed_threads(touched).items():
            self._saves.save(key, text)
        gone = [thread_key(id) for id in touched if not self._thread(id)]
        if keys := [key for key in gone if key in self._session.kept]:
            self._saves.forget(*keys)

    def _changed_threads(self, ids: Iterable[str]) -> dict[str, str]:
        texts = {thread_key(id): self._thread(id) for id in ids}
        return {key: text for key, text in texts.items() if text and self._session.kept.get(key) != text}

    # --- over restarts ---

    def records(self, box: Iterable[Outgoing], threads: Iterable[str]) -> dict[str, str]:
        """Return the records of all of these as they are now; a message that is not accepted is not among them."""
        texts: dict[str, str] = {}
        entering = (new for entry in self._entering if entry.request is None and entry.is_wanted for new in entry.group)
        for outgoing in (*box, *entering):
            texts |= contents_of(outgoing)
            texts[key_of(outgoing)] = record_of(outgoing, _stage_of(outgoing), packed=True)
        kept = {thread_key(id): self._thread(id) for id in threads}
        return texts | {key: text for key, text in kept.items() if text}

    def restore(self, box: "Outbox", *, most_files: float = inf) -> dict[str, str]:
        """Fill an outbox with what is kept; return the records of threads, by the threads' ids.

        ``most_files`` is how many a message of this vendor may have.
        """
        kept = self._session.kept
        pairs, useless = messages_in(kept, box.packed_size, most_files)
        restored = {record.id: _outgoing(box, record, files) for record, files in pairs}
        for record, _ in pairs:
            followers = (restored.get(id) for id in record.followers)
            restored[record.id].followers = tuple(follower for follower in followers if follower is not None)
        for outgoing in restored.values():
            self._last = max(self._last, outgoing.order)
            box.restore(outgoing)
        self._drop(useless)
        return threads_in(kept)

    def _drop(self, useless: list[str]) -> None:
        """Have what leads to nothing forgotten by the first input. Contents alone are of what was never accepted."""
        unreadable = sum(not is_content(key) for key in useless)
        if unreadable:
            self._session.counts["unreadable records"] += unreadable
        if useless and self._session.durable:
            self._useless = useless
            self._session.deadlines.set("keep", self._session.now)


def _stage_of(outgoing: Outgoing) -> Stage:
    """Return what a record says that is written now."""
    if outgoing.has_failed:
        return "failed"
    return "waits" if outgoing.status in _WAITING else "left"


def _outgoing(box: "Outbox", record: KeptMessage, files: tuple[OutgoingFile, ...]) -> Outgoing:
    outgoing = Outgoing(
        box, id=record.id, thread=record.thread, text=record.text, postback=record.postback, party=record.party,
        at=box.session.now, parameters=record.parameters, hidden=record.hidden, location=record.location,
    )  # fmt: skip
    outgoing.created_at = record.at
    outgoing.order, outgoing.stage, outgoing.status = record.order, record.stage, _RESTORED[record.stage]
    outgoing.cause, outgoing.remote_code, outgoing.behind = record.cause, record.remote_code, record.behind
    outgoing.writes = record.writes
    outgoing.files, outgoing.most_files = files, len(files)
    if any(file.is_pending and file.is_lost for file in files):
        outgoing.status, outgoing.cause = MessageStatus.FAILED, "its file was not kept"
    return outgoing
