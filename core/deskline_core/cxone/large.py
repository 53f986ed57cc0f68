"""Events too large for a frame: fetched from the URL they come with, if it can be trusted (section 4.7, flow 3.11)."""

from typing import TYPE_CHECKING

from ..calls import Call
from ..events import ErrorReceived
from ..inputs import ResponseReceived
from . import wire
from .decode import decode_answer_body

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Large"]

_MOST = 16


class Large:
    """The downloads under way. They belong to their connection: after a loss, recovery brings what they would have."""

    __slots__ = ("_calls", "_chat")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._calls: list[Call] = []

    def fetch(self, push: wire.EventInS3) -> None:
        """Download an event, without credentials and without redirects."""
        chat, policy = self._chat, self._chat.session.policy
        url = push.data.s3_object.url
        if not chat.site.trusts(url, policy.foreign_urls):
            self._fail("its address is not trusted")
            return
        if len(self._calls) >= _MOST:
            self._fail("too many are being fetched already")
            return
        kind = push.data.origin_event.event_type
        chat.line.prolong(push.event_id, kind, policy.download_timeout)

        def done(response: ResponseReceived) -> None:
            if not response.is_success:
                failed(f"answered {response.status}")
                return
            self._calls.remove(call)
            self._fetched(response)

        def failed(cause: str) -> None:
            self._calls.remove(call)
            if not self._calls:  # no answer will come this way
                chat.line.prolong(push.event_id, kind, policy.request_timeout)
            self._fail(cause)

        call = Call("GET", url, done=done, failed=failed, timeout=policy.download_timeout, limit=policy.max_body)
        self._calls.append(chat.calls.begin(call))

    def _fetched(self, response: ResponseReceived) -> None:
        policy = self._chat.session.policy
        self._chat.reception.receive(
            decode_answer_body(response.body, limit=policy.max_body, max_source=policy.max_source)
        )

    def _fail(self, cause: str) -> None:
        self._chat.session.notify(
            ErrorReceived(code="S3EventLoadFailed", text=f"a large event was not fetched: {cause}")
        )

    def lost(self) -> None:
        """The connection is gone."""
        for call in self._calls:
            self._chat.calls.cancel(call)
        self._calls.clear()
