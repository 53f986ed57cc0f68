"""Files that clients upload and agents send, kept up to a limit (Bright Pattern reference, sections 3.10 to 3.12)."""

import re
from base64 import b64decode
from email import message_from_bytes
from email.message import Message
from typing import Any, Final

import msgspec

from ..ids import Ids
from ..kept import Kept
from ..parse import word
from ..replies import HARMLESS, Reply
from .contents import file_content, url_content

__all__ = ["MOST_BYTES", "PORTRAIT", "File", "Files", "read_upload"]

MOST_BYTES: Final = 25 * 1024 * 1024
_MOST: Final = 1000
_MOST_ALTOGETHER: Final = 256 * 1024 * 1024
"""The vendor keeps 1000 files; a machine of a developer is spared 25 GB of them."""
_MIME_TYPE: Final = re.compile(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+")
_LONGEST_NAME: Final = 255
_LONGEST_HEAD: Final = 16 * 1024
_MOST_PARTS: Final = 100
"""More than any form has; reading headers as mail has them takes its time."""
PORTRAIT: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
"""A picture of one pixel, for everyone."""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was sent: its name, its MIME type and its bytes."""

    name: str
    kind: str
    content: bytes

    def reply(self) -> Reply:
        """Return the answer that brings it, to be saved and never to be run as a page."""
        kind = self.kind if _MIME_TYPE.fullmatch(self.kind) else "application/octet-stream"
        return Reply(status=200, headers=(("content-type", kind), *HARMLESS), body=self.content)


class Files:
    """The newest files, by their id."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._files: Kept[File] = Kept(most=_MOST, most_size=_MOST_ALTOGETHER)

    def keep(self, file: File) -> str:
        """Keep a file and return its id."""
        id = self._ids.uuid()
        self._files.put(id, file, len(file.content))
        return id

    def get(self, id: str) -> File | None:
        """Return a file by its id, as long as it is kept."""
        return self._files.get(id)

    def attachment(self, source: dict[str, Any]) -> dict[str, Any] | None:
        """Return a file that an agent sends as its event has it, by its URL or its base64 content; None for bad one."""
        kind = word(source, "mimeType")
        if "content" not in source or "url" in source:
            return url_content(word(source, "url"), kind)
        try:
            content = b64decode("".join(word(source, "content").split()), validate=True)
        except ValueError:
            return None
        name = word(source, "friendlyName") or word(source, "fileName") or "file"
        return file_content(self.keep(File(name=name, kind=kind, content=content)), name, kind)


def read_upload(content_type: str, body: bytes) -> File | None:
    """Return the first file of a multipart body, whatever the name of its part; None if there is none.

    The bytes are cut out between the boundaries as they are; only the headers are read as mail has them.
    """
    boundary = message_from_bytes(b"content-type: " + content_type.encode("latin-1", "replace")).get_boundary()
    if not boundary:
        return None
    marker = b"\r\n--" + boundary.encode("latin-1", "replace")
    parts = (b"\r\n" + body).split(marker, _MOST_PARTS + 1)
    for part in parts[1 : _MOST_PARTS + 1]:
        head, gap, content = part.partition(b"\r\n\r\n")
        headers = message_from_bytes(head[:_LONGEST_HEAD].lstrip(b"\r\n"))
        name = headers.get_filename()
        if gap and name is not None:
            return File(name=_last(name), kind=_kind(headers), content=content)
    return None


def _kind(headers: Message) -> str:
    return headers.get_content_type() if "content-type" in headers else "application/octet-stream"


def _last(name: str) -> str:
    """Return the last part of a path, as text that every JSON can hold."""
    plain = name.encode("utf-8", "replace").decode()
    return re.split(r"[/\\]", plain)[-1][-_LONGEST_NAME:] or "file"
