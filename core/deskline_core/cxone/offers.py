"""What the far side offers by itself, and what the app says became of it (CXone wire reference, section 4.6)."""

from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from ..errors import RefusalCode
from ..events import OfferReceived
from ..inputs import ReportOffer
from ..lifecycle import ThreadState
from ..model import Offer, OfferKind, OfferOutcome
from ..pieces import entries, load, part, text_of
from . import wire

if TYPE_CHECKING:
    from .session import CXoneChat
    from .thread import Thread

__all__ = ["Offers", "read_offer"]

_Fields = tuple[tuple[str, str], ...]
_KINDS: Final = {
    "PopupBox": OfferKind.POPUP,
    "CustomPopupBox": OfferKind.CUSTOM_POPUP,
    "WelcomeMessage": OfferKind.WELCOME,
    "PushNotification": OfferKind.PUSH,
    "GuideTemplate": OfferKind.GUIDE,
}
_EVENTS: Final = {
    OfferOutcome.SHOWN: "ProactiveActionDisplayed",
    OfferOutcome.CLICKED: "ProactiveActionClicked",
    OfferOutcome.SUCCEEDED: "ProactiveActionSuccess",
    OfferOutcome.FAILED: "ProactiveActionFailed",
}


def read_offer(action: wire.OfferAction) -> Offer:
    """Return an offer as the app sees it. What is missing is empty; ``source`` has all of it.

    The button stands under one key or the other (section 8, row 31).
    """
    data = load(action.data)
    content = part(data, "content")
    called = (part(data, key, "text") for key in ("callToAction", "call2action"))
    variables = part(content, "variables")
    return Offer(
        id=action.action_id,
        name=action.action_name or "",
        kind=_KINDS.get(action.action_type or "", OfferKind.OTHER),
        text=text_of(part(content, "bodyText")) or text_of(part(content, "body")),
        headline=text_of(part(content, "headlineText")),
        second_line=text_of(part(content, "headlineSecondaryText")),
        image=text_of(part(content, "image")),
        button=next((text for text in map(text_of, called) if text), ""),
        fields=_handover(data),
        variables="" if variables is None else msgspec.json.encode(variables).decode(),
        source=msgspec.json.encode(action).decode(),
    )


def _handover(data: object) -> _Fields:
    fields = entries(part(data, "handover", "customFields"))
    pairs = ((text_of(part(field, "ident")), text_of(part(field, "value"))) for field in fields)
    return tuple((ident, value) for ident, value in pairs if ident)


class Offers:
    """The offers that the app may report about: the newest, as many as the policy's ``offers``.

    The fields of an offer go with the conversation when the customer clicks it: the newest one that has not ended, else
    the next one. No source tells when or where; until then nobody has taken anything up.
    """

    __slots__ = ("_chat", "_for_next", "_known")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._known: dict[str, tuple[str, str, _Fields]] = {}  # name, type and fields: as little as will do
        self._for_next: _Fields = ()

    def received(self, push: wire.FireProactiveAction) -> None:
        """The far side offers something; a welcome text goes to the threads, too."""
        action = push.data.proactive_action.action
        offer = read_offer(action)
        offer = replace(offer, fields=self._chat.fields.fitting(offer.fields))
        self._known.pop(offer.id, None)
        self._known[offer.id] = (offer.name, action.action_type or "", offer.fields)
        if len(self._known) > self._chat.session.policy.offers:
            del self._known[next(iter(self._known))]
        self._chat.session.notify(OfferReceived(offer=offer))
        if offer.kind is OfferKind.WELCOME:
            self._chat.welcome.received(offer)

    def report(self, input: ReportOffer) -> None:
        """Tell the far side's analytics what became of an offer."""
        if input.offer not in self._known:
            self._chat.session.refuse(
                input.request, RefusalCode.INVALID_VALUE, f"there is no offer {input.offer!r}",
                f"the newest {self._chat.session.policy.offers} are known, until the customer signs out",
            )  # fmt: skip
            return
        name, type, fields = self._known[input.offer]
        if input.outcome is OfferOutcome.CLICKED:
            self._take_up(fields)
        data = {"actionId": input.offer, "actionName": name, "actionType": type}
        self._chat.visits.report(_EVENTS[input.outcome], data, input.request)

    def _take_up(self, fields: _Fields) -> None:
        thread = self._chat.desk.current
        if thread is None or thread.state is ThreadState.ENDED:
            self._for_next = fields
        else:
            self._chat.fields.hand_over(thread, fields)
            self._chat.fields.flush_thread(thread, again=False)

    def thread_begun(self, thread: "Thread") -> None:
        """A conversation begins: it takes along what the customer has clicked before."""
        fields, self._for_next = self._for_next, ()
        self._chat.fields.hand_over(thread, fields)

    def forget(self) -> None:
        """Signed out: the offers were made to someone else."""
        self._known.clear()
        self._for_next = ()
