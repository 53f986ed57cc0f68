"""What the customer does beside writing: typing, reading, looking at pages, and the signals of a call (section 7)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from ..checks import check_name, check_text
from ..errors import RefusalCode
from ..inputs import AppRequest, MarkRead, PreviewText, SendSignal, StartTyping, StopTyping, ViewPage
from ..model import Message, SignalKind
from ..pieces import load
from . import encode
from .chat_table import OPEN
from .composing import Composing
from .conversation import Conversation
from .receipts import Receipts
from .refusals import Reaction
from .replies import Reply

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Telling"]

_SIGNALS: Final[
    dict[SignalKind, Literal["signaling", "cobrowsing_rejected", "cobrowsing_started", "cobrowsing_ended"]]
] = {
    SignalKind.CALL: "signaling",
    SignalKind.COBROWSING_REJECTED: "cobrowsing_rejected",
    SignalKind.COBROWSING_STARTED: "cobrowsing_started",
    SignalKind.COBROWSING_ENDED: "cobrowsing_ended",
}
"""What the customer's side may signal; a common browsing is for the other side to ask for (7)."""


class Telling:
    """Tells the other side. ``_page`` is where the customer is, ``_told_page`` where the far side knows them to be."""

    __slots__ = ("_chat", "_page", "_posts", "_told_page", "_waiting", "composing", "receipts")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._page: tuple[str, str] | None = None
        self._told_page: tuple[str, str] | None = None
        self._posts = 0
        self._waiting = 0
        self.composing = Composing(chat)
        self.receipts = Receipts(chat)

    def tell(self, conversation: Conversation, input: AppRequest) -> None:
        """Act on what an app asks to be told in an open chat."""
        match input:
            case StartTyping() | StopTyping():
                self.composing.type(input)
            case PreviewText():
                self.composing.preview(input)
            case MarkRead():
                self.receipts.read()
                self._chat.session.requests.answer(input.request)
            case SendSignal() if self._has_room(input):
                self._signal(conversation, input)
            case _:
                pass

    # --- what others say of it ---

    def arrived(self, _conversation: Conversation, message: Message, ref: str) -> None:
        """A message of another party came, which the far side calls ``ref``."""
        self.receipts.arrived(message, ref)

    def loaded(self, conversation: Conversation) -> None:
        """A history was loaded whole."""
        self.receipts.loaded(conversation)

    def sent(self) -> None:
        """A message goes: what was typed is in it."""
        self.composing.sent()

    def idle_elapsed(self) -> None:
        """Nothing was typed for a while."""
        self.composing.stop()

    def preview_due(self) -> None:
        """The next preview may go."""
        self.composing.preview_due()

    def resume(self) -> None:
        """A chat has begun, or goes on: what waited for it is told."""
        self.receipts.resume()
        self._tell_page(None)

    def lost(self) -> None:
        """The connection is gone: what passes is not said later."""
        self.composing.lost()

    def forget(self) -> None:
        """The chat is over; the customer is still on the same page."""
        self._told_page = None
        self.composing.lost()
        self.receipts.forget()

    # --- pages ---

    def forget_page(self) -> None:
        """Another customer, or nobody any more."""
        self._page = None

    def view_page(self, input: ViewPage) -> None:
        """The customer looks at a page: told when it changes, and once in a chat that begins or goes on later."""
        chat, policy = self._chat, self._chat.session.policy
        reason = check_text(input.title, policy.max_text) or check_text(input.url, policy.max_text)
        if reason or not input.url:
            says = f"the page's title or url is {reason}" if reason else "a page needs a url"
            chat.session.refuse(input.request, RefusalCode.INVALID_VALUE, says)
        elif self._has_room(input):
            self._page = (input.title, input.url)
            if not self._tell_page(input.request):
                chat.session.requests.answer(input.request)

    def _tell_page(self, request: int | None) -> bool:
        """Tell of the page, if there is anyone to tell who does not know it; tell whether."""
        chat, page = self._chat, self._page
        is_open = chat.desk.current.leaf in OPEN and chat.connection.is_serving
        if page is None or page == self._told_page or not is_open:
            return False
        self._told_page = page

        def failed() -> None:
            if self._told_page == page:
                self._told_page = None

        self._post(encode.navigation(chat.session.ids.uuid(), *page), request, "the page", failed)
        return True

    # --- signals ---

    def _signal(self, conversation: Conversation, input: SendSignal) -> None:
        session, kind = self._chat.session, _SIGNALS.get(input.kind)
        party = input.party or (conversation.agent.id if conversation.agent is not None else "")
        if kind is None:
            wrong = f"{input.kind} is for the other side to say"
        elif reason := check_text(input.data, session.policy.max_text) or check_name(party):
            wrong = f"the signal's data or party is {reason}"
        elif not isinstance(load(input.data.encode()), dict):
            wrong = "the data of a signal is a JSON object, as text"
        elif kind == "signaling" and not party:
            wrong = "a signal of a call is for someone: no party is named, and no agent is there"
        else:
            item = encode.signal(kind, session.ids.uuid(), party, input.data)
            self._post(item, input.request, "the signal")
            return
        session.refuse(input.request, RefusalCode.INVALID_VALUE, wrong)

    # --- sending ---

    def _has_room(self, input: AppRequest) -> bool:
        """Whether no more waits to be sent than messages may; else the request is refused."""
        chat = self._chat
        if self._waiting < chat.session.policy.outbox:
            return True
        says = "too much waits to be sent"
        chat.session.refuse(input.request, RefusalCode.LIMIT_REACHED, says, "wait a little")
        return False

    def _post(
        self, item: msgspec.Raw, request: int | None, what: str, failed: Callable[[], None] | None = None
    ) -> None:
        """Send it, and settle the request when the far side took it, or did not; it does not wait for a return."""
        chat = self._chat
        conversation = chat.desk.current

        def answered(reply: Reply) -> None:
            self._waiting -= 1
            if reply.reaction is Reaction.SUCCESS:
                chat.session.requests.answer(request)
                return
            if failed is not None:
                failed()
            chat.replies.refuse(request, reply, f"{what} was not taken")
            if reply.is_gone:
                conversation.fire("post_gone")

        self._posts += 1
        self._waiting += 1
        chat.posting.put(item, answered, passing=f"told {self._posts}")
