"""REST: the routes and what they answer (CXone wire reference, section 2)."""

import re
from base64 import b64decode
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ..commands import Abandon, Respond
from ..controls import Delay, Fail, Lose
from ..faults import page
from ..inputs import RequestArrived
from ..kept import Kept
from ..model import Channel
from ..parse import obj, parse_object, word
from ..replies import HARMLESS, Reply, cors, json_reply
from . import messages, on_visitors, token_endpoint
from .channel import CXoneChannel
from .configuration import channel_configuration, file_restrictions
from .replies import failed

if TYPE_CHECKING:
    from .wire import CXone

__all__ = ["Rest"]

Headers = tuple[tuple[str, str], ...]
_MOST_FILES: Final = 10_000
_MOST_BYTES: Final = 256 * 1024 * 1024
"""Ten files of the size that a channel allows by default; the oldest go first."""


class Rest:
    """Serves the REST side. Every answer may be read by a page of any origin, since vendors' browser clients are."""

    def __init__(self, wire: "CXone") -> None:
        self.wire = wire
        self._files: Kept[tuple[str, bytes]] = Kept(most=_MOST_FILES, most_size=_MOST_BYTES)

    def serve(self, request: RequestArrived) -> None:
        """Answer one request, faults included."""
        if request.method == "OPTIONS":
            self._respond(request, Reply(status=204))
            return
        found = _route(request)
        if found is None:
            self._respond(request, failed(404, "NotFound", "There is nothing here"))
            return
        name, serve, parts = found
        if request.is_too_large:
            self._respond(request, self._too_large(name, parts))
            return
        match self.wire.faults.take(name):
            case Fail() as fault:
                self._respond(request, page(fault) or _refusal(name, fault))
            case Lose(done=done):
                if done:
                    serve(self, request, parts)
                    self.wire.streams.forget(request.id)
                self.wire.emit(Abandon(id=request.id))
            case Delay(seconds=seconds):
                reply = serve(self, request, parts)
                self.wire.floor.later(seconds, lambda: self._respond(request, reply))
            case _:
                self._respond(request, serve(self, request, parts))

    def _respond(self, request: RequestArrived, reply: Reply) -> None:
        headers = (*reply.headers, *cors(dict(request.headers)))
        self.wire.emit(Respond(id=request.id, status=reply.status, headers=headers, body=reply.body, more=reply.more))

    def _too_large(self, name: str, parts: dict[str, str]) -> Reply:
        """Refuse a body that nobody has kept: an attachment as any that is too large."""
        channel = self.wire.channel(parts["brand"], parts["channel"]) if name == "rest:attachment" else None
        if channel is None:
            return failed(413, "TooLarge", "The body is too large")
        return json_reply(file_restrictions(channel))

    def configuration(self, _request: RequestArrived, parts: dict[str, str]) -> Reply:
        """The channel configuration."""
        channel = self.wire.channel(parts["brand"], parts["channel"])
        if channel is None:
            return failed(404, "NotFound", "There is no such channel")
        return json_reply(channel_configuration(channel, online=self.wire.floor.online[channel.id]))

    def availability(self, _request: RequestArrived, parts: dict[str, str]) -> Reply:
        """Whether anyone is there."""
        channel = self.wire.channel(parts["brand"], parts["channel"])
        if channel is None:
            return failed(404, "NotFound", "There is no such channel")
        return json_reply({"status": "online" if self.wire.floor.online[channel.id] else "offline"})

    def menu(self, _request: RequestArrived, parts: dict[str, str]) -> Reply:
        """The persistent menu: an array."""
        channel = self.wire.channel(parts["brand"], parts["channel"])
        if channel is None:
            return failed(404, "NotFound", "There is no such channel")
        return json_reply([msgspec.to_builtins(item) for item in channel.menu])

    def visitor(self, request: RequestArrived, parts: dict[str, str]) -> Reply:
        """A visitor is created or updated; the answer has no body."""
        if parse_object(request.body) is None:
            return failed(400, "BadRequest", "The body is no JSON object")
        self.wire.visitors.note(parts["visitor"], "visitor")
        return Reply(status=200)

    def visitor_events(self, request: RequestArrived, parts: dict[str, str]) -> Reply:
        """A visitor did something, which may fire a proactive action."""
        event = parse_object(request.body)
        if event is None:
            return failed(400, "BadRequest", "The body is no JSON object")
        kind, visitor = word(event, "type"), parts["visitor"]
        self.wire.visitors.note(visitor, kind, event)
        sockets = [socket for socket in self.wire.gate.sockets.values() if socket.visitor == visitor]
        on_visitors.fire_triggers(self.wire, sockets, kind, word(obj(event, "destination"), "id"))
        return Reply(status=200)

    def token(self, request: RequestArrived, _parts: dict[str, str]) -> Reply:
        """The token endpoint."""
        return token_endpoint.serve(self.wire, request)

    def upload(self, request: RequestArrived, parts: dict[str, str]) -> Reply:
        """An attachment is stored, or refused with status 200 and the restrictions (reference, section 11, 12)."""
        channel = self.wire.channel(parts["brand"], parts["channel"])
        if channel is None:
            return failed(404, "NotFound", "There is no such channel")
        body = parse_object(request.body)
        content = None if body is None else _decoded(body.get("content"))
        if body is None or content is None:
            return failed(400, "BadRequest", "The body holds no base64 content")
        kind = word(body, "mimeType")
        allowed = any(_fits(kind, wanted.mime_type) for wanted in channel.allowed_file_types)
        if not channel.attachments or not allowed or len(content) > channel.allowed_file_size * 1024 * 1024:
            return json_reply(file_restrictions(channel))
        return json_reply({"fileUrl": self._keep(channel.brand, word(body, "fileName"), kind, content)})

    def keep_file(self, channel: Channel, source: dict[str, Any]) -> str | None:
        """Keep what an agent sends, given as base64 under ``content``; return its URL, None if it is no base64."""
        content = _decoded(source["content"])
        if content is None or not isinstance(channel, CXoneChannel):
            return None
        name = word(source, "friendlyName") or word(source, "fileName")
        return self._keep(channel.brand, name, word(source, "mimeType"), content)

    def _keep(self, brand: int, name: str, kind: str, content: bytes) -> str:
        path = f"/chat/files/{brand}/{self.wire.floor.ids.uuid()}/{_file_name(name)}"
        kind = kind if _MIME_TYPE.fullmatch(kind) else "application/octet-stream"
        self._files.put(path, (kind, content), len(content))
        return f"{self.wire.gate.base_url}{path}"

    def file(self, request: RequestArrived, _parts: dict[str, str]) -> Reply:
        """An attachment comes back, to be saved: what is shown must not run as a page of the center's own."""
        found = self._files.get(request.path)
        if found is None:
            return failed(404, "NotFound", "There is no such file")
        kind, content = found
        return Reply(status=200, headers=(("content-type", kind), *HARMLESS), body=content)

    def large_event(self, request: RequestArrived, _parts: dict[str, str]) -> Reply:
        """The body of an event that went by URL: the whole event. No authorization is asked for."""
        body = self.wire.gate.stored(request.path)
        if body is None:
            return failed(403, "AccessDenied", "The URL has expired")
        return Reply(status=200, headers=(("content-type", "application/json"),), body=body)

    def stream(self, request: RequestArrived, _parts: dict[str, str]) -> Reply:
        """What has been said of a message that comes in pieces. No authorization is asked for."""
        return self.wire.streams.serve(request.path, request.id)

    def message(self, request: RequestArrived, parts: dict[str, str]) -> Reply:
        """The whole of a message whose content has more parts, for the bearer of a token that was made for it."""
        found = next(
            (m for t in self.wire.floor.threads.values() for m in t.messages if m.id == parts["message"]), None
        )
        token = dict(request.headers).get("authorization", "").removeprefix("Bearer ")
        channel = found and self.wire.channel(parts["brand"], found.thread.channel.id)
        grant = channel and self.wire.tokens.look_up("message", channel, token)
        if found is None or not grant or not grant.about.endswith(f"/messages/{found.id}"):
            return failed(401, "Unauthorized", "The token is not valid for this message")
        return json_reply(messages.message(found, self.wire.objects) | {"hasAdditionalMessageContent": False})

    def log(self, _request: RequestArrived, _parts: dict[str, str]) -> Reply:
        """The remote log of mobile clients: taken and dropped."""
        return Reply(status=204)


