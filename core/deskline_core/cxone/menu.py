"""The menu that a site shows all the time, over REST (CXone wire reference, section 2.9)."""

from typing import TYPE_CHECKING, Final, cast

from ..calls import Call
from ..errors import RefusalCode
from ..inputs import FetchMenu, ResponseReceived
from ..model import Choice
from ..pieces import load, part, text_of
from ..waiters import Waiters
from . import rest

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Menu", "read_menu"]

_MOST_ENTRIES: Final = 1000


def read_menu(body: bytes) -> tuple[Choice, ...] | str:
    """Read a menu; anything but an array is an error, and an entry without a label is left out."""
    root = load(body)
    if not isinstance(root, list):
        return "it is not an array"
    return tuple(
        Choice(text=label, postback=text_of(part(entry, "postback")))
        for entry in cast("list[object]", root)[:_MOST_ENTRIES]
        if (label := text_of(part(entry, "label")))
    )


class Menu:
    """Fetches the menu; whoever asks while it is on its way gets the same answer."""

    __slots__ = ("_call", "_chat", "_waiting")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._waiting = Waiters(chat.session)
        self._call: Call | None = None

    def fetch(self, input: FetchMenu) -> None:
        """Fetch the menu for one more caller. It needs a prepared chat, and no connection."""
        chat, policy = self._chat, self._chat.session.policy
        if chat.configuration is None or not chat.configuration.has_menu:
            chat.session.refuse(input.request, RefusalCode.NOT_SUPPORTED, "the channel has no menu")
            return
        is_first = not self._waiting
        self._waiting.add(input.request)
        if is_first:
            self._call = chat.calls.begin(
                Call(
                    "GET", chat.site.menu_url(), headers=chat.site.rest_headers(), done=self._answered,
                    failed=self._failed, timeout=policy.rest_timeout, retries=policy.rest_attempts - 1,
                    limit=policy.max_body, outlives=True,
                )
            )  # fmt: skip

    def withdrawn(self, request: int) -> None:
        """The caller is gone: if it was the last one, nobody wants the menu."""
        if self._waiting.withdrawn(request) and not self._waiting and self._call is not None:
            self._chat.calls.cancel(self._call)

    def _answered(self, response: ResponseReceived) -> None:
        error = rest.read_error(response.status, response.body)
        menu = read_menu(response.body)
        if error.refuses_version:
            cause = error.text or "the far side refuses this client version"
            self._chat.connection.fire("version_refused", cause=cause)
            self._waiting.refuse(RefusalCode.VERSION_REFUSED, cause)
        elif not response.is_success:
            self._waiting.refuse(RefusalCode.REFUSED_BY_CENTER, f"the menu request was answered {response.status}")
        elif isinstance(menu, str):
            self._waiting.refuse(RefusalCode.REFUSED_BY_CENTER, f"the menu cannot be read: {menu}")
        else:
            self._waiting.answer(menu)

    def _failed(self, cause: str) -> None:
        self._waiting.refuse(RefusalCode.CONNECTION_LOST, f"the menu request failed: {cause}")
