"""What is kept of messages on their way and of their threads: one record each, as JSON, under keys of their own."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from .model import Location, Party
from .outgoing import Outgoing, OutgoingFile
from .pieces import REFUSED
from .values import Secret

__all__ = [
    "CREDENTIALS",
    "KeptMessage",
    "Stage",
    "contents_of",
    "is_content",
    "is_of_outbox",
    "is_secret",
    "key_of",
    "keys_of",
    "messages_in",
    "record_of",
    "thread_key",
    "threads_in",
]

Stage = Literal["waits", "left", "failed"]
"""What a record says: the message waits, may have been written, or has failed."""

CREDENTIALS: Final = "credentials"
"""The key of tokens."""
_MESSAGE: Final = "message."
_FILE: Final = "file."
_THREAD: Final = "thread."


class _File(msgspec.Struct, omit_defaults=True):
    """A file of a message; its content has a record of its own, until it is uploaded."""

    name: str
    mime_type: str
    size: int
    url: str = ""
    id: str = ""
    content_type: str = ""
    packed: bool = False
    dropped: bool = False


class KeptMessage(msgspec.Struct, omit_defaults=True):
    """A message on its way.

    ``order`` is its place in the outbox; ``followers`` are ids of those that came from the same request behind it.
    """

    order: int
    id: str
    thread: str
    party: Party
    at: datetime
    stage: Stage
    text: str = ""
    postback: str = ""
    cause: str = ""
    remote_code: str = ""
    behind: str = ""
    writes: int = 0
    hidden: bool = False
    parameters: dict[str, bool] | None = None
    location: Location | None = None
    files: tuple[_File, ...] = ()
    followers: tuple[str, ...] = ()


def key_of(outgoing: Outgoing) -> str:
    """Return the key of a message's record."""
    return f"{_MESSAGE}{outgoing.id}"


def keys_of(outgoing: Outgoing) -> tuple[str, ...]:
    """Return all keys under which something of a message may be kept."""
    return key_of(outgoing), *(f"{_FILE}{outgoing.id}.{place}" for place in range(outgoing.most_files))


def thread_key(id: str) -> str:
    """Return the key of a thread's record."""
    return f"{_THREAD}{id}"


def threads_in(kept: Mapping[str, str]) -> dict[str, str]:
    """Return the records of threads, by the threads' ids."""
    return {key.removeprefix(_THREAD): text for key, text in sorted(kept.items()) if key.startswith(_THREAD)}


def is_of_outbox(key: str) -> bool:
    """Whether a record is one of a message or of a thread."""
    return key.startswith((_MESSAGE, _FILE, _THREAD))


def is_secret(key: str) -> bool:
    """Whether a record is one of tokens, which are kept apart."""
    return key == CREDENTIALS


def is_content(key: str) -> bool:
    """Whether a record is the content of a file."""
    return key.startswith(_FILE)


# --- writing ---


def record_of(outgoing: Outgoing, stage: Stage, *, packed: bool = False) -> str:
    """Return a message's record. ``packed`` tells that files which were packed to be uploaded are kept as such."""
    record = KeptMessage(
        order=outgoing.order, id=outgoing.id, thread=outgoing.thread, party=outgoing.party, at=outgoing.created_at,
        stage=stage, text=outgoing.text, postback=outgoing.postback, cause=outgoing.cause,
        remote_code=outgoing.remote_code, behind=outgoing.behind, hidden=outgoing.hidden,
        writes=max(outgoing.writes, int(stage == "left")),
        parameters=outgoing.parameters, location=outgoing.location,
        files=tuple(
            _File(
                name=file.name, mime_type=file.mime_type, size=file.size, url=file.url.reveal(), id=file.id,
                content_type=file.content_type, packed=file.is_kept_packed or (packed and bool(file.body)),
                dropped=file.dropped,
            )
            for file in outgoing.files
        ),
        followers=tuple(follower.id for follower in outgoing.followers),
    )  # fmt: skip
    return msgspec.json.encode(record).decode()


def contents_of(outgoing: Outgoing) -> dict[str, str]:
    """Return the records of the contents of a message's files, by key, as base64."""
    _, *keys = keys_of(outgoing)
    held = zip(keys, outgoing.files, strict=False)  # once it is written, files that were not taken are gone
    return {key: b64encode(file.content or file.body).decode() for key, file in held if not file.url}


# --- reading ---


def messages_in(
    kept: Mapping[str, str], packed_size: Callable[[int], int], most_files: float
) -> tuple[list[tuple[KeptMessage, tuple[OutgoingFile, ...]]], list[str]]:
    """Return the messages that are kept, in order, with their files; and the keys that lead to nothing.

    What cannot be read leads to nothing, as does the content of a file whose message is not there. ``packed_size`` is
    as of the outbox that they are for, and ``most_files`` how many one may have.
    """
    found: list[tuple[KeptMessage, tuple[OutgoingFile, ...]]] = []
    lost = {key for key in kept if key.startswith(_FILE)}
    for key, text in kept.items():
        if not key.startswith(_MESSAGE):
            continue
        try:
            record = msgspec.json.decode(text, type=KeptMessage)
            is_ours = key == f"{_MESSAGE}{record.id}" and len(record.files) <= most_files
            if not is_ours or record.at.tzinfo is None:
                lost.add(key)
                continue
            record.at = record.at.astimezone(UTC)
            files = tuple(
                _file(file, kept.get(f"{_FILE}{record.id}.{place}", ""), packed_size)
                for place, file in enumerate(record.files)
            )
        except (*REFUSED, ArithmeticError, ValueError):
            lost.add(key)
            continue
        lost -= {f"{_FILE}{record.id}.{place}" for place in range(len(files))}
        found.append((record, files))
    return sorted(found, key=lambda pair: pair[0].order), sorted(lost)


def _file(kept: _File, content: str, packed_size: Callable[[int], int]) -> OutgoingFile:
    file = OutgoingFile(kept.name, kept.mime_type, kept.size, packed_size)
    file.url, file.id, file.dropped = Secret(kept.url), kept.id, kept.dropped
    held = b64decode(content, validate=True)
    if kept.packed:
        file.body, file.content_type, file.is_kept_packed = held, kept.content_type, True
    elif not kept.url:
        file.content = held
    return file
