"""Keeps messages on their way, and the threads they belong to, so that they outlive the program.

Nothing here is done unless the session is *durable*: then a message is accepted when its record is in the store, and
leaves when the record says so. Whatever happens in between, a later run knows of each message whether it may have been
written: one that waits is sent, one that may have left is in doubt, as after a loss (design: a frame that depends on a
``Save`` is emitted after its ``Saved``).
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Final

from .errors import RefusalCode
from .events import Event, ThreadStateChanged
from .lifecycle import MessageStatus
from .outgoing import Outgoing, OutgoingFile
from .records import (
    KeptMessage,
    Stage,
    contents_of,
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

    __slots__ = ("_changed", "_entering", "_last", "_saves", "_session", "_thread", "_touched")

    def __init__(
        self, session: "Session", saves: "Saves", *, thread: Callable[[str], str], changed: Callable[[], None]
    ) -> None:
        self._session = session
        self._saves = saves
        self._thread = thread
        self._changed = changed
        self._entering: list[_Entry] = []
        self._touched: dict[str, None] = {}
        self._last = 0
        if session.durable:
            session.watch = self._noted

    @property
    def entering(self) -> int:
        """How many messages are not accepted yet: their records are being written."""
        return sum(len(entry.group) for entry in self._entering)

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
        texts: dict[str, str] = {}
        for outgoing in group:
            texts |= contents_of(outgoing)
            texts[key_of(outgoing)] = record_of(outgoing, outgoing.stage)
        texts |= self._changed_threads(outgoing.thread for outgoing in group)
        entry = _Entry(group, request, then, len(texts))
        self._entering.append(entry)
        for key, text in texts.items():
            self._saves.save(key, text, then=partial(self._written, entry))

    def _written(self, entry: _Entry, is_kept: bool) -> None:  # noqa: FBT001 # what a save is answered with
        entry.open -= 1
        entry.failed = entry.failed or not is_kept
        if entry.open:
            return
        self._entering.remove(entry)
        if entry.is_wanted and (not entry.failed or entry.request is None):
            entry.then()
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
        if not is_kept and not outgoing.hidden and outgoing.status in _WAITING:
            outgoing.fire("refused", "it was not sent: the store could not note that")
        self._changed()

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

    def removed(self, outgoing: Outgoing) -> None:
        """Nothing is kept of a message any more: the far side has it, or nobody wants it."""
        if keys := [key for key in keys_of(outgoing) if key in self._session.kept]:
            self._saves.forget(*keys)

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
            self._touched[thread] = None
            session = self._session
            at = session.now if isinstance(event, ThreadStateChanged) else session.now + session.policy.keep_pause
            known = session.deadlines.at("keep")
            if known is None or at < known:
                session.deadlines.set("keep", at)

    def keep_touched(self) -> None:
        """Write down what has changed of threads."""
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
        """Return the records of all of these as they are now."""
        texts: dict[str, str] = {}
        for outgoing in (*box, *(new for entry in self._entering for new in entry.group)):
            texts |= contents_of(outgoing)
            texts[key_of(outgoing)] = record_of(outgoing, _stage_of(outgoing), packed=True)
        kept = {thread_key(id): self._thread(id) for id in threads}
        return texts | {key: text for key, text in kept.items() if text}

    def restore(self, box: "Outbox") -> dict[str, str]:
        """Fill an outbox with what is kept; return the records of threads, by the threads' ids."""
        kept = self._session.kept
        pairs, lost = messages_in(kept)
        restored = {record.id: _outgoing(box, record, files) for record, files in pairs}
        for record, _ in pairs:
            followers = (restored.get(id) for id in record.followers)
            restored[record.id].followers = tuple(follower for follower in followers if follower is not None)
        for outgoing in restored.values():
            self._last = max(self._last, outgoing.order)
            box.restore(outgoing)
        if lost:
            self._session.counts["unreadable records"] += len(lost)
            self._saves.forget(*lost)
        return threads_in(kept)


def _stage_of(outgoing: Outgoing) -> Stage:
    """Return what a record says that is written now."""
    if outgoing.has_failed:
        return "failed"
    return "waits" if outgoing.status in _WAITING and not outgoing.is_saving else "left"


def _outgoing(box: "Outbox", record: KeptMessage, files: tuple[OutgoingFile, ...]) -> Outgoing:
    outgoing = Outgoing(
        box, id=record.id, thread=record.thread, text=record.text, postback=record.postback, party=record.party,
        at=record.at.timestamp(), parameters=record.parameters, hidden=record.hidden, location=record.location,
    )  # fmt: skip
    outgoing.created_at = record.at
    outgoing.order, outgoing.stage, outgoing.status = record.order, record.stage, _RESTORED[record.stage]
    outgoing.cause, outgoing.remote_code, outgoing.behind = record.cause, record.remote_code, record.behind
    outgoing.writes = record.writes + (record.stage == "left" and not record.writes)
    outgoing.files = files
    if any(file.is_pending and file.size and not file.held for file in files):
        outgoing.status, outgoing.cause = MessageStatus.FAILED, "its file was not kept"
    return outgoing
