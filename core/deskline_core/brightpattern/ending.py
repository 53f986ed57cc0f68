"""Ending the session (section 13; rows B42-B45)."""

from functools import partial
from typing import TYPE_CHECKING

from ..backoff import delay
from ..errors import RefusalCode
from ..inputs import AnswerInactivity, AppRequest
from ..waiters import Waiters
from . import encode
from .chat_table import ChatStage
from .conversation import Conversation
from .refusals import Reaction
from .replies import JSON, Reply

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Ending"]

_LATER = (Reaction.LATER, Reaction.UNAVAILABLE, Reaction.CROWDED)


class Ending:
    """Says that the customer ends the session, after all that was written before.

    ``is_declined`` tells that it was the answer to an inactivity warning.
    """

    __slots__ = ("_attempts", "_chat", "_ended", "_is_said", "is_declined")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._attempts = 0
        self._is_said = False
        self.is_declined = False
        self._ended = Waiters(chat.session)

    @property
    def is_unsaid(self) -> bool:
        """Whether the end of a chat that nobody wants is still on its way."""
        return self._chat.desk.current.leaf == ChatStage.ENDING and self._chat.session.deadlines.at("end") is None

    @property
    def is_said(self) -> bool:
        """Whether the far side was told: nothing goes after it."""
        return self._is_said

    def end(self, conversation: Conversation, input: object) -> None:
        """End the session, once what was written before has been sent."""
        conversation.customer_ends = True
        self.is_declined = isinstance(input, AnswerInactivity)
        self._attempts = 0
        self._is_said = False
        if isinstance(input, AppRequest):
            self._ended.add(input.request)
        self._chat.session.deadlines.clear("wrap up")
        self._chat.delivery.flush()
        self.flush()

    def late(self, conversation: Conversation) -> None:
        """End what was requested, and is wanted by nobody any more, wherever the connection stands (B9)."""
        chat = self._chat
        conversation.customer_ends = True
        self._attempts, self._is_said = 1, True
        chat.replies.ask(
            "POST", chat.site.chat_url(conversation.chat_id, "events"), partial(self._end_answered, conversation),
            body=encode.events(encode.end()), content_type=JSON, retries=self._retries, outlives=True,
        )  # fmt: skip

    def join(self, input: AppRequest) -> None:
        """Wait for the end, too."""
        self._ended.add(input.request)

    def flush(self) -> None:
        """Say it, if it is its turn: nothing that was written before is still to go."""
        current = self._chat.desk.current
        is_due = current.leaf == ChatStage.ENDING and not self._is_said
        if is_due and self._chat.connection.is_serving and not self._chat.delivery.is_under_way(current):
            self._is_said = True
            self._attempts += 1
            self._chat.posting.put(encode.end(), partial(self._end_answered, current))

    def _end_answered(self, conversation: Conversation, reply: Reply) -> None:
        if reply.reaction is Reaction.SUCCESS:
            conversation.fire("end_taken")
        elif reply.reaction in _LATER:
            conversation.fire("end_failed", reply)
        elif reply.reaction is Reaction.GONE:
            conversation.fire("post_gone")
        else:
            conversation.fire("end_refused", reply)
        self._chat.waiting.settle_disconnected()

    def taken(self) -> None:
        """The far side took it: the last news may still come (B43)."""
        session = self._chat.session
        session.deadlines.set("end", session.now + session.policy.end_confirmation)

    def await_last_news(self) -> None:
        """A post or a history found no session, and overtook what the poll brings: a while from the first one."""
        session = self._chat.session
        if not self.is_over_there:
            session.deadlines.set("last news", session.now + session.policy.end_confirmation)

    @property
    def is_over_there(self) -> bool:
        """Whether only last news are waited for: the far side takes nothing more."""
        return self._chat.session.deadlines.at("last news") is not None

    def repeat(self, reply: Reply) -> None:
        """It may have arrived; a repeat does no harm (B45). When the attempts are used up, it waits for the return."""
        session = self._chat.session
        if self._chat.desk.current.is_cancelled:  # tried often enough for what nobody wants
            self.taken()
            return
        self._is_said = False
        if self._attempts < session.policy.rest_attempts:
            pause = delay(session.policy.rest_retry, self._attempts - 1, session.ids.fraction())
            session.deadlines.set("end again", session.now + pause)
        else:
            self._ended.refuse(
                RefusalCode.CONNECTION_LOST, f"the end was not confirmed: {reply.cause}", "the thread's state tells"
            )
            self._attempts = 0
            self._chat.connection.fire("poll_lost", cause=reply.cause)

    def elapsed(self) -> None:
        """Time to say it again."""
        self.flush()

    def resume(self, conversation: Conversation) -> None:
        """Back after a loss: what was not confirmed is said again."""
        if conversation.leaf == ChatStage.ENDING and self._chat.session.deadlines.at("end") is None:
            self.flush()

    def lost(self) -> None:
        """The connection is gone: who waits is told; what was to be said is said when it is back."""
        says = "the connection was lost before the end was confirmed"
        self._ended.refuse(RefusalCode.CONNECTION_LOST, says, "the thread may have ended; its state tells")
        self._chat.session.deadlines.clear("end again")

    def over(self) -> None:
        """It has ended."""
        self.is_declined = False
        for deadline in ("end", "end again", "last news"):
            self._chat.session.deadlines.clear(deadline)
        self._ended.answer()

    def withdrawn(self, request: int) -> None:
        """Forget a request that waits here."""
        self._ended.withdrawn(request)

    @property
    def _retries(self) -> int:
        return self._chat.session.policy.rest_attempts - 1
