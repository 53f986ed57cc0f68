"""Files of messages, checked before a message is taken: what any site refuses, and what one has said it takes."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from .checks import check_name
from .errors import RefusalCode
from .model import FileLimits, Upload
from .outbox import Outbox

__all__ = ["Objection", "objection", "unfit"]

_MEBIBYTE: Final = 1024 * 1024
_MIME_TYPE: Final = re.compile(r"[\w.+!#$&^-]+/[\w.+!#$&^-]+(?:\s*;.*)?", re.ASCII)


class Objection(NamedTuple):
    """Why files cannot be sent."""

    code: RefusalCode
    message: str
    hint: str = ""


def objection(outbox: Outbox, limits: FileLimits | None, uploads: Sequence[Upload]) -> Objection | None:
    """Return why these files cannot go with a message, as far as is known now, or None.

    ``limits`` is None until the site has said what it takes.
    """
    policy = outbox.session.policy
    if limits is not None and not limits.allowed:
        return Objection(RefusalCode.NOT_SUPPORTED, "the channel takes no files")
    most = policy.max_uploads if limits is None else limits.most
    if len(uploads) > most:
        return Objection(RefusalCode.INVALID_VALUE, f"{len(uploads)} files in one message", f"{most} are allowed")
    for upload in uploads:
        if reason := _malformed(upload) or unfit(limits, upload.name, len(upload.content), upload.mime_type):
            return Objection(RefusalCode.INVALID_VALUE, reason)
    held = outbox.held + sum(outbox.packed_size(len(upload.content)) for upload in uploads)
    if held > policy.upload_memory:
        message = f"the files that wait would take {held} bytes, of {policy.upload_memory} that the policy allows"
        return Objection(RefusalCode.LIMIT_REACHED, message, "wait, or discard some messages")
    return None


def unfit(limits: FileLimits | None, name: str, size: int, mime_type: str) -> str:
    """Return why a site does not take a file of ``size`` bytes, or "".

    A limit that is not known is for the far side to keep: no types admit any, and so does no size.
    """
    if limits is None:
        return ""
    if not limits.allowed:
        return "the channel takes no files"
    if limits.largest and size > limits.largest:
        return f"{name!r} is too large: {_bytes(size)}, and {_bytes(limits.largest)} are allowed"
    if limits.types and not any(_fits(mime_type, allowed) for allowed in limits.types):
        return f"{name!r} has the type {mime_type!r}, and these are allowed: {', '.join(limits.types)}"
    return ""


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
