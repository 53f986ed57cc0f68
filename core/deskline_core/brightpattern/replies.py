"""REST requests of a session and what comes of them: each ends with one reply, whatever happens (sections 2 and 4)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ..calls import Call
from ..errors import RefusalCode
from ..inputs import LineReceived, RequestProgressed, ResponseReceived
from .refusals import Reaction, Verdict, judge

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["JSON", "Replies", "Reply", "unanswered"]

JSON: Final = "application/json; charset=utf-8"
_PROXYS: Final = (502, 504)
"""What a proxy says by itself when it has waited long enough for the far side."""


class Reply:
    """What came of a request: a verdict, and the body and headers if there was an answer.

    ``unsent`` tells that the request certainly never left; without an answer the verdict is to try again later.
    """

    __slots__ = ("response", "unsent", "verdict")

    def __init__(self, verdict: Verdict, response: ResponseReceived | None, *, unsent: bool = False) -> None:
        self.verdict = verdict
        self.response = response
        self.unsent = unsent

    @property
    def reaction(self) -> Reaction:
        """What there is to do about it."""
        return self.verdict.reaction

    @property
    def body(self) -> bytes:
        """The answer's body, or nothing."""
        return self.response.body if self.response is not None else b""

    @property
    def is_unheard(self) -> bool:
        """Whether the far side itself said nothing, and may have the request: no answer came, or a proxy's own."""
        if self.response is None:
            return not self.unsent
        return self.verdict.status in _PROXYS and not self.verdict.code

    @property
    def is_gone(self) -> bool:
        """Whether the far side says that the session is over. A mere 404 may mean only what was asked for."""
        return self.reaction is Reaction.GONE and bool(self.verdict.code)

    @property
    def cause(self) -> str:
        """What went wrong, as a sentence; of a success, that nobody can read it."""
        verdict = self.verdict
        code = f" ({verdict.code})" if verdict.code else f" (status {verdict.status})" if verdict.status else ""
        return f"{verdict.sentence or 'the answer cannot be read'}{code}"


class Replies:
    """Sends requests in this customer's name."""

    __slots__ = ("_chat",)

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat

    def ask(
        self,
        method: str,
        url: str,
        then: Callable[[Reply], None],
        *,
        body: bytes = b"",
        content_type: str = "",
        timeout: float | None = None,
        retries: int = 0,
        limit: int | None = None,
        held: bool = False,
        is_file: bool = False,
        is_foreign: bool = False,
        outlives: bool = False,
        told: Callable[[LineReceived | RequestProgressed], None] | None = None,
    ) -> Call:
        """Send a request; ``then`` gets the reply. ``timeout`` and ``limit`` are the policy's unless given.

        ``told`` asks for the progress of the body. One that ``is_foreign`` goes to an address that the far side named:
        it does not tell who we are.
        """
        chat, policy = self._chat, self._chat.session.policy

        def failed(cause: str) -> None:
            then(unanswered(cause, unsent=call.unsent))

        call = Call(
            method, url, done=lambda response: then(Reply(judge(response, is_file=is_file), response)), failed=failed,
            body=body, headers=() if is_foreign else chat.site.headers(chat.identity.client_id, content_type),
            timeout=policy.rest_timeout if timeout is None else timeout, retries=retries,
            limit=policy.max_body if limit is None else limit, held=held, outlives=outlives,
            telling="progress" if told is not None else "answer", told=told,
        )  # fmt: skip
        return chat.calls.begin(call)

    def refuse(self, request: int | None, reply: Reply, what: str) -> None:
        """Refuse an app's request for what came of it; ``what`` begins the sentence."""
        verdict = reply.verdict
        self._chat.session.requests.refuse(
            request, verdict.refusal, f"{what}: {reply.cause}", verdict.hint, remote_code=verdict.code
        )


def unanswered(cause: str, *, unsent: bool) -> Reply:
    """Return the reply to a request that has none: to be tried again later, perhaps."""
    verdict = Verdict(reaction=Reaction.LATER, status=0, refusal=RefusalCode.CONNECTION_LOST, sentence=cause)
    return Reply(verdict, None, unsent=unsent)
