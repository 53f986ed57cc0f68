"""Files of messages on their way: checked, then uploaded one after another, before their message is written (2.6).

An upload goes by REST: a lost socket does not stop it. It stops when its message leaves the state ``uploading``:
discarded, signed out, or its thread ended. What was uploaded stays with the message, and is not uploaded again when
the message is.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from ..calls import Call
from ..checks import check_text
from ..events import UploadFailed
from ..files import Objection, objection, unfit
from ..inputs import ResponseReceived
from ..model import FileLimits, Upload
from ..outgoing import Outgoing, OutgoingFile
from ..pieces import entries, load, part, text_of
from . import rest

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Uploads", "packed_size", "read_upload", "upload_body"]


class Uploads:
    """Checks and uploads the files of one session's messages."""

    __slots__ = ("_chat",)

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat

    @property
    def limits(self) -> FileLimits | None:
        """What the channel takes, for the app to look at; None until its configuration is known."""
        configuration = self._chat.configuration
        if configuration is None:
            return None
        return FileLimits(
            allowed=configuration.attachments_allowed,
            largest=configuration.max_attachment,
            types=configuration.attachment_types,
            most=self._chat.session.policy.max_uploads,
        )

    def objection(self, uploads: Sequence[Upload]) -> Objection | None:
        """Return why these files cannot go with a message, as far as is known now, or None."""
        return objection(self._chat.delivery.outbox, self.limits, uploads)

    # --- on the way ---

    def begin(self, outgoing: Outgoing) -> None:
        """Upload what a message still lacks; then it is written."""
        outgoing.fire("upload")
        self._next(outgoing)

    def _next(self, outgoing: Outgoing) -> None:
        for position, file in enumerate(outgoing.files):
            if not file.is_pending:
                continue
            reason = unfit(self.limits, file.name, file.size, file.mime_type)
            if not reason:
                self._send(outgoing, position, file)
                return
            if self._not_taken(outgoing, position, file, reason):
                return
        if outgoing.is_empty:
            self._fail(outgoing, "none of its files was taken")
        else:
            self._chat.delivery.uploaded(outgoing)

    def _send(self, outgoing: Outgoing, position: int, file: OutgoingFile) -> None:
        if not file.body:
            file.packed(upload_body(file.name, file.content, file.mime_type))
        chat, policy = self._chat, self._chat.session.policy
        call = Call(
            "POST", chat.site.upload_url(), headers=chat.site.rest_headers(), body=file.body,
            done=partial(self._answered, outgoing, position, file),
            failed=partial(self._failed, outgoing, position, file),
            telling="progress",
            told=partial(outgoing.progressed, position),
            timeout=policy.upload_timeout, retries=policy.rest_attempts - 1, limit=policy.max_body, outlives=True,
        )  # fmt: skip
        outgoing.stop = partial(chat.calls.cancel, call)
        chat.calls.begin(call)

    def _answered(self, outgoing: Outgoing, position: int, file: OutgoingFile, response: ResponseReceived) -> None:
        error = rest.read_error(response.status, response.body)
        if error.refuses_version:
            self._failed(outgoing, position, file, error.text or "the far side refuses this client version")
            self._chat.connection.fire("version_refused", cause=error.text)
            return
        if not response.is_success:
            self._failed(outgoing, position, file, f"answered {response.status} {error.code}".rstrip())
            return
        url, reason = read_upload(response.body)
        if reason:
            self._failed(outgoing, position, file, reason)
            return
        file.uploaded(url)
        self._next(outgoing)

    def _failed(self, outgoing: Outgoing, position: int, file: OutgoingFile, cause: str) -> None:
        if not self._not_taken(outgoing, position, file, f"{file.name!r} was not taken: {cause}"):
            self._next(outgoing)

    def _not_taken(self, outgoing: Outgoing, position: int, file: OutgoingFile, cause: str) -> bool:
        """A file cannot go: tell it, and let the message fail or go without it; True if it failed."""
        self._chat.session.notify(
            UploadFailed(thread=outgoing.thread, message=outgoing.id, attachment=position, name=file.name, cause=cause)
        )
        if self._chat.session.policy.attachment_failure == "fail":
            self._fail(outgoing, cause)
            return True
        file.dropped = True
        return False

    def _fail(self, outgoing: Outgoing, cause: str) -> None:
        outgoing.fire("refused", cause)
        self._chat.delivery.flush()  # what waited behind it goes now


def packed_size(size: int) -> int:
    """Return how many bytes a file of this size takes once it is packed to be uploaded: as base64."""
    return -(-size // 3) * 4


def upload_body(name: str, content: bytes, mime_type: str) -> bytes:
    """Return what uploads a file; its content as base64 without line ends."""
    return msgspec.json.encode({"content": content, "fileName": name, "mimeType": mime_type})


def read_upload(body: bytes) -> tuple[str, str]:
    """Return the URL of what was uploaded and "", or "" and why it was refused.

    A refusal comes with the status of success, and with what is allowed instead of a URL (trap M8).
    """
    root = load(body)
    url = part(root, "fileUrl")
    if isinstance(url, str) and url and check_text(url) is None:
        return url, ""
    types = [name for entry in entries(part(root, "allowedFileTypes")) if (name := text_of(part(entry, "mimeType")))]
    size = text_of(part(root, "allowedFileSize"))
    allowed = [f"up to {size} MB"] if size else []
    allowed += [", ".join(types)] if types else []
    return "", f"the far side refused it; allowed: {'; '.join(allowed)}" if allowed else "the far side gave no address"
