"""From an answer's body to the shapes of ``wire`` (Bright Pattern reference, sections 2.4, 3, 6). Nothing here raises.

Every event is read by itself: one that is unknown or broken is told, and never costs its neighbours (20.5, rule 4).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final, Literal, NamedTuple, cast, get_args

import msgspec

from ..pieces import REFUSED, entries, flag_of, load, mend, number_of, object_of, part, text_of
from ..values import Secret
from . import wire

__all__ = [
    "read_availability",
    "read_case_history",
    "read_chat",
    "read_error",
    "read_events",
    "read_ice_servers",
    "read_parameters",
    "read_upload",
    "read_version",
]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_SECONDS: Final = 9_999_999_999
"""A larger number of a timestamp is one of milliseconds (2.4)."""
_MOST_WORDS: Final = 1000
_MOST_NAME: Final = 200


# --- events ---


class _Batch(msgspec.Struct, frozen=True, gc=False):
    """The events of an answer, of which one has put off the decoder: none is looked into."""

    events: tuple[msgspec.Raw, ...] = ()


_BATCH: Final = msgspec.json.Decoder(_Batch)


class _Broken(Exception):
    """An event lacks something it cannot do without."""


def read_events(body: bytes, *, max_events: int, max_source: int) -> list[wire.WireEvent] | wire.BrokenEvent:
    """Read the events of a poll, a history or the answer to a v1 POST (3.5 to 3.7).

    What is beyond ``max_events`` becomes one broken event; ``max_source`` is how much of a source is kept, in
    characters. An empty body and one without ``events`` are an empty batch (trap I11).
    """
    if not body.strip():
        return []
    root = load(body)
    if _is_object(root):
        return _read_list(part(root, "events"), max_events, max_source)
    try:
        return _read_list(list(_BATCH.decode(body).events), max_events, max_source)
    except REFUSED:
        return wire.BrokenEvent(reason="not a JSON object", source=_beginning(body, max_source))


def _read_list(events: object, max_events: int, max_source: int) -> list[wire.WireEvent] | wire.BrokenEvent:
    if not isinstance(events, list):
        if not events:
            return []
        return wire.BrokenEvent(reason="events is not a list", source=_source(events, max_source))
    given = cast("list[object]", events)
    read = [_read_event(event, max_source) for event in given[:max_events]]
    if len(given) > max_events:
        beyond = f"{len(given) - max_events} events beyond the first {max_events}"
        read.append(wire.BrokenEvent(reason=beyond, source=_source(given[max_events], max_source)))
    return read


def _read_event(event: object, max_source: int) -> wire.WireEvent:
    fields = load(event) if isinstance(event, msgspec.Raw) else event
    if not _is_object(fields):
        return wire.BrokenEvent(reason="not a readable object", source=_source(event, max_source))
    try:
        return _by_name(object_of(fields)) or wire.UnknownEvent(
            kind=text_of(part(fields, "event"))[:_MOST_NAME], source=_source(event, max_source)
        )
    except _Broken as broken:
        reason = str(broken)
    except RecursionError:
        reason = "nested too deep"
    return wire.BrokenEvent(reason=reason, source=_source(event, max_source))


def _by_name(fields: dict[str, object]) -> wire.KnownEvent | None:
    name = text_of(fields.get("event"))
    if not name:
        raise _Broken("lacks event")
    if name in _COBROWSING:
        return wire.ChatSessionCobrowsing(
            kind=_COBROWSING[name],
            party_id=text_of(fields.get("party_id")),
            data=_json({field: value for field, value in fields.items() if field not in _COMMON}),
            at=_time_of(fields.get("timestamp")),
        )
    if name == "chat_session_file" and not fields.get("party_id"):
        fields = {**fields, "party_id": fields.get("session_id")}  # of an old server (6.14)
    kind = _KINDS.get(name)
    return None if kind is None else _fill(kind, fields)


def _fill(kind: "type[wire.KnownEvent]", fields: dict[str, object]) -> wire.KnownEvent:
    if kind.any_of and not any(_is_given(fields.get(name)) for name in kind.any_of):
        raise _Broken(f"lacks {kind.any_of[0]}")
    read: dict[str, Any] = {}
    for field in _fields(kind):
        value = field.reader(fields.get(field.wire_name))
        if field.required and not value:
            raise _Broken(f"lacks {field.wire_name}")
        read[field.name] = value
    return kind(**read)


def _is_given(value: object) -> bool:
    return value == "" or bool(text_of(value) or entries(value))


class _Field(NamedTuple):
    name: str
    wire_name: str
    required: bool
    reader: Callable[[object], object]


@cache
def _fields(kind: "type[wire.KnownEvent]") -> tuple[_Field, ...]:
    return tuple(
        _Field(field.name, field.encode_name, field.required, _BY_NAME.get(field.name) or _BY_TYPE[field.type])
        for field in msgspec.structs.fields(kind)
    )


# --- fields ---


def _time_of(value: object) -> datetime | None:
    """Return a timestamp in seconds or milliseconds, as text or number; none of them is before 1970 (2.4)."""
    number = number_of(value) or 0.0
    if number <= 0:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=number if number > _MOST_SECONDS else number * 1000)
    except OverflowError:
        return None


def _seconds_of(value: object) -> float | None:
    """Return a duration, as text or number; "" and nonsense is one that is not known (6.1, trap I13)."""
    number = number_of(value)
    return None if number is None or number < 0 else number


def _text_if_given(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _object_text(value: object) -> str:
    return _json(cast("object", value)) if isinstance(value, dict) else ""


def _list_text(value: object) -> str:
    return _json(entries(value)) if entries(value) else ""


_BY_TYPE: Final[dict[Any, Callable[[object], object]]] = {
    str: text_of,
    str | None: _text_if_given,
    float | None: _seconds_of,
    datetime | None: _time_of,
}
_BY_NAME: Final[dict[str, Callable[[object], object]]] = {"data": _object_text, "attachments": _list_text}
_KINDS: "Final[dict[str, type[wire.KnownEvent]]]" = {
    **{str(kind.__struct_config__.tag): kind for kind in get_args(wire.KnownEvent)},
    "chat_session_inactvity_timeout": wire.ChatSessionInactivityTimeout,  # as the reference's own block has it (6.9)
    "chat_session_secure_form_data": wire.ChatSessionFormData,
    "chat_form_data_cancel": wire.ChatSessionFormData,
}
_Step = Literal["requested", "rejected", "started", "ended"]
_COBROWSING: Final[dict[str, _Step]] = {f"chat_session_cobrowsing_{step}": step for step in get_args(_Step)}
_COMMON: Final = frozenset({"event", "party_id", "timestamp"})
del _KINDS["chat_session_cobrowsing"]  # no name of the wire's: there are four


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _source(value: object, most: int) -> str:
    try:
        return _beginning(bytes(value) if isinstance(value, msgspec.Raw) else msgspec.json.encode(value), most)
    except RecursionError:
        return ""


def _beginning(source: bytes, most: int) -> str:
    """Return the beginning of a source, without the credentials and signed URLs that stand in it."""
    from ..redaction import Redactor  # noqa: PLC0415 - only what cannot be read pays for it
    from .disclosure import DISCLOSURE  # noqa: PLC0415 - as above

    beginning = mend(source[: 4 * most].decode("utf-8", "replace")[:most])
    return Redactor(b"source", DISCLOSURE).learn(beginning)[:most]


# --- answers ---


def read_chat(body: bytes) -> wire.ChatAnswer | None:
    """Read the answer to a request for a chat (3.3), or for the one that is active (3.4)."""
    root = load(body)
    chat_id = text_of(part(root, "chat_id"))
    if not chat_id:
        return None
    return wire.ChatAnswer(
        chat_id=chat_id,
        state=text_of(part(root, "state")),
        ewt=_seconds_of(part(root, "ewt")),
        is_new_chat=flag_of(part(root, "is_new_chat")) is True,
        phone_number=text_of(part(root, "phone_number")),
    )


def read_availability(body: bytes) -> wire.AvailabilityAnswer | None:
    """Read whether it is open (3.1): ``available``, and nothing else, says so."""
    root = load(body)
    chat = text_of(part(root, "chat"))
    return wire.AvailabilityAnswer(is_open=chat == "available", ewt=_seconds_of(part(root, "ewt"))) if chat else None


def read_parameters(body: bytes) -> tuple[tuple[str, str], ...]:
    """Read which parameters are expected, each with its type (3.2)."""
    return tuple(
        (name, text_of(kind))
        for parameter in entries(part(load(body), "parameters"))
        for name, kind in object_of(parameter).items()
    )


def read_case_history(body: bytes, *, max_events: int, max_source: int) -> list[wire.CaseSession] | wire.BrokenEvent:
    """Read the sessions of a case (3.8). ``max_events`` counts all of their events together."""
    root = load(body)
    if not _is_object(root):
        return wire.BrokenEvent(reason="not a JSON object", source=_beginning(body, max_source))
    sessions: list[wire.CaseSession] = []
    left = max_events
    for session in entries(part(root, "sessions")):
        given = _read_list(part(session, "events"), left, max_source)
        if not _is_object(session):
            given = wire.BrokenEvent(reason="not a readable object", source=_source(session, max_source))
        events = (given,) if isinstance(given, wire.BrokenEvent) else tuple(given)
        left = max(left - len(events), 0)
        sessions.append(
            wire.CaseSession(
                chat_id=text_of(part(session, "chat_id")),
                created_at=_time_of(part(session, "created_time")),
                events=events,
            )
        )
    return sessions


def read_upload(body: bytes) -> wire.UploadAnswer | None:
    """Read what a file is called by from now on (3.10)."""
    root = load(body)
    file_id = text_of(part(root, "file_id"))
    return wire.UploadAnswer(file_id=file_id, file_name=text_of(part(root, "file_name"))) if file_id else None


def read_version(body: bytes) -> str:
    """Read the server's version (3.14), "" if there is none."""
    return text_of(part(load(body), "server_version"))[:_MOST_NAME]


def read_ice_servers(body: bytes) -> list[wire.IceServer] | None:
    """Read the servers for calls (3.15); None for the encrypted text and whatever else is no list of them."""
    servers = part(load(body), "servers")
    if not isinstance(servers, list):
        return None
    return [
        wire.IceServer(
            url=url,
            username=text_of(part(server, "username")),
            credential=Secret(text_of(part(server, "credential"))),
        )
        for server in entries(cast("object", servers))
        if (url := text_of(part(server, "url")))
    ]


def read_error(body: bytes) -> tuple[str, str]:
    """Return a refusal's code and text (2.5), "" each where the body does not say."""
    root = load(body)
    return text_of(part(root, "error_code"))[:_MOST_WORDS], text_of(part(root, "error_message"))[:_MOST_WORDS]
