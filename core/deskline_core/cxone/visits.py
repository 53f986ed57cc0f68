"""Visits: what the visitor does, told to the far side's analytics over REST (wire reference, section 2.5)."""

from typing import TYPE_CHECKING

import msgspec

from ..errors import RefusalCode
from ..inputs import ReportVisitorEvent, ResponseReceived
from . import encode, keeping, rest
from .calls import Call

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Visits"]

_TYPES = (
    "PageView", "TimeSpentOnPage", "ChatWindowOpened", "Conversion", "ProactiveActionDisplayed",
    "ProactiveActionClicked", "ProactiveActionSuccess", "ProactiveActionFailed", "Custom",
)  # fmt: skip


class _Visit(msgspec.Struct):
    """A visit slides: each event extends it. It counts as announced only after the far side took it (trap P21)."""

    id: str
    expires_at: float
    announced: bool = False


class Visits:
    """The current visit."""

    __slots__ = ("_chat", "_visit")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._visit: _Visit | None = None
        kept = chat.session.kept.get(keeping.VISIT)
        if kept is not None:
            try:
                self._visit = msgspec.json.decode(kept, type=_Visit)
            except (msgspec.MsgspecError, UnicodeError):
                self._visit = None

    def report(self, input: ReportVisitorEvent) -> None:
        """Report one event; answered when the far side took it."""
        session = self._chat.session
        if input.type not in _TYPES:
            session.refuse(
                input.request, RefusalCode.INVALID_VALUE, f"there is no visitor event {input.type!r}", ", ".join(_TYPES)
            )
            return
        for part in (text for pair in input.data for text in pair):
            if reason := encode.check_text(part, session.policy.max_text):
                session.refuse(input.request, RefusalCode.INVALID_VALUE, f"the event's data is {reason}")
                return
        visit = self._extend()
        if not visit.announced:
            self._post("VisitorVisit", (), visit, None)
        self._post(input.type, input.data, visit, input.request)

    def _extend(self) -> _Visit:
        session, visit = self._chat.session, self._visit
        if visit is None or session.now >= visit.expires_at:
            visit = self._visit = _Visit(session.ids.uuid(), 0.0)
        visit.expires_at = session.now + session.policy.visit
        self._keep(visit)
        return visit

    def _keep(self, visit: _Visit) -> None:
        self._chat.keeping.save(keeping.VISIT, msgspec.json.encode(visit).decode())

    def _post(self, type: str, data: tuple[tuple[str, str], ...], visit: _Visit, request: int | None) -> None:
        chat = self._chat
        body = rest.visitor_event_body(
            chat.session.ids.uuid(), type, visit.id, chat.identity.destination,
            chat.session.now, data,
        )  # fmt: skip

        def done(response: ResponseReceived) -> None:
            if not response.is_success:
                failed(f"it was answered {response.status}")
                return
            if type == "VisitorVisit" and visit is self._visit:  # not one that is over, or signed out since
                visit.announced = True
                self._keep(visit)
            chat.session.requests.answer(request)

        def failed(cause: str) -> None:
            chat.session.refuse(request, RefusalCode.REFUSED_BY_CENTER, f"the visitor event was not taken: {cause}")

        policy = chat.session.policy
        chat.calls.begin(
            Call(
                "POST", chat.site.visitor_events_url(chat.identity.visitor), headers=chat.site.rest_headers(),
                body=body, done=done, failed=failed, timeout=policy.rest_timeout, limit=policy.max_body, outlives=True,
            )
        )  # fmt: skip

    def forget(self) -> None:
        """Signed out."""
        self._visit = None
