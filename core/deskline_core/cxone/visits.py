"""Visits: what the visitor does, told to the far side's analytics (wire reference, section 2.5; flow 3.3).

All of it needs a prepared chat only (S43, S44), goes by REST whatever the socket does, and never disturbs the chat:
what fails is told to the caller, and to nobody else. An event that did not arrive is not sent again by itself.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from ..calls import Call
from ..checks import check_text
from ..errors import RefusalCode
from ..inputs import (
    AppRequest,
    LeavePage,
    ReportConversion,
    ReportVisitorEvent,
    ReportWindowOpened,
    ResponseReceived,
    ViewPage,
)
from ..pieces import REFUSED
from . import encode, keeping, rest
from .rules import STANDING

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Visits"]

_ANNOUNCEMENT: Final = "VisitorVisit"
_CUSTOM: Final = "Custom"
_Data = Mapping[str, object]


class _Visit(msgspec.Struct):
    """A visit slides: each event extends it. It counts as announced only after the far side took it (trap P21)."""

    id: str
    expires_at: float
    announced: bool = False


class _Page(msgspec.Struct, frozen=True):
    """The page that the customer looks at, and since when; in memory only."""

    title: str
    url: str
    since: float


class Visits:
    """The current visit, and the page that is open."""

    __slots__ = ("_announcing", "_chat", "_page", "_visit")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._visit: _Visit | None = None
        self._announcing: _Visit | None = None
        self._page: _Page | None = None
        kept = chat.session.kept.get(keeping.VISIT)
        if kept is not None:
            try:
                self._visit = msgspec.json.decode(kept, type=_Visit)
            except REFUSED:
                self._visit = None

    # --- requests ---

    def view(self, input: ViewPage) -> None:
        """The customer looks at a page: the one before is left, if title or URL differ (trap P21); else nothing."""
        if not self._is_sound(input, input.title, input.url):
            return
        page, session = self._page, self._chat.session
        if page is not None and (page.title, page.url) == (input.title, input.url):
            session.requests.answer(input.request)
            return
        self._leave(None)
        self._page = _Page(input.title, input.url, session.now)
        self.report("PageView", {"title": input.title, "url": input.url}, input.request)

    def leave(self, input: LeavePage) -> None:
        """The customer no longer looks at the page; none open is none to report."""
        if self._page is None:
            self._chat.session.requests.answer(input.request)
        else:
            self._leave(input.request)

    def window_opened(self, input: ReportWindowOpened) -> None:
        """The chat is before the customer's eyes."""
        self.report("ChatWindowOpened", {}, input.request)

    def converted(self, input: ReportConversion) -> None:
        """The visit led to something; a whole value travels as a whole number (section 8, row 48)."""
        session, value = self._chat.session, float(input.value)  # a whole number is taken, too
        if not input.name.strip():
            session.refuse(input.request, RefusalCode.INVALID_VALUE, "a conversion needs a name")
        elif not math.isfinite(value):
            session.refuse(input.request, RefusalCode.INVALID_VALUE, "the value of a conversion is no number")
        elif self._is_sound(input, input.name):
            number = int(value) if value.is_integer() else value
            data = {
                "conversionType": input.name,
                "conversionValue": number,
                "conversionTimeWithMilliseconds": rest.visitor_date(session.now),
            }
            self.report("Conversion", data, input.request)

    def custom(self, input: ReportVisitorEvent) -> None:
        """An event of the app's own: by REST, or by policy over the socket while there is one.

        Both are of the type ``Custom``: that the one vendor client which uses the socket labels it otherwise looks
        like a mistake (section 3.5.21).
        """
        if not self._is_sound(input, *(text for pair in input.data for text in pair)):
            return
        chat, data = self._chat, dict(input.data)
        if chat.session.policy.custom_events == "rest" or not chat.connection.is_connected:
            self.report(_CUSTOM, data, input.request)
        elif chat.line.is_congested:
            chat.session.refuse(input.request, RefusalCode.LIMIT_REACHED, "too many requests at once", "wait a little")
        else:
            self._touch()
            event = rest.visitor_event(chat.session.ids.uuid(), _CUSTOM, chat.session.now, data)
            exchange = chat.line.begin("StoreVisitorEvents", requests=(input.request,))
            chat.line.post(exchange, encode.store_visitor_event(chat.sender, exchange.event_id, event))

    def _is_sound(self, input: AppRequest, *texts: str) -> bool:
        session = self._chat.session
        for text in texts:
            if reason := check_text(text, session.policy.max_text):
                session.refuse(input.request, RefusalCode.INVALID_VALUE, f"a text of the event is {reason}")
                return False
        return True

    # --- events ---

    def report(self, type: str, data: _Data, request: int | None) -> None:
        """Report one event; answered when the far side took it. The visit is announced first, and waits for nobody."""
        self._post(type, data, self._touch(), request)

    def leave_page(self) -> None:
        """The app goes out of sight, or detaches: the page is left, where events may be reported."""
        rule = STANDING.find("LeavePage", self._chat.connection.state)
        if rule is not None and rule.refuse is None:
            self._leave(None)
        self._page = None

    def _leave(self, request: int | None) -> None:
        page, self._page = self._page, None
        if page is not None:
            seconds = max(1, int(self._chat.session.now - page.since))  # whole seconds, and never none
            data = {"title": page.title, "url": page.url, "timeSpentOnPage": seconds}
            self.report("TimeSpentOnPage", data, request)

    def _touch(self) -> _Visit:
        """Return the visit, which each event extends; a new one is announced, and one that could not be, again.

        One that was kept and would end later than any visit is none.
        """
        session, visit = self._chat.session, self._visit
        if visit is None or not session.now < visit.expires_at <= session.now + session.policy.visit:
            visit = self._visit = _Visit(session.ids.uuid(), 0.0)
        visit.expires_at = session.now + session.policy.visit
        self._keep(visit)
        if not visit.announced and self._announcing is not visit:
            self._announcing = visit
            self._post(_ANNOUNCEMENT, {}, visit, None)
        return visit

    def _keep(self, visit: _Visit) -> None:
        text = msgspec.json.encode(visit).decode()
        if self._chat.session.kept.get(keeping.VISIT) != text:
            self._chat.keeping.save(keeping.VISIT, text)

    def _post(self, type: str, data: _Data, visit: _Visit, request: int | None) -> None:
        chat = self._chat
        event = rest.visitor_event(chat.session.ids.uuid(), type, chat.session.now, data)
        body = rest.visitor_event_body(event, visit.id, chat.identity.destination)

        def done(response: ResponseReceived) -> None:
            if not response.is_success:
                settled(RefusalCode.REFUSED_BY_CENTER, f"it was answered {response.status}")
                return
            if type == _ANNOUNCEMENT:
                self._announced(visit, taken=True)
            chat.session.requests.answer(request)

        def settled(code: RefusalCode, cause: str) -> None:
            if type == _ANNOUNCEMENT:
                self._announced(visit, taken=False)
            chat.session.refuse(request, code, f"the visitor event was not taken: {cause}")

        policy = chat.session.policy
        chat.calls.begin(
            Call(
                "POST", chat.site.visitor_events_url(chat.identity.visitor), headers=chat.site.rest_headers(),
                body=body, done=done, failed=lambda cause: settled(RefusalCode.CONNECTION_LOST, cause),
                timeout=policy.rest_timeout, limit=policy.max_body, outlives=True,
            )
        )  # fmt: skip

    def _announced(self, visit: _Visit, *, taken: bool) -> None:
        """The far side knows the visit, or does not; it may be over by now, or signed out."""
        if self._announcing is visit:
            self._announcing = None
        if taken and visit is self._visit:
            visit.announced = True
            self._keep(visit)

    def forget(self) -> None:
        """Signed out."""
        self._visit = self._announcing = self._page = None
