"""Requesting a chat, until it is made or given up (rows B2-B9; section 3.3)."""

from typing import TYPE_CHECKING

from ..backoff import delay
from ..calls import Call
from ..errors import RefusalCode
from ..inputs import StartThread
from ..waiters import Waiters
from . import encode
from .conversation import Conversation
from .decode import read_chat
from .refusals import Reaction
from .replies import Reply
from .wire import ChatAnswer

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Beginning"]

_PHONE = "phone_number"
_TRIGGERS = {
    Reaction.CONFIGURATION: "start_refused",
    Reaction.REFUSED: "start_refused",
    Reaction.UNAVAILABLE: "start_unavailable",
    Reaction.GONE: "start_refused",
    Reaction.MISSING: "start_refused",
}
"""What an answer without a chat means; all others are for later."""


class Beginning:
    """The one chat that is being requested, and who waits for it; ``is_asking`` tells whether one is.

    A request may be repeated: a session that an earlier attempt made comes back (section 2.6).
    """

    __slots__ = ("_answers", "_attempts", "_call", "_chat", "_waiters", "is_asking")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._answers: tuple[tuple[str, str], ...] = ()
        self._attempts = 0
        self._call: Call | None = None
        self._waiters = Waiters(chat.session)
        self.is_asking = False

    @property
    def may_repeat(self) -> bool:
        """Whether the attempts are not used up."""
        return self._attempts < self._chat.session.policy.rest_attempts

    def has_made(self, input: object) -> bool:
        """Whether the chat that came back was made for us: it is new, or an attempt before may have made it."""
        return isinstance(input, ChatAnswer) and (input.is_new_chat or self._attempts > 1)

    def request(self, input: StartThread) -> None:
        """Request a chat with the app's answers as its parameters."""
        self._answers = tuple((name, value) for name, value in input.answers if value)
        self._attempts = 0
        self.is_asking = True
        self._waiters.add(input.request)
        self._ask()

    def join(self, input: StartThread) -> None:
        """Wait for the chat that is being requested; it is wanted again if nobody did."""
        self._chat.desk.current.is_cancelled = False
        self._waiters.add(input.request)

    def repeat(self) -> None:
        """Request it again in a while (B8)."""
        session = self._chat.session
        pause = delay(session.policy.rest_retry, self._attempts - 1, session.ids.fraction())
        session.deadlines.set("request again", session.now + pause)

    def elapsed(self) -> None:
        """The while is over."""
        self._ask()

    def _ask(self) -> None:
        chat = self._chat
        self._attempts += 1
        given = dict(self._answers)
        phone = given.pop(_PHONE, "")
        who = chat.identity.kept
        names = {"first_name": who.first_name, "last_name": who.last_name}
        parameters = {name: value for name, value in names.items() if value} | given
        body = encode.chat_request(phone, chat.identity.name, parameters)
        self._call = chat.replies.ask("POST", chat.site.api_url("chats"), self._answered, body=body, outlives=True)

    def _answered(self, reply: Reply) -> None:
        self._call = None
        current = self._chat.desk.current
        answer = read_chat(reply.body) if reply.reaction is Reaction.SUCCESS else None
        if answer is not None:
            current.chat_id, current.word = answer.chat_id, answer.state
            current.first_wait = answer.ewt
            current.fire("made" if answer.is_new_chat else "found", answer)
        else:
            current.fire(_TRIGGERS.get(reply.reaction, "start_failed"), reply)

    def made(self, conversation: Conversation) -> None:
        """There is a chat: keep its id before anything else (flow F1, step 2), and tell who waits.

        Nothing of it came before, whatever was looked for, or came late, of another one.
        """
        self.is_asking = False
        self._answers = ()
        self._chat.poll.forget()
        self._chat.news.forget()
        self._chat.waiting.settle_disconnected()
        if conversation.is_over:  # its first word is that it failed
            self._waiters.refuse(RefusalCode.REFUSED_BY_CENTER, "no chat could be begun: it failed at once")
            return
        self._chat.desk.keep_id()
        conversation.had_agent, conversation.text = False, ""
        self._waiters.answer(conversation.chat_id)
        self._chat.device.subscribe()

    def give_up(self, reply: Reply) -> None:
        """There is none: whoever waits is told why (B6-B8)."""
        self.is_asking = False
        self._answers = ()
        verdict = reply.verdict
        unavailable = reply.reaction is Reaction.UNAVAILABLE
        code = RefusalCode.OFFLINE if unavailable else verdict.refusal
        self._waiters.refuse(code, f"no chat could be begun: {reply.cause}", verdict.hint, remote_code=verdict.code)
        self._chat.waiting.settle_disconnected()

    def lost(self, code: RefusalCode, cause: str) -> None:
        """Nobody wants it any more: whoever waits is told, and what is made all the same is ended (B9)."""
        self._waiters.refuse(code, cause)
        if self.is_asking:
            self._chat.desk.current.fire("cancel")

    def forget(self) -> None:
        """Another customer, or nobody any more: what is made all the same is not theirs."""
        self.is_asking = False
        self._answers = ()
        self._chat.session.deadlines.clear("request again")
        if self._call is not None:
            self._chat.calls.cancel(self._call)
            self._call = None

    def withdrawn(self, request: int) -> None:
        """Nobody waits for it any more, perhaps (B9)."""
        if self._waiters.withdrawn(request) and not self._waiters:
            self._chat.desk.current.fire("cancel")
