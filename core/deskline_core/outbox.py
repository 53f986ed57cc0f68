"""Messages on their way out: each keeps its id, its order and an honest status until the far side's copy is seen."""

from collections.abc import Callable, Iterable, Iterator

from .errors import RefusalCode
from .events import MessageStatusChanged, UploadProgressed
from .inputs import LineReceived, RequestProgressed
from .lifecycle import MessageStatus
from .machine import Machine, Row
from .message_table import ROWS, STATES, is_settled
from .model import Attachment, ContentKind, Location, Message, Party, Upload
from .session import Session
from .times import moment
from .values import Secret
from .waiters import Waiters

__all__ = ["MESSAGE", "Outbox", "Outgoing", "OutgoingFile"]


_MOST_WRITES = 3
"""How often a message of the protocol that never arrives is sent by itself."""


class OutgoingFile:
    """A file of a message on its way out. Its content is held once, and no longer than it may be needed.

    ``content`` is what the app gave, until ``body``, what is uploaded of it, takes its place; both are empty once it
    is uploaded to ``url``, where the far side may know it by an ``id``. One that was not taken is ``dropped``, and the
    message goes without it.
    """

    __slots__ = (
        "_packed_size", "body", "content", "content_type", "dropped", "id", "mime_type", "name", "size", "url",
    )  # fmt: skip

    def __init__(self, upload: Upload, packed_size: Callable[[int], int]) -> None:
        self._packed_size = packed_size
        self.name = upload.name
        self.mime_type = upload.mime_type
        self.size = len(upload.content)
        self.content = upload.content
        self.body = b""
        self.content_type = ""
        self.id = ""
        self.url = Secret("")
        self.dropped = False

    @property
    def held(self) -> int:
        """How many bytes are held of it, or will be as soon as it is packed."""
        return self._packed_size(len(self.content)) if self.content else len(self.body)

    @property
    def is_pending(self) -> bool:
        """Whether it is still to be uploaded."""
        return not self.url and not self.dropped

    def packed(self, body: bytes, content_type: str = "") -> None:
        """What is uploaded takes the place of the content; ``content_type`` is of that, where it is not always one."""
        self.content, self.body, self.content_type = b"", body, content_type

    def uploaded(self, url: str, id: str = "") -> None:
        """The far side has it."""
        self.content = self.body = b""
        self.url, self.id = Secret(url), id


