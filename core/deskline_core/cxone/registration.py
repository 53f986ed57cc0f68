"""Registering the visitor, and where pushes to this device go (CXone wire reference, section 2.4)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..calls import Call
from ..errors import RefusalCode
from ..events import ErrorReceived
from ..inputs import RegisterDevice, ResponseReceived
from . import rest
from .connection_table import PREPARING, ConnectionState

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Registration"]

_UNREGISTERED = (ConnectionState.INITIAL, *PREPARING)


class Registration:
    """Tells the far side who the visitor is: at every prepare, and when pushes go somewhere else (trap C4).

    One at a time, so that nothing older arrives last. ``_told_device`` is None when it may not have arrived.
    """

    __slots__ = ("_call", "_chat", "_told_device")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._told_device: str | None = ""
        self._call: Call | None = None

    def prepare(self) -> None:
        """Register the visitor, as part of preparing (S6); nothing if that was stopped meanwhile."""
        if self._chat.connection.state == ConnectionState.VISITOR:
            self._put(self._prepared, self._unprepared)

    def register_device(self, input: RegisterDevice) -> None:
        """Note where pushes go, and tell it at once where the visitor is known already."""
        chat = self._chat
        if len(input.token.reveal()) > chat.session.policy.max_text:
            limit = f"longer than {chat.session.policy.max_text} characters"
            chat.session.refuse(input.request, RefusalCode.INVALID_VALUE, f"the device's token is {limit}")
            return
        if input.token.reveal() != chat.identity.device_token:
            chat.identity.device_token = input.token.reveal()
            chat.keep_identity()
        chat.session.requests.answer(input.request)
        self._catch_up()

    def _catch_up(self) -> None:
        """Tell of a device that the last registration did not name."""
        chat = self._chat
        if chat.connection.state not in _UNREGISTERED and chat.identity.device_token != self._told_device:
            self._put(self._updated, self._not_updated, outlives=True)

    def _put(
        self, done: Callable[[ResponseReceived], None], failed: Callable[[str], None], *, outlives: bool = False
    ) -> None:
        chat, policy = self._chat, self._chat.session.policy
        who = chat.identity
        if self._call is not None:
            chat.calls.cancel(self._call)
        self._told_device = who.device_token
        body = rest.visitor_body(who.customer, who.first_name, who.last_name, device_token=who.device_token)
        self._call = Call(
            "PUT", chat.site.visitor_url(who.visitor), done=done, failed=failed, body=body,
            headers=chat.site.rest_headers(), timeout=policy.rest_timeout, retries=policy.rest_attempts - 1,
            limit=policy.max_body, outlives=outlives,
        )  # fmt: skip
        chat.calls.begin(self._call)

    def _prepared(self, response: ResponseReceived) -> None:
        if self._chat.connection.refuses_version(response):
            return
        if not response.is_success:
            self._unprepared(f"the visitor request was answered {response.status}")
            return
        self._chat.connection.fire("visitor_stored")
        self._catch_up()

    def _unprepared(self, cause: str) -> None:
        self._chat.connection.fire("preparation_failed", cause=cause)

    def _updated(self, response: ResponseReceived) -> None:
        if not response.is_success:
            self._not_updated(f"the visitor request was answered {response.status}")

    def _not_updated(self, cause: str) -> None:
        """The next prepare tells it again, or the app."""
        self._told_device = None
        self._chat.session.notify(ErrorReceived(code="CreateOrUpdateVisitorFailed", text=cause))