def _refusal(name: str, fault: Fail) -> Reply:
    """Return the usual error body; the token endpoint has one of its own, unless a code is given."""
    status = fault.status or 500
    if name == "rest:token" and not fault.code:
        return json_reply({"error": "invalid_grant"}, status)
    return failed(status, fault.code or "Refused", fault.message)


def _decoded(content: object) -> bytes | None:
    """Return the bytes of base64 text, which may be wrapped into lines, and may be empty as a file may."""
    try:
        return b64decode("".join(content.split()), validate=True) if isinstance(content, str) else None
    except ValueError:
        return None


def _fits(kind: str, wanted: str) -> bool:
    """Tell whether a MIME type is ``wanted``, which may end in ``/*``."""
    return kind == wanted or (wanted.endswith("/*") and kind.startswith(wanted.removesuffix("*")))


def _file_name(name: str) -> str:
    """Return a name that is safe at the end of a URL."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)[-100:] or "file"


_MIME_TYPE = re.compile(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+")
_BRAND = r"(?:/chat)?/1\.0/brand/(?P<brand>\d+)"
_CHANNEL = rf"{_BRAND}/channel/(?P<channel>[^/]+)"
_VISITOR = r"/web-analytics/1\.0/tenants/(?P<brand>\d+)/visitors/(?P<visitor>[^/]+)"
_Serve = Callable[[Rest, RequestArrived, Any], Reply]
_ROUTES: tuple[tuple[str, str, re.Pattern[str], _Serve], ...] = (
    ("rest:channel", "GET", re.compile(rf"{_CHANNEL}/?"), Rest.configuration),
    ("rest:availability", "GET", re.compile(rf"{_CHANNEL}/availability"), Rest.availability),
    ("rest:menu", "GET", re.compile(rf"{_CHANNEL}/persistent-menu-items"), Rest.menu),
    ("rest:attachment", "POST", re.compile(rf"{_CHANNEL}/attachment"), Rest.upload),
    ("rest:message", "GET", re.compile(rf"{_BRAND}/messages/(?P<message>[^/]+)"), Rest.message),
    ("rest:visitor", "PUT", re.compile(_VISITOR), Rest.visitor),
    ("rest:visitor-events", "POST", re.compile(rf"{_VISITOR}/events"), Rest.visitor_events),
    ("rest:token", "POST", re.compile(r"/oauth/token"), Rest.token),
    ("rest:large-event", "GET", re.compile(r"/chat/large-websocket-events/\d+/[^/]+\.json"), Rest.large_event),
    ("rest:stream", "GET", re.compile(r"/chat/streams/\d+/[^/]+"), Rest.stream),
    ("rest:file", "GET", re.compile(r"/chat/files/\d+/[^/]+/[^/]+"), Rest.file),
    ("rest:log", "POST", re.compile(r"/logger-public/?"), Rest.log),
)


def _route(request: RequestArrived) -> tuple[str, _Serve, dict[str, str]] | None:
    for name, method, pattern, serve in _ROUTES:
        found = pattern.fullmatch(request.path)
        if found is not None and method == request.method:
            return name, serve, found.groupdict()
    return None
