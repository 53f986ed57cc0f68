"""From a frame's text to one of the shapes of section 3.6 of the CXone wire reference. Nothing here raises.

The strict unions of ``wire`` read what a well-behaved far side sends, in one pass. Whatever they refuse goes through
an envelope with raw parts, where errors, acknowledgements, unknown types and sloppy data end up without loss.
"""

import re
from collections.abc import Callable
from typing import Any, Final, cast, get_args

import msgspec

from ..pieces import REFUSED, load, mend, object_of, part, text_of
from . import wire
from .lenient import LeftOut, Misfit, read

__all__ = ["decode_answer_body", "decode_frame", "decode_message"]

_decode_push: Final = cast("Callable[[str], wire.Push]", msgspec.json.Decoder(wire.Push).decode)
_decode_postback: Final = msgspec.json.Decoder(wire.Postback).decode
_ANYTHING: Final = msgspec.json.Decoder[Any]()
_HEAD: Final = 110
"""Where the key ``postback`` of an answer stands: after the event id, and perhaps a status or type."""
_MOST_REASON: Final = 200
_MOST_WORDS: Final = 1000

_PUSHES: Final[dict[str, type[msgspec.Struct]]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(wire.Push)
}
_ANSWERS: Final[dict[str, type[msgspec.Struct]]] = {
    **{kind.__name__: kind for kind in get_args(wire.AnyAnswer)},
    "CustomerReconnected": wire.ConsumerReconnected,
}

_NOTHING: Final = msgspec.Raw(b"null")
_EVENT_ID: Final = re.compile(
    r'\s*\{\s*(?:"(?:eventType|status)"\s*:\s*"[^"\\]*"\s*,\s*)*"eventId"\s*:\s*"([^"\\]{1,128})"'
)


class _Envelope(msgspec.Struct, frozen=True, rename="camel"):
    """A frame whose parts are not looked into."""

    event_id: object = None
    event_type: object = None
    data: msgspec.Raw = _NOTHING
    postback: msgspec.Raw = _NOTHING
    context: object = None
    error: object = None
    input_data: object = None
    message: object = None
    connection_id: object = None
    request_id: object = None
    authorization_status: object = None


_ENVELOPE: Final = msgspec.json.Decoder(_Envelope)


def decode_frame(text: str, limit: int, max_source: int) -> wire.Received:
    """Read one text frame.

    ``limit`` is the largest frame in bytes of UTF-8, ``max_source`` how much of a source is kept, in characters.
    """
    if len(text) * 4 > limit and _size(text) > limit:
        source = mend(text[:max_source])
        return wire.Undecodable(
            reason=f"larger than {limit} bytes", source=source, event_id=_find_id(text), oversize=True
        )
    try:
        if '"postback"' in text[:_HEAD]:
            answer = _decode_postback(text)
            if answer.error is None and answer.event_type in {"", type(answer.postback).__name__}:
                return answer
        else:
            push = _decode_push(text)
            if push.error is None:
                return push
    except REFUSED:
        pass
    return _leniently(text, limit, max_source)


def decode_answer_body(body: bytes, *, limit: int, max_source: int) -> wire.Received:
    """Read the document behind an EventInS3: the same shapes as a frame, but for another EventInS3 (2.11)."""
    received = decode_frame(body.decode("utf-8-sig", "replace"), limit, max_source)
    if isinstance(received, wire.EventInS3):
        # no source: it holds a signed URL
        return wire.Undecodable(reason="a large event that refers to another", source="", event_id=received.event_id)
    return received


