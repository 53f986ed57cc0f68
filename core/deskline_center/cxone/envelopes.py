"""The shapes of all frames the center sends (CXone wire reference, sections 3.6 and 4.1)."""

from typing import Any

from ..news import Initiator
from . import dates

__all__ = ["Wire", "ack", "by_url", "failure", "frame_name", "gateway_error", "postback", "push"]

Wire = dict[str, Any]


def ack(event_id: str) -> Wire:
    """Return the bare acknowledgement: it has no other key, so that every client takes it as one."""
    return {"eventId": event_id}


def postback(event_id: str, event_type: str, data: Wire | None = None, top: Wire | None = None) -> Wire:
    """Return a named answer. ``top`` stands beside it at the top level; there is never a top-level ``data``."""
    inner: Wire = {"eventType": event_type}
    if data is not None:
        inner["data"] = data
    return {"eventId": event_id, **(top or {}), "postback": inner}


def failure(event_id: str, code: str, message: str, transaction: str, input_data: Wire | None = None) -> Wire:
    """Return an operation error with all three error fields, and what it is about if that is known."""
    error = {"errorCode": code, "errorMessage": message, "transactionId": transaction}
    about = {} if input_data is None else {"inputData": input_data}
    return {"eventId": event_id, "error": error, **about}


def gateway_error(connection: str, request: str) -> Wire:
    """Return what the gateway says to a frame it cannot route; there is no ``eventId`` to repeat."""
    return {"message": "Internal server error", "connectionId": connection, "requestId": request}


def push(
    event_id: str, event_type: str, event_object: str, data: Wire, at: float, initiator: Initiator | None = None
) -> Wire:
    """Return a push: an ``eventId`` of the center's own, dates in UTC."""
    context: Any = [] if initiator is None else {"initiator": {"type": initiator.kind, "id": initiator.id}}
    return {
        "eventId": event_id,
        "eventObject": event_object,
        "eventType": event_type,
        "createdAt": dates.seconds(at),
        "createdAtWithMilliseconds": dates.milliseconds(at),
        "data": data,
        "context": context,
    }


def by_url(frame: Wire, url: str, at: float) -> Wire:
    """Return the notice that ``frame`` lies under ``url``. It carries the frame's own ``eventId``."""
    origin = {"eventType": frame_name(frame)}
    if "eventObject" in frame:
        origin["eventObject"] = frame["eventObject"]
    return {
        "eventId": frame["eventId"],
        "eventObject": "S3Object",
        "eventType": "EventInS3",
        "createdAt": dates.zulu(at),
        "createdAtWithMilliseconds": dates.zulu(at),
        "data": {"s3Object": {"url": url}, "originEvent": origin},
    }


def frame_name(frame: Wire) -> str:
    """Return the effective type of a frame: ``ack`` and ``error`` for those without one."""
    if "error" in frame:
        return "error"
    if "postback" in frame:
        return str(frame["postback"]["eventType"])
    return str(frame.get("eventType", "ack"))
