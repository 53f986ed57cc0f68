"""What the rows of the chat's table ask of a chat, before they count."""

from ..inputs import LoadMore, NotePush, SendMessage, StartThread
from .chat_table import ChatStage
from .view import View

__all__ = ["Guards"]


class Guards(View):
    """What is known of a chat, and the guards that look at it and at what else the session has."""

    __slots__ = ()

    def says_queued(self, _input: object) -> bool:
        """The far side's word is queued."""
        return self._word() == ChatStage.QUEUED

    def says_connecting(self, _input: object) -> bool:
        """The far side's word is connecting."""
        return self._word() == ChatStage.CONNECTING

    def says_connected(self, _input: object) -> bool:
        """The far side's word is connected."""
        return self._word() == ChatStage.CONNECTED

    def says_completed(self, _input: object) -> bool:
        """The far side's word is completed."""
        return self._word() == ChatStage.COMPLETED

    def says_failed(self, _input: object) -> bool:
        """The far side's word is failed."""
        return self._word() == ChatStage.FAILED

    def _word(self) -> str:
        return self.word.lower()

    def may_reuse(self, input: object) -> bool:
        """Whoever starts it would as well have the current one."""
        return isinstance(input, StartThread) and input.reuse

    def is_late(self, input: object) -> bool:
        """Nobody wants it any more, and it was this request that made it."""
        return self.is_cancelled and self._chat.beginning.has_made(input)

    def may_repeat(self, _input: object) -> bool:
        """The attempts to request it are not used up."""
        return self._chat.beginning.may_repeat

    def is_own(self, input: object) -> bool:
        """A message of the customer's: by its party, or by an id that we made."""
        return self._chat.news.is_own(self, input)

    def has_files(self, input: object) -> bool:
        """A message with files."""
        return isinstance(input, SendMessage) and bool(input.attachments)

    def is_not_left(self, _input: object) -> bool:
        """The far side does not know that the agent is left, and nothing is under way that tells it."""
        return self._chat.leaving.is_unsaid

    def is_left_alone(self, _input: object) -> bool:
        """It was wrapped up, and the scenario asks for nothing."""
        return self.customer_ends and not self.forms and self.agent is None

    def may_be_told_more(self, _input: object) -> bool:
        """A poll is open: it is answered with what came before the end."""
        return self._chat.poll.is_open

    def is_over_there(self, _input: object) -> bool:
        """The far side no longer knows it, and its last news are waited for."""
        return self._chat.ending.is_over_there

    def brought_nothing(self, _input: object) -> bool:
        """The poll brought nothing new."""
        return not self._chat.poll.fresh

    def is_ours(self, input: object) -> bool:
        """A push tells of this chat."""
        return isinstance(input, NotePush) and input.conversation == self.chat_id

    def is_looked_for(self, _input: object) -> bool:
        """It was not requested, but is looked for: it may be there from before."""
        return not self._chat.beginning.is_asking

    def may_attach(self, _input: object) -> bool:
        """The user wants the chat, and nothing else is under way."""
        return self._chat.presence.is_wanted and self._chat.connection.is_settled

    def is_another(self, input: object) -> bool:
        """A push tells of another chat than this one, which is over, and the user wants one."""
        return self.may_attach(input) and not self.is_ours(input)

    def has_case(self, _input: object) -> bool:
        """A case is kept about it."""
        return bool(self.case)

    def wants_more(self, input: object) -> bool:
        """The request is for older messages."""
        return isinstance(input, LoadMore)

    def is_asked(self, input: object) -> bool:
        """The form is asked for."""
        return any(form.id == getattr(input, "form", None) for form in self.forms)