class Outgoing:
    """One message on its way out. ``hidden`` ones (begin conversation, answers to pop-ups) are never shown.

    ``followers`` came from the same request, and go after it. ``stop`` stops what is under way for it in its state.
    """

    __slots__ = (
        "_box", "behind", "cause", "created_at", "event_id", "files", "followers", "frame", "hidden", "id", "location",
        "parameters", "party", "postback", "remote_code", "status", "stop", "text", "thread", "transaction", "waiters",
        "writes",
    )  # fmt: skip

    def __init__(
        self, box: "Outbox", *, id: str, thread: str, text: str, postback: str, party: Party, at: float,
        parameters: dict[str, bool] | None = None, hidden: bool = False, uploads: Iterable[Upload] = (),
        location: Location | None = None,
    ) -> None:  # fmt: skip
        self._box = box
        self.id = id
        self.thread = thread
        self.text = text
        self.postback = postback
        self.party = party
        self.created_at = moment(at)
        self.parameters = parameters
        self.hidden = hidden
        self.status: str = MessageStatus.QUEUED
        self.frame = 0
        self.behind = ""
        self.event_id = ""
        self.cause = ""
        self.remote_code = ""
        self.transaction = ""
        self.writes = 0
        self.waiters = Waiters(box.session)
        self.files = tuple(OutgoingFile(upload, box.packed_size) for upload in uploads)
        self.location = location
        self.followers: tuple[Outgoing, ...] = ()
        self.stop: Callable[[], object] | None = None

    @property
    def message(self) -> Message:
        """The message as the app sees it."""
        return Message(
            id=self.id, thread=self.thread, party=self.party, text=self.text, created_at=self.created_at,
            status=MessageStatus(self.status), postback=self.postback, cause=self.cause, location=self.location,
            kind=ContentKind.TEXT if self.location is None else ContentKind.LOCATION,
            attachments=tuple(
                Attachment(name=file.name, url=file.url.reveal(), mime_type=file.mime_type, id=file.id)
                for file in self.files if not file.dropped
            ),
        )  # fmt: skip

    @property
    def lacks_files(self) -> bool:
        """Whether files are still to be uploaded before it can be written."""
        return any(file.is_pending for file in self.files)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of it to be sent."""
        return not (self.text.strip() or self.postback or any(file.url for file in self.files))

    def take_back_files(self) -> None:
        """It is sent again: files that were not taken are tried again, too."""
        for file in self.files:
            file.dropped = False

    def settle_files(self) -> None:
        """It is written: the files that were not taken are no part of it any more."""
        if self.files:
            self.files = tuple(file for file in self.files if not file.dropped)

    def progressed(self, position: int, input: LineReceived | RequestProgressed) -> None:
        """Tell how far the upload of a file is, in bytes of the file. An attempt that is repeated begins anew."""
        if isinstance(input, LineReceived):  # nobody asked for lines
            return
        total = self.files[position].size
        sent = total * min(input.sent, input.total) // max(input.total, 1)
        self._box.session.notify(
            UploadProgressed(thread=self.thread, message=self.id, attachment=position, sent=sent, total=total)
        )

    @property
    def has_failed(self) -> bool:
        """Whether it failed; then it is kept for the app to send again."""
        return self.status == MessageStatus.FAILED

    @property
    def is_idle(self) -> bool:
        """Whether nothing will be sent for it by itself."""
        return self.status in (MessageStatus.FAILED, MessageStatus.SENT)

    def fire(self, trigger: str, cause: str = "") -> None:
        """Fire a trigger of the message table."""
        self.cause = cause
        MESSAGE.fire(trigger, self)

    def fire_request(self, trigger: str, request: int) -> None:
        """Fire a trigger that an app request brought; a row may refuse it."""
        self.cause = ""
        MESSAGE.fire(trigger, self, request)

    # --- what the table names ---

    def may_resend(self, _input: object) -> bool:
        """Whether a message that was not found is sent again by itself: by policy, and what the app never sees."""
        return (self.hidden and self.writes < _MOST_WRITES) or self._box.session.policy.resend_uncertain

    def entered(self, _input: object) -> None:
        """Tell the app, and those who wait for the outcome. What is under way for it stops with the state."""
        self.let_go()
        self._box.changed(self)

    def refused(self, input: object, row: Row) -> None:
        """Refuse a retry or a discard."""
        if isinstance(input, int) and row.refuse is not None:
            self._box.session.refuse(input, row.refuse, row.says, f"the message is {self.status}")

    def remove(self, _input: object) -> None:
        """Leave the outbox unsent."""
        self._box.remove(self)

    def let_go(self) -> None:
        """Stop what is under way for it."""
        stop, self.stop = self.stop, None
        if stop is not None:
            stop()


MESSAGE = Machine("message", states=STATES, rows=ROWS, owner=Outgoing, attribute="status")


class Outbox:
    """All messages on their way out, in the order they were handed in; bounded by the policy.

    ``confirmed`` is told of each that the far side has. ``packed_size`` returns how many bytes a file of so many takes
    as it is uploaded; without it, files go as they are.
    """

    __slots__ = ("_by_id", "_confirmed", "packed_size", "session")

    def __init__(
        self, session: Session, confirmed: Callable[[Outgoing], None], packed_size: Callable[[int], int] = int
    ) -> None:
        self.session = session
        self.packed_size = packed_size
        self._by_id: dict[str, Outgoing] = {}
        self._confirmed = confirmed

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Outgoing]:
        return iter(tuple(self._by_id.values()))

    @property
    def is_full(self) -> bool:
        """Whether the policy admits no more. What failed or was accepted does not count."""
        return len(self._by_id) >= self.session.policy.outbox and self.room <= 0

    @property
    def room(self) -> int:
        """How many more the policy admits."""
        return self.session.policy.outbox - sum(not outgoing.is_idle for outgoing in self._by_id.values())

    @property
    def held(self) -> int:
        """How many bytes of files are held for messages that are not written, or have failed."""
        return sum(file.held for outgoing in self._by_id.values() for file in outgoing.files)

    def get(self, id: str) -> Outgoing | None:
        """Return the message with this id, if it is still on its way."""
        return self._by_id.get(id)

    def put(self, outgoing: Outgoing) -> None:
        """Take a new message, queued. As many that failed or were accepted are kept; beyond that the oldest goes."""
        self._by_id[outgoing.id] = outgoing
        if len(self._by_id) > 2 * self.session.policy.outbox:
            oldest = next((old for old in self._by_id.values() if old.is_idle), None)
            if oldest is not None:
                self.settle(oldest)
                del self._by_id[oldest.id]
                self.session.counts["messages over the limit"] += 1
        self.changed(outgoing)

    def of(self, thread: str) -> list[Outgoing]:
        """Return the messages of one thread, in order."""
        if not self._by_id:
            return []
        return [outgoing for outgoing in self._by_id.values() if outgoing.thread == thread]

    def remove(self, outgoing: Outgoing) -> None:
        """Take a message out; whoever waits for its outcome learns that there is none."""
        self._by_id.pop(outgoing.id, None)
        outgoing.let_go()
        outgoing.waiters.refuse(RefusalCode.UNKNOWN_MESSAGE, "the message was discarded")

    def settle(self, outgoing: Outgoing) -> None:
        """Tell those who wait for the outcome, whatever the status is now."""
        outgoing.waiters.answer(MessageStatus(outgoing.status))

    def changed(self, outgoing: Outgoing) -> None:
        """A message has a new status: tell the app, and who waits. A delivered one leaves the outbox."""
        status = MessageStatus(outgoing.status)
        if not outgoing.hidden:
            self.session.notify(
                MessageStatusChanged(thread=outgoing.thread, message=outgoing.id, status=status, cause=outgoing.cause)
            )
        if is_settled(status):
            self.settle(outgoing)
        if status in (MessageStatus.DELIVERED, MessageStatus.SEEN):
            self._by_id.pop(outgoing.id, None)
            self._confirmed(outgoing)

    def clear(self) -> None:
        """Forget all messages: signed out."""
        for outgoing in tuple(self._by_id.values()):
            self.remove(outgoing)

    def give_up(self, cause: str) -> None:
        """Nothing will be sent any more: what waits has failed."""
        for outgoing in tuple(self._by_id.values()):
            outgoing.fire("refused", cause)
