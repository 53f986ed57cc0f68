"""REST: the routes of both versions, and who may take them (Bright Pattern reference, section 3)."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl

from ..commands import Command
from ..controls import Fail, Lose
from ..faults import page
from ..floor import Floor
from ..inputs import RequestArrived
from ..parse import array, word
from ..replies import Reply
from .asked import Asked
from .chats import Chats
from .files import Files
from .identity import BROWSER, COOKIE, cookie_of, names_tenant, read_claim
from .refusals import refused
from .serving import Serving

__all__ = ["ROUTES", "Rest"]

_MOST_BODY: Final = 256 * 1024
"""More than any message, signal or parameters are; what is kept of it is kept for long."""
_YEAR: Final = 366 * 24 * 3600


class Rest:
    """Serves requests. Every answer may be read by a page of any origin, cookies included (section 23, 20)."""

    def __init__(self, floor: Floor, emit: Callable[[Command], None], chats: Chats, files: Files) -> None:
        self._floor = floor
        self._emit = emit
        self._chats = chats
        self._serving = Serving(floor, chats, files)

    def gone(self, request: str) -> None:
        """Let the poll go that nobody waits for any more."""
        for chat in self._chats.all():
            chat.line.gone(request)

    def serve(self, request: RequestArrived) -> None:
        """Answer one request, faults included."""
        route, parts = _route(request)
        asked = Asked(self._floor, self._emit, request, parts)
        asked.query = dict(parse_qsl(request.query, keep_blank_values=True))
        if request.method == "OPTIONS":
            asked.answer(Reply(status=204))
        elif route is None:
            asked.answer(refused("", status=404, message="there is nothing here"))
        elif request.is_too_large or (route.name != "upload" and len(request.body) > _MOST_BODY):
            asked.answer(refused("5501" if route.name == "upload" else "5003"))
        else:
            self._admit(asked, route)

    def _admit(self, asked: Asked, route: "_Route") -> None:
        """Let a fault strike, find out who asks, and serve."""
        match self._floor.faults.take(*_names(asked, route)):
            case Fail() as fault:
                status = fault.status or (None if fault.code else 500)
                asked.answer(page(fault) or refused(fault.code, status=status, message=fault.message))
                return
            case Lose(done=False):
                asked.cut()
                return
            case fault:
                asked.fault = fault
        if not route.is_open and (code := self._identify(asked)):
            asked.answer(refused(code, asked.channel))
        elif asked.version == 1 and (route.since_v2 or (route.is_case and not asked.channel.v1_is_full)):
            asked.answer(refused("", status=404, message="there is nothing here"))
        else:
            route.serve(self._serving, asked)

    def _identify(self, asked: Asked) -> str:
        """Find out who asks; return the code of what is wrong with it (section 4). The tenant is looked at first."""
        if not (tenant := asked.query.get("tenantUrl", "")):
            return "1000"
        claim = read_claim(asked.headers.get("authorization"))
        if claim.error:
            return claim.error
        channel = self._serving.channel(claim.app)
        if channel is None:
            return "3000"
        asked.channel, asked.client = channel, claim.client
        if not names_tenant(channel, tenant):
            return "1000"
        if channel.quoted_only and not claim.quoted:
            return "2001"
        if claim.client == BROWSER:
            self._know_browser(asked)
        return ""

    def _know_browser(self, asked: Asked) -> None:
        """Take the cookie for the client, and hand one out where there is none (section 23, 19).

        A page of another origin sends only ``SameSite=None``, which browsers take only when ``Secure``.
        """
        asked.client = cookie_of(asked.headers)
        if not asked.client:
            asked.client = self._floor.ids.draw(16).hex()
            where = "SameSite=None; Secure" if "origin" in asked.headers else "SameSite=Lax"
            asked.cookie = f"{COOKIE}={asked.client}; Path=/; Max-Age={_YEAR}; HttpOnly; {where}"


def _names(asked: Asked, route: "_Route") -> tuple[str, ...]:
    """Return the names by which faults match a request: what is sent has one by its first event, too."""
    if route.name != "send":
        return (route.name,)
    first = [word(event, "event") for event in array(asked.body() or {}, "events")[:1]]
    return (route.name, *(f"{route.name}:{name}" for name in first))


class _Route:
    """A method and a path. ``is_open`` ones ask nobody who they are: links and pictures of a page (section 23, 3)."""

    __slots__ = ("is_case", "is_open", "method", "name", "pattern", "serve", "since_v2")

    def __init__(
        self,
        name: str,
        method: str,
        path: str,
        serve: Callable[[Serving, Asked], None],
        *,
        is_open: bool = False,
        since_v2: bool = False,
        is_case: bool = False,
    ) -> None:
        self.name = name
        self.method = method
        self.pattern = re.compile(path)
        self.serve = serve
        self.is_open = is_open
        self.since_v2 = since_v2
        self.is_case = is_case


_API = "/clientweb/api/(?P<version>v1|v2)"
_CHAT = f"{_API}/chats/(?P<chat>[^/]+)"
ROUTES: Final = (
    _Route("availability", "GET", f"{_API}/availability", Serving.availability),
    _Route("parameters", "GET", f"{_API}/parameters", Serving.parameters),
    _Route("request-chat", "POST", f"{_API}/chats", Serving.request_chat),
    _Route("active-chat", "GET", f"{_API}/chats/active", Serving.active_chat),
    _Route("poll", "GET", f"{_CHAT}/events", Serving.poll),
    _Route("send", "POST", f"{_CHAT}/events", Serving.send),
    _Route("history", "GET", f"{_CHAT}/history", Serving.history),
    _Route("case-history", "GET", f"{_CHAT}/casehistory", Serving.case_history, is_case=True),
    _Route("case-history", "GET", f"{_API}/casehistory", Serving.case_history, is_case=True),
    _Route("close-case", "POST", f"{_CHAT}/closecase", Serving.close_case, is_case=True),
    _Route("close-case", "POST", f"{_API}/closecase", Serving.close_case, is_case=True),
    _Route("upload", "POST", f"{_API}/files", Serving.upload),
    _Route("file", "GET", f"{_CHAT}/files/(?P<file>[^/]+)", Serving.file, is_open=True),
    _Route("file", "GET", "/clientweb/file/(?P<file>[^/]+)", Serving.file, is_open=True),
    _Route("photo", "GET", f"{_CHAT}/profilephotos/(?P<party>[^/]+)", Serving.photo, is_open=True),
    _Route("icon", "GET", f"{_CHAT}/chaticon", Serving.icon, is_open=True),
    _Route("notifications", "POST", f"{_CHAT}/notifications", Serving.notifications, since_v2=True),
    _Route("version", "GET", f"{_API}/version", Serving.version, since_v2=True),
    _Route("ice-servers", "GET", f"{_API}/iceservers", Serving.ice_servers),
    _Route("configuration", "GET", f"{_API}/configuration", Serving.configuration),
)


def _route(request: RequestArrived) -> tuple[_Route | None, dict[str, str]]:
    """Find the route; slashes may stand twice (section 23, 2)."""
    path = re.sub("/{2,}", "/", request.path)
    for route in ROUTES:
        found = route.pattern.fullmatch(path)
        if found is not None and request.method == route.method:
            return route, found.groupdict()
    return None, {}