def decode_message(body: bytes, *, limit: int, max_source: int) -> wire.WireMessage | wire.Undecodable:
    """Read the whole of a message that came cut (2.10): a message as it would have stood in its event."""
    source = body.decode("utf-8-sig", "replace")
    if len(body) > limit:
        return wire.Undecodable(reason=f"larger than {limit} bytes", source=mend(source[:max_source]), oversize=True)
    try:
        return read(wire.WireMessage, load(body), [])
    except Misfit as misfit:
        reason = str(misfit)
    return wire.Undecodable(reason=reason[:_MOST_REASON], source=mend(source[:max_source]))


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _leniently(text: str, limit: int, max_source: int) -> wire.Received:
    event_id = _find_id(text)
    try:
        envelope = _ENVELOPE.decode(text)
        event_id = text_of(envelope.event_id)
        return _by_shape(envelope, event_id, text[:max_source], max_source)
    except Misfit as misfit:
        reason = str(misfit)
    except RecursionError:
        reason = "nested too deep"
    except REFUSED as refused:
        if text.strip() == '"pong"':
            return wire.Pong()
        mended = mend(text)
        if mended != text:
            return decode_frame(mended, limit, max_source)
        reason = str(refused)
    return wire.Undecodable(reason=reason[:_MOST_REASON], source=text[:max_source], event_id=event_id)


def _by_shape(envelope: _Envelope, event_id: str, source: str, max_source: int) -> wire.Received:
    if envelope.error is not None:
        return _operation_error(envelope, event_id)
    postback = object_of(_ANYTHING.decode(envelope.postback))
    kind = text_of(envelope.event_type) or text_of(postback.get("eventType"))
    if kind in _PUSHES and (kind not in _ANSWERS or envelope.data != _NOTHING):
        data = _ANYTHING.decode(envelope.data)
        return _push(kind, {"eventId": event_id, "data": data, "context": envelope.context}, max_source)
    if kind in _ANSWERS:
        data = postback["data"] if "data" in postback else _ANYTHING.decode(envelope.data)
        return _answer(kind, event_id, data, max_source)
    if kind or envelope.postback != _NOTHING or envelope.data != _NOTHING:
        return wire.Unknown(kind=kind[:_MOST_REASON], source=source, event_id=event_id)
    return _plain(envelope, event_id, source)


def _plain(envelope: _Envelope, event_id: str, source: str) -> wire.Received:
    status = text_of(envelope.authorization_status)
    if event_id or status:
        return wire.Ack(event_id=event_id, authorization_status=status)
    match envelope:
        case _Envelope(message=str(message), connection_id=str(connection), request_id=str(request)) if message:
            return wire.GatewayError(
                message=message[:_MOST_WORDS], connection_id=connection[:_MOST_WORDS], request_id=request[:_MOST_WORDS]
            )
        case _:
            return wire.Unknown(kind="", source=source)


def _push(kind: str, frame: dict[str, object], max_source: int) -> wire.Received:
    left_out: list[LeftOut] = []
    push = cast("wire.Push", read(_PUSHES[kind], frame, left_out))
    return _without(push, left_out, max_source)


def _answer(kind: str, event_id: str, data: object, max_source: int) -> wire.Received:
    left_out: list[LeftOut] = []
    body = cast("wire.AnyAnswer", read(_ANSWERS[kind], {"data": data}, left_out))
    return _without(wire.Postback(event_id=event_id, postback=body), left_out, max_source)


def _without(received: wire.Push | wire.Postback, left_out: list[LeftOut], max_source: int) -> wire.Received:
    if not left_out:
        return received
    parts = tuple(
        wire.Undecodable(
            reason=reason[:_MOST_REASON],
            source=msgspec.json.encode(part).decode()[:max_source],
            event_id=received.event_id,
        )
        for reason, part in left_out
    )
    return wire.Partial(received=received, left_out=parts)


def _operation_error(envelope: _Envelope, event_id: str) -> wire.OperationError:
    error = envelope.error
    return wire.OperationError(
        event_id=event_id,
        code=text_of(part(error, "errorCode"))[:_MOST_WORDS],
        text=(text_of(part(error, "errorMessage")) or text_of(error))[:_MOST_WORDS],
        transaction=text_of(part(error, "transactionId"))[:_MOST_WORDS],
        thread=text_of(part(envelope.input_data, "thread", "idOnExternalPlatform"))[:_MOST_WORDS],
    )


def _find_id(text: str) -> str:
    found = _EVENT_ID.match(text)
    return found[1] if found else ""
