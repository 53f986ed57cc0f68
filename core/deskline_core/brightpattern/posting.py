"""What goes to the far side in a chat: one event a request, one request at a time, in order (3.6; 20.5, rule 7)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from ..errors import RefusalCode
from ..events import UndecodableReceived
from . import encode, wire
from .decode import read_events
from .refusals import Reaction, Verdict
from .replies import JSON, Reply, unanswered

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Posting"]


class _Post:
    __slots__ = ("id", "item", "passing", "retries", "then")

    def __init__(self, item: msgspec.Raw, then: Callable[[Reply], None], passing: str, retries: int, id: str) -> None:
        self.id = id
        self.item = item
        self.then = then
        self.passing = passing
        self.retries = retries


class Posting:
    """The queue of what is to be sent in the current chat. ``then`` of each is told what came of it, once.

    What is ``passing``, such as typing, is named: the newest of a name takes the place of one that still waits, which
    is told nothing; and none of it outlasts a loss. What has an ``id`` can be withdrawn by it while it waits.
    """

    __slots__ = ("_behind", "_chat", "_posts", "_under_way")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._posts: list[_Post] = []
        self._behind: list[_Post] = []
        self._under_way: _Post | None = None

    def put(
        self,
        item: msgspec.Raw,
        then: Callable[[Reply], None],
        *,
        passing: str = "",
        retries: int = 0,
        is_behind: bool = False,
        id: str = "",
    ) -> None:
        """Send an event after all earlier ones. ``retries`` is how often it may be repeated without harm.

        One that ``is_behind``, a receipt, lets all others go first.
        """
        if passing:
            self._posts = [post for post in self._posts if post.passing != passing]
        (self._behind if is_behind else self._posts).append(_Post(item, then, passing, retries, id))
        self.flush()

    def flush(self) -> None:
        """Send the next one, if it may go now; nothing goes to a chat that the far side no longer knows (D743)."""
        chat = self._chat
        waiting = self._posts or self._behind
        if self._under_way is not None or not waiting or not chat.connection.is_serving or not chat.desk.is_alive:
            return
        if chat.ending.is_over_there:
            return
        post = self._under_way = waiting.pop(0)
        chat_id = chat.desk.current.chat_id

        def answered(reply: Reply) -> None:
            if self._under_way is post:
                self._under_way = None
            if chat.site.is_v1 and reply.reaction is Reaction.SUCCESS and chat.desk.current.chat_id == chat_id:
                self._take(reply)
            post.then(reply)
            chat.waiting.settle_disconnected()
            if chat.site.is_v1 and reply.response is None and not reply.unsent and chat.desk.current.chat_id == chat_id:
                self._miss()
            self.flush()

        chat.replies.ask(
            "POST", chat.site.chat_url(chat_id, "events"), answered, body=encode.events(post.item), content_type=JSON,
            retries=post.retries, outlives=True,
        )  # fmt: skip

    @property
    def is_telling(self) -> bool:
        """Whether one of the customer's messages is on its way."""
        return self._under_way is not None and bool(self._under_way.id)

    def _take(self, reply: Reply) -> None:
        """An older center answers with events; whether the poll brings them again is not known: a repeat is dropped."""
        policy = self._chat.session.policy
        events = read_events(reply.body, max_events=policy.max_events, max_source=policy.max_source)
        if isinstance(events, wire.BrokenEvent):
            self._chat.session.notify(UndecodableReceived(reason=events.reason, source=events.source))
        else:
            self._chat.poll.take(events)

    def _miss(self) -> None:
        """What the answer of an older center told is lost with it, unless the history has it."""
        self._chat.poll.gap = True
        self._chat.connection.fire("doubt")

    def withdraw(self, id: str) -> bool:
        """Take back what waits under an id; tell whether it did: then it certainly never went."""
        before = len(self._posts)
        self._posts = [post for post in self._posts if post.id != id]
        return len(self._posts) < before

    def lost(self) -> None:
        """The connection is gone: what only passes is dropped."""
        passing = [post for post in self._posts if post.passing]
        self._posts = [post for post in self._posts if not post.passing]
        for post in passing:
            post.then(unanswered("the connection was lost", unsent=True))

    def over(self) -> None:
        """The chat is over: what still waited does not go, and the next chat waits for no answer of this one's."""
        self._under_way = None
        posts, self._posts, self._behind = [*self._posts, *self._behind], [], []
        verdict = Verdict(
            reaction=Reaction.GONE, status=0, refusal=RefusalCode.THREAD_ENDED, sentence="the conversation is over"
        )
        for post in posts:
            post.then(Reply(verdict, None, unsent=True))
