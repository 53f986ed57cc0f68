"""What an app asks about a message that it has sent: to try again, to give it up, to be told what became of it."""

from collections.abc import Callable

from .errors import RefusalCode
from .inputs import AwaitSettled, DiscardMessage, RetryMessage
from .lifecycle import MessageStatus, ThreadState
from .model import Message
from .outbox import Outbox
from .outgoing import Outgoing

__all__ = ["FollowUp"]


class FollowUp:
    """Serves these requests from an outbox.

    ``kept`` finds a message that the far side has, by id. ``is_final`` tells whether nothing is under way that could
    tell more of a message than its status does. ``changed`` is called when the outbox may have something to write.
    """

    __slots__ = ("_changed", "_is_final", "_kept", "_outbox", "_session")

    def __init__(
        self,
        outbox: Outbox,
        *,
        kept: Callable[[str], Message | None],
        is_final: Callable[[Outgoing], bool],
        changed: Callable[[], None],
    ) -> None:
        self._outbox = outbox
        self._session = outbox.session
        self._kept = kept
        self._is_final = is_final
        self._changed = changed

    def retry(self, input: RetryMessage) -> None:
        """Send a failed message again under its id, behind what failed of the same request before it."""
        outgoing = self._find(input.request, input.message)
        if outgoing is not None:
            thread = self._session.threads.get(outgoing.thread)
            if thread is None or thread.state is ThreadState.ENDED:
                self._session.refuse(input.request, RefusalCode.THREAD_ENDED, "the thread has ended", "start a new one")
                return
            again = [*self._failed_before(outgoing), outgoing] if outgoing.has_failed else [outgoing]
            if outgoing.has_failed and any(each.lacks_content for each in again):
                says = "a file of the message was not kept, and cannot be sent again"
                self._session.refuse(input.request, RefusalCode.ILLEGAL_STATE, says, "send another message")
                return
            for each in again:
                if each.has_failed:
                    each.take_back_files()
                each.fire_request("retry", input.request)
            self._session.requests.answer(input.request, outgoing.id)
            self._changed()

    def _failed_before(self, outgoing: Outgoing) -> list[Outgoing]:
        """Return what came with a message, went before it, and failed: files that are messages of their own."""
        return [other for other in self._outbox.of(outgoing.thread) if outgoing in other.followers and other.has_failed]

    def discard(self, input: DiscardMessage) -> None:
        """Take a message out that is not on its way."""
        outgoing = self._find(input.request, input.message)
        if outgoing is not None:
            outgoing.fire_request("discard", input.request)
            self._changed()  # what waited behind its files goes now

    def await_settled(self, input: AwaitSettled) -> None:
        """Answer the status of a message when it is an outcome."""
        outgoing = self._outbox.get(input.message)
        if outgoing is not None and not self._is_final(outgoing):
            outgoing.waiters.add(input.request)
            return
        message = self._kept(input.message)
        if outgoing is not None:
            self._session.requests.answer(input.request, MessageStatus(outgoing.status))
        elif message is not None:
            self._session.requests.answer(input.request, message.status)
        else:
            self._unknown(input.request, input.message)

    def withdrawn(self, request: int) -> None:
        """Forget a request that waits for an outcome."""
        for outgoing in self._outbox:
            outgoing.waiters.withdrawn(request)

    def _find(self, request: int, id: str) -> Outgoing | None:
        outgoing = self._outbox.get(id)
        if outgoing is None:
            if self._kept(id) is None:
                self._unknown(request, id)
            else:
                self._session.refuse(request, RefusalCode.ILLEGAL_STATE, "the message has arrived already")
        return outgoing

    def _unknown(self, request: int, id: str) -> None:
        self._session.refuse(request, RefusalCode.UNKNOWN_MESSAGE, f"there is no message {id!r}")
