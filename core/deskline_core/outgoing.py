"""One message on its way out: its id, its files, and an honest status until the far side's copy is seen."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from .errors import RefusalCode
from .events import UploadProgressed
from .inputs import LineReceived, RequestProgressed
from .lifecycle import MessageStatus
from .machine import Machine, Row
from .message_table import ROWS, STATES
from .model import Attachment, ContentKind, Location, Message, Party, Upload
from .times import moment
from .values import Secret
from .waiters import Waiters

if TYPE_CHECKING:
    from .outbox import Outbox

__all__ = ["MESSAGE", "Outgoing", "OutgoingFile"]


_MOST_WRITES: Final = 3
"""How often a message of the protocol that never arrives is sent by itself."""


class OutgoingFile:
    """A file of a message on its way out. Its content is held once, and no longer than it may be needed.

    ``content`` is what the app gave, until ``body``, what is uploaded of it, takes its place; both are empty once it
    is uploaded to ``url``, where the far side may know it by an ``id``. One that was not taken is ``dropped``, and the
    message goes without it. ``is_kept_packed`` tells that what a snapshot kept of it was its ``body``.
    """

    __slots__ = (
        "_packed_size", "body", "content", "content_type", "dropped", "id", "is_kept_packed", "mime_type", "name",
        "size", "url",
    )  # fmt: skip

    def __init__(self, name: str, mime_type: str, size: int, packed_size: Callable[[int], int] = int) -> None:
        self._packed_size = packed_size
        self.name = name
        self.mime_type = mime_type
        self.size = size
        self.content = b""
        self.body = b""
        self.content_type = ""
        self.is_kept_packed = False
        self.id = ""
        self.url = Secret("")
        self.dropped = False

    @classmethod
    def of(cls, upload: Upload, packed_size: Callable[[int], int]) -> "OutgoingFile":
        """Return a file as the app gave it."""
        file = cls(upload.name, upload.mime_type, len(upload.content), packed_size)
        file.content = upload.content
        return file

    @property
    def held(self) -> int:
        """How many bytes are held of it, or will be as soon as it is packed."""
        return self._packed_size(len(self.content)) if self.content else len(self.body)

    @property
    def is_pending(self) -> bool:
        """Whether it is still to be uploaded."""
        return not self.url and not self.dropped

    @property
    def is_lost(self) -> bool:
        """Whether it is not uploaded, and cannot be any more: nothing of it was kept."""
        return not (self.url or self.content or self.body)

    def packed(self, body: bytes, content_type: str = "") -> None:
        """What is uploaded takes the place of the content; ``content_type`` is of that, where it is not always one."""
        self.content, self.body, self.content_type = b"", body, content_type

    def uploaded(self, url: str, id: str = "") -> None:
        """The far side has it."""
        self.content = self.body = b""
        self.content_type, self.is_kept_packed = "", False
        self.url, self.id = Secret(url), id


class Outgoing:
    """One message on its way out. ``hidden`` ones (begin conversation, answers to pop-ups) are never shown.

    ``followers`` came from the same request, and go after it. ``stop`` stops what is under way for it in its state.
    ``order`` is its place in the outbox, ``most_files`` how many files it came with, ``stage`` what its record in the
    store says of it, and ``is_saving`` tells that the store has not answered for that yet: see
    :mod:`deskline_core.ledger`.
    """

    __slots__ = (
        "_box", "behind", "cause", "created_at", "event_id", "files", "followers", "frame", "hidden", "id", "is_saving",
        "location", "most_files", "order", "parameters", "party", "postback", "remote_code", "stage", "status", "stop",
        "text", "thread", "transaction", "waiters", "writes",
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
        self.order = 0
        self.stage: Literal["waits", "left", "failed"] = "waits"
        self.is_saving = False
        self.files = tuple(OutgoingFile.of(upload, box.packed_size) for upload in uploads)
        self.most_files = len(self.files)
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

    @property
    def lacks_content(self) -> bool:
        """Whether a file of it cannot be uploaded, as nothing of that was kept."""
        return any(file.is_lost for file in self.files)

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
        """Fire a trigger of the message table; ``cause`` is why, if it changes anything."""
        status, before, self.cause = self.status, self.cause, cause
        MESSAGE.fire(trigger, self)
        if self.status == status:
            self.cause = before

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

    def remove(self, request: int) -> None:
        """Leave the outbox unsent. The request is answered when nothing of it is kept: a later run would send it."""
        self._box.remove(self, partial(self._removed, request))

    def _removed(self, request: int, is_forgotten: bool) -> None:  # noqa: FBT001 # what a removal is answered with
        session = self._box.session
        if is_forgotten:
            session.requests.answer(request, self.id)
        else:
            says = "it is not sent by this run, but the store still has it, and a later run may send it"
            session.refuse(request, RefusalCode.STORAGE_FAILED, says, "see to the disk")

    def let_go(self) -> None:
        """Stop what is under way for it."""
        stop, self.stop = self.stop, None
        if stop is not None:
            stop()


MESSAGE = Machine("message", states=STATES, rows=ROWS, owner=Outgoing, attribute="status")
