"""Leaving the agent: the talk is over, the scenario goes on (section 13; rows B40, B41, D718; flow F2)."""

from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from ..errors import RefusalCode
from ..inputs import AppRequest
from ..waiters import Waiters
from . import encode
from .chat_table import OPEN, ChatStage
from .conversation import Conversation
from .refusals import Reaction
from .replies import Reply

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Leaving"]

_NOTHING: Final = frozenset[str]()  # one for all: each would take memory in a session at rest
_WITH_SOMEONE: Final = (ChatStage.QUEUED, ChatStage.CONNECTING, ChatStage.CONNECTED)


class Leaving:
    """Says that the customer leaves the agent, after the messages that were written ``_before``.

    ``_step`` is how far that is: it is due, said, or taken by the far side; "" where there is nothing to it.
    """

    __slots__ = ("_before", "_chat", "_step", "_waiters")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._before = _NOTHING
        self._step: Literal["", "due", "said", "taken"] = ""
        self._waiters = Waiters(chat.session)

    @property
    def is_unsaid(self) -> bool:
        """Whether the far side does not know it, and nothing is under way that tells it."""
        return not self._step

    def begin(self, conversation: Conversation, input: AppRequest) -> None:
        """Leave, once what was written before is sent; files of it are uploaded first."""
        conversation.customer_ends = True
        self._waiters.add(input.request)
        self._before = self._chat.delivery.on_their_way(conversation)
        self._step = "due"
        self.flush()

    def join(self, input: AppRequest) -> None:
        """It is under way: wait for that, too; or it is done (B41)."""
        self._waiters.add(input.request)
        if self._step == "taken":
            self._waiters.answer()

    def flush(self) -> None:
        """Say it, if it is its turn: what is written afterwards goes behind it."""
        current = self._chat.desk.current
        may_send = self._chat.connection.is_serving and current.leaf in OPEN
        if self._step == "due" and may_send and not self._before & self._chat.delivery.on_their_way(current):
            self._step = "said"
            retries = self._chat.session.policy.rest_attempts - 1
            self._chat.posting.put(encode.disconnect(), partial(self._answered, current), retries=retries)

    def _answered(self, conversation: Conversation, reply: Reply) -> None:
        """It was taken, or not; where the session is over, it is as good as taken (flow F2)."""
        if conversation.is_over:
            return
        if reply.reaction is Reaction.SUCCESS:
            self._step = "taken"
            self.something_came()
            self._waiters.answer()
        elif reply.reaction is Reaction.GONE:
            conversation.fire("post_gone", reply)
        else:
            self._step, conversation.customer_ends, verdict = "", False, reply.verdict
            self._waiters.refuse(
                verdict.refusal, f"it could not be wrapped up: {reply.cause}", verdict.hint, remote_code=verdict.code
            )

    # --- what follows ---

    def something_came(self) -> None:
        """A conversation that was wrapped up goes on: it has more time (flow F2, step 3)."""
        session = self._chat.session
        if self._step == "taken" and self._chat.desk.current.leaf in OPEN:
            session.deadlines.set("wrap up", session.now + session.policy.wrap_up)

    def status_told(self, conversation: Conversation) -> None:
        """The scenario gave the chat to someone again, which goes on for as long as it likes (B15); or it is over."""
        if self._step == "taken" and conversation.leaf in _WITH_SOMEONE:
            self._step, conversation.customer_ends = "", False
            self._chat.session.deadlines.clear("wrap up")
        elif self._step == "due" and conversation.leaf == ChatStage.COMPLETED:
            self._step = ""
            self._waiters.answer()  # there is nothing left to wrap up (D713)

    def lost(self) -> None:
        """The connection is gone: who waits is told."""
        self._waiters.refuse(RefusalCode.CONNECTION_LOST, "the connection was lost", "it is said when it is back")

    def over(self) -> None:
        """The session has ended."""
        self._step = ""
        self._chat.session.deadlines.clear("wrap up")
        self._waiters.answer()

    def withdrawn(self, request: int) -> None:
        """Forget a request that waits here."""
        self._waiters.withdrawn(request)
