"""What may be asked of a site without a conversation (sections 3.1, 3.14 to 3.16; row B1)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

from ..calls import Call
from ..errors import RefusalCode
from ..inputs import AppRequest, CheckAvailability, FetchConfiguration, FetchIceServers, FetchVersion
from ..model import Availability, IceServer
from ..pieces import load, mend
from .decode import read_availability, read_ice_servers, read_version
from .refusals import Reaction
from .replies import Reply

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Inquiries"]

_NOT_THERE: Final = (Reaction.GONE, Reaction.MISSING)


class Inquiries:
    """Asks, and answers whoever wants to know; each request by a call of its own, which ends with it."""

    __slots__ = ("_calls", "_chat")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._calls: dict[int, Call] = {}

    def availability(self, input: object) -> None:
        """Ask whether the site is open: for an app, or for a callable that gets the reply (B1).

        Where there is no chat server now, the site is as good as closed.
        """
        if not isinstance(input, CheckAvailability):
            self._check(cast("Callable[[Reply], None]", input))
            return

        def answered(reply: Reply) -> object:
            if reply.reaction is Reaction.UNAVAILABLE:
                return Availability(is_open=False)
            answer = read_availability(reply.body)
            return Availability(is_open=answer.is_open, estimated_wait=answer.ewt) if answer is not None else None

        self._ask(input, "availability", answered, also=Reaction.UNAVAILABLE)

    def _check(self, then: Callable[[Reply], None]) -> None:
        """On the way to ready, a first attempt is not tried again but for this, by the policy (S14)."""
        policy, connection = self._chat.session.policy, self._chat.connection
        retries = policy.rest_attempts - 1 if connection.is_first(None) and policy.retry_first_availability else 0
        self._chat.replies.ask("GET", self._chat.site.api_url("availability"), then, retries=retries)

    def version(self, input: FetchVersion) -> None:
        """Fetch the version of the center's software."""
        self._ask(input, "version", lambda reply: read_version(reply.body) or None)

    def ice_servers(self, input: FetchIceServers) -> None:
        """Fetch the servers for calls. An encrypted list is for the vendor's own client alone (3.15)."""

        def answered(reply: Reply) -> object:
            servers = read_ice_servers(reply.body)
            if servers is None:
                return None
            return tuple(IceServer(url=it.url, username=it.username, credential=it.credential) for it in servers)

        self._ask(input, "iceservers", answered, unread="it is encrypted, or no list of servers")

    def configuration(self, input: FetchConfiguration) -> None:
        """Fetch how a window of the chat should look: any JSON object, of the policy's ``max_body`` at most."""

        def answered(reply: Reply) -> object:
            text = mend(reply.body.decode("utf-8-sig", "replace"))
            return text if isinstance(load(reply.body), dict) else None

        self._ask(input, "configuration", answered, unread="it is no JSON object")

    def _ask(
        self,
        input: AppRequest,
        method: str,
        read: Callable[[Reply], object],
        *,
        unread: str = "it says nothing that can be read",
        also: Reaction = Reaction.SUCCESS,
    ) -> None:
        chat, request = self._chat, input.request

        def answered(reply: Reply) -> None:
            self._calls.pop(request, None)
            if reply.reaction not in (Reaction.SUCCESS, also):
                self._refuse(request, method, reply)
            elif (value := read(reply)) is None:
                says = f"the {method} request was answered, but {unread}"
                chat.session.refuse(request, RefusalCode.REFUSED_BY_CENTER, says)
            else:
                chat.session.requests.answer(request, value)

        self._calls[request] = chat.replies.ask(
            "GET", chat.site.api_url(method), answered, retries=chat.session.policy.rest_attempts - 1, outlives=True
        )

    def _refuse(self, request: int, method: str, reply: Reply) -> None:
        """Refuse it; what is not there is no conversation that has ended."""
        what = f"the {method} request was not answered"
        if reply.reaction in _NOT_THERE:
            says = f"{what}: {reply.cause}"
            self._chat.session.requests.refuse(
                request, RefusalCode.REFUSED_BY_CENTER, says, remote_code=reply.verdict.code
            )
        else:
            self._chat.replies.refuse(request, reply, what)

    def withdrawn(self, request: int) -> None:
        """Nobody wants to know any more."""
        call = self._calls.pop(request, None)
        if call is not None:
            self._chat.calls.cancel(call)
