"""Files of messages on their way: checked, then uploaded one after another, before their message is written (2.6).

An upload goes by REST: a lost socket does not stop it. It stops when its message leaves the state ``uploading``:
discarded, signed out, or its thread ended. What was uploaded stays with the message, and is not uploaded again when
the message is.
"""

import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from ..calls import Call
from ..checks import check_name, check_text
from ..errors import RefusalCode
from ..events import UploadFailed, UploadProgressed
from ..inputs import LineReceived, RequestProgressed, ResponseReceived
from ..model import FileLimits, Upload
from ..outbox import Outgoing, OutgoingFile, packed_size
from ..pieces import entries, load, part, text_of
from . import rest

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Objection", "Uploads", "read_upload", "upload_body"]

_MEBIBYTE: Final = 1024 * 1024
_MIME_TYPE: Final = re.compile(r"[\w.+!#$&^-]+/[\w.+!#$&^-]+(?:\s*;.*)?", re.ASCII)


class Objection(NamedTuple):
    """Why files cannot be sent."""

    code: RefusalCode
    message: str
    hint: str = ""


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

    # --- before a message is queued ---

    def objection(self, uploads: Sequence[Upload]) -> Objection | None:
        """Return why these files cannot go with a message, as far as is known now, or None."""
        policy, configuration = self._chat.session.policy, self._chat.configuration
        if configuration is not None and not configuration.attachments_allowed:
            return Objection(RefusalCode.NOT_SUPPORTED, "the channel takes no files")
        if len(uploads) > policy.max_uploads:
            return Objection(
                RefusalCode.INVALID_VALUE, f"{len(uploads)} files in one message", f"{policy.max_uploads} are allowed"
            )
        for upload in uploads:
            if reason := _malformed(upload) or self._unfit(upload.name, len(upload.content), upload.mime_type):
                return Objection(RefusalCode.INVALID_VALUE, reason)
        held = self._chat.delivery.outbox.held + sum(packed_size(len(upload.content)) for upload in uploads)
        if held > policy.upload_memory:
            message = f"the files that wait would take {held} bytes, of {policy.upload_memory} that the policy allows"
            return Objection(RefusalCode.LIMIT_REACHED, message, "wait, or discard some messages")
        return None

    def _unfit(self, name: str, size: int, mime_type: str) -> str:
        """Return why the channel does not take a file, or "".

        A limit that the configuration does not tell is for the far side to keep: an absent or empty list of types
        admits any, and so does an absent size.
        """
        configuration = self._chat.configuration
        if configuration is None:
            return ""
        if not configuration.attachments_allowed:
            return "the channel takes no files"
        limit, types = configuration.max_attachment, configuration.attachment_types
        if limit and size > limit:
            return f"{name!r} is too large: {_bytes(size)}, and {_bytes(limit)} are allowed"
        if types and not any(_fits(mime_type, allowed) for allowed in types):
            return f"{name!r} has the type {mime_type!r}, and these are allowed: {', '.join(types)}"
        return ""

    # --- on the way ---

    def begin(self, outgoing: Outgoing) -> None:
        """Upload what a message still lacks; then it is written."""
        outgoing.fire("upload")
        self._next(outgoing)

    def _next(self, outgoing: Outgoing) -> None:
        for position, file in enumerate(outgoing.files):
            if not file.is_pending:
                continue
            reason = self._unfit(file.name, file.size, file.mime_type)
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
            told=partial(self._progressed, outgoing, position, file),
            timeout=policy.upload_timeout, retries=policy.rest_attempts - 1, limit=policy.max_body, outlives=True,
        )  # fmt: skip
        outgoing.stop_upload = partial(chat.calls.cancel, call)
        chat.calls.begin(call)

    def _progressed(
        self, outgoing: Outgoing, position: int, file: OutgoingFile, input: LineReceived | RequestProgressed
    ) -> None:
        """Tell it in bytes of the file. An attempt that is repeated begins anew."""
        if isinstance(input, LineReceived):  # nobody asked for lines
            return
        sent = file.size * min(input.sent, input.total) // max(input.total, 1)
        self._chat.session.notify(
            UploadProgressed(
                thread=outgoing.thread, message=outgoing.id, attachment=position, sent=sent, total=file.size
            )
        )

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


def _malformed(upload: Upload) -> str:
    """Return what is wrong with a file on any channel, or ""."""
    if not upload.name.strip():
        return "a file has no name"
    if reason := check_name(upload.name):
        return f"the name of a file is {reason}"
    if not upload.content:
        return f"{upload.name!r} is empty"
    if not _MIME_TYPE.fullmatch(upload.mime_type):
        return f"{upload.name!r} has the type {upload.mime_type!r:.100}, which is none, such as image/png"
    return ""


def _fits(mime_type: str, allowed: str) -> bool:
    """Whether a MIME type is the one allowed, or fits a wildcard such as ``image/*``; parameters do not count."""
    kind, allowed = mime_type.partition(";")[0].strip().lower(), allowed.strip().lower()
    if allowed in ("*", "*/*"):
        return True
    return kind.startswith(allowed[:-1]) if allowed.endswith("/*") else kind == allowed


def _bytes(size: int) -> str:
    return f"{size / _MEBIBYTE:.1f} MiB ({size} bytes)" if size >= _MEBIBYTE else f"{size} bytes"
