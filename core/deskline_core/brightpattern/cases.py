"""The case that the far side keeps about a chat: what was said before under it, closing it (flow F5; B29, B59)."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from ..calls import Call
from ..errors import RefusalCode
from ..events import CaseChanged, HistoryLoaded, UndecodableReceived
from ..inputs import CloseCase, LoadMore
from ..model import Message
from ..times import moment
from ..waiters import Waiters
from . import wire
from .conversation import Conversation
from .decode import read_case_history
from .older import Older
from .refusals import Reaction
from .replies import Reply

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Cases"]


class Cases:
    """Asks about the case of a chat. Whoever wants older messages while they are on their way gets the same answer."""

    __slots__ = ("_call", "_chat", "_conversation", "_waiting")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._waiting = Waiters(chat.session)
        self._call: Call | None = None
        self._conversation: Conversation | None = None

    def note(self, conversation: Conversation, case_id: str) -> None:
        """A case is kept about the chat, or no longer; its earlier sessions are older messages (B29)."""
        if case_id != conversation.case:
            conversation.case = case_id
            conversation.has_older = bool(case_id)
            self._chat.session.notify(CaseChanged(thread=conversation.chat_id, case=case_id))

    def ask(self, conversation: Conversation, input: LoadMore | CloseCase) -> None:
        """Ask about the case (B59)."""
        if isinstance(input, CloseCase):
            self._close(conversation, input)
        elif not conversation.has_older:
            self._chat.session.requests.answer(input.request, 0)
        else:
            self._leave_another(conversation)
            self._waiting.add(input.request)
            if self._call is None:
                case = conversation.case
                read = partial(self._read, conversation, case)
                self._call = self._ask("GET", "casehistory", conversation, read)

    def _leave_another(self, conversation: Conversation) -> None:
        """What was asked of an earlier conversation's case tells nothing of this one's."""
        if self._call is not None and self._conversation is not conversation:
            self._chat.calls.cancel(self._call)
            self._call = None
            self._waiting.refuse(RefusalCode.THREAD_ENDED, "the conversation is over, and its case with it")
        self._conversation = conversation

    def _ask(self, method: str, what: str, conversation: Conversation, then: Callable[[Reply], None]) -> Call:
        """Ask by the chat's id, as all clients do; where that is not found, once more as the reference does (18, 3)."""
        chat, policy = self._chat, self._chat.session.policy
        retries = policy.rest_attempts - 1 if method == "GET" else 0

        def ask(url: str, then: Callable[[Reply], None]) -> Call:
            return chat.replies.ask(method, url, then, timeout=policy.download_timeout, retries=retries, outlives=True)

        def answered(reply: Reply) -> None:
            if reply.reaction is Reaction.GONE and not reply.is_gone:
                again = ask(chat.site.api_url(what), settled)
                if self._call is call:
                    self._call = again
            else:
                settled(reply)

        def settled(reply: Reply) -> None:
            then(reply)
            if reply.is_gone:
                conversation.fire("post_gone")

        call = ask(chat.site.chat_url(conversation.chat_id, what), answered)
        return call

    # --- older messages ---

    def _read(self, conversation: Conversation, case: str, reply: Reply) -> None:
        self._call = self._conversation = None
        policy = self._chat.session.policy
        if reply.reaction is not Reaction.SUCCESS:
            refusal = _refusal(reply, "the case's history could not be read")
            self._waiting.refuse(*refusal, remote_code=reply.verdict.code)
            return
        sessions = read_case_history(reply.body, max_events=policy.max_events, max_source=policy.max_source)
        if isinstance(sessions, wire.BrokenEvent):
            self._chat.session.notify(UndecodableReceived(reason=sessions.reason, source=sessions.source))
            says = "the case's history cannot be read"
            self._waiting.refuse(RefusalCode.REFUSED_BY_CENTER, f"{says}: {sessions.reason}")
            return
        if conversation.case == case:
            conversation.has_older = False
        self._waiting.answer(self._join(conversation, sessions))

    def _join(self, conversation: Conversation, sessions: list[wire.CaseSession]) -> int:
        """Let the messages of earlier sessions join the history; tell how many. The current one may be among them."""
        chat, history = self._chat, conversation.history
        if chat.desk.threads.get(conversation.chat_id) is not conversation:
            return 0  # signed out meanwhile
        first = next(iter(history.messages), None)
        latest = first.created_at if first is not None else moment(chat.session.now)

        def began(session: wire.CaseSession) -> datetime:
            return session.created_at or latest

        older: list[Message] = []
        for session in sorted(sessions, key=began):
            if session.chat_id != conversation.chat_id:
                older += Older(chat, conversation, session.chat_id, began(session)).read(session.events)
        fresh = history.add_older(older, before=first)
        page = tuple(message for message in fresh if history.get(message.id) is not None)  # there may be no room
        if page:
            has_more = conversation.has_older
            chat.session.notify(HistoryLoaded(thread=conversation.chat_id, messages=page, has_more=has_more))
        return len(page)

    # --- closing ---

    def _close(self, conversation: Conversation, input: CloseCase) -> None:
        def answered(reply: Reply) -> None:
            session = self._chat.session
            if reply.reaction is Reaction.SUCCESS:
                session.requests.answer(input.request)
            else:
                refusal = _refusal(reply, "the case was not closed")
                session.requests.refuse(input.request, *refusal, remote_code=reply.verdict.code)

        self._ask("POST", "closecase", conversation, answered)

    def withdrawn(self, request: int) -> None:
        """The caller is gone: if it was the last one, nobody wants older messages."""
        if self._waiting.withdrawn(request) and not self._waiting and self._call is not None:
            self._chat.calls.cancel(self._call)
            self._call = self._conversation = None


def _refusal(reply: Reply, what: str) -> tuple[RefusalCode, str, str]:
    """Return why a request about a case is refused: without a code, 403 and 404 tell of this method alone (F5)."""
    verdict = reply.verdict
    if reply.reaction is Reaction.CONFIGURATION and not verdict.code:
        hint = "the scenario's Set Case block has to allow case history access"
        return RefusalCode.REFUSED_BY_CENTER, f"{what}: the contact center does not allow it", hint
    if reply.reaction is Reaction.GONE and not verdict.code:
        return RefusalCode.REFUSED_BY_CENTER, f"{what}: {reply.cause}", ""
    return verdict.refusal, f"{what}: {reply.cause}", verdict.hint
