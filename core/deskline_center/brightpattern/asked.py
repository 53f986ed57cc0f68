"""One request of a client, and the ways to answer it, now or later."""

from collections.abc import Callable
from typing import Any

from ..commands import Abandon, Command, Respond
from ..controls import Delay, Lose
from ..faults import RequestFault
from ..floor import Floor
from ..inputs import RequestArrived
from ..parse import parse_object
from ..replies import Reply, cors
from .channel import BrightPatternChannel
from .refusals import refused

__all__ = ["Asked"]


class Asked:
    """A request with what is known of who asks. ``parts`` are those of its path, ``version`` is 1 or 2.

    ``channel`` and ``client`` are set where the request has to say them; ``cookie`` is what a browser is to keep.
    """

    __slots__ = ("_emit", "_floor", "channel", "client", "cookie", "fault", "parts", "query", "request", "version")

    def __init__(
        self, floor: Floor, emit: Callable[[Command], None], request: RequestArrived, parts: dict[str, str]
    ) -> None:
        self._floor = floor
        self._emit = emit
        self.request = request
        self.parts = parts
        self.version = 1 if parts.get("version") == "v1" else 2
        self.query: dict[str, str] = {}
        self.fault: RequestFault | None = None
        self.channel: BrightPatternChannel = BrightPatternChannel(id="")
        self.client = ""
        self.cookie = ""

    @property
    def id(self) -> str:
        """The server's own id of the request."""
        return self.request.id

    @property
    def headers(self) -> dict[str, str]:
        """The headers by name."""
        return dict(self.request.headers)

    def body(self) -> dict[str, Any] | None:
        """Return the JSON object that came along, None if there is none."""
        return parse_object(self.request.body)

    def answer(self, reply: Reply) -> bool:
        """Answer, unless a fault delays or loses it; return whether the answer went out, or will."""
        match self.fault:
            case Lose():
                self.cut()
                return False
            case Delay(seconds=seconds):
                self._floor.later(seconds, lambda: self._respond(reply))
            case _:
                self._respond(reply)
        return True

    def refuse(self, code: str, *, status: int | None = None) -> None:
        """Answer with an error code."""
        self.answer(refused(code, self.channel, status=status))

    def cut(self) -> None:
        """Cut the connection."""
        self._emit(Abandon(id=self.id))

    def _respond(self, reply: Reply) -> None:
        headers = (*reply.headers, *cors(self.headers))
        if self.cookie:
            headers = (*headers, ("set-cookie", self.cookie))
        self._emit(Respond(id=self.id, status=reply.status, headers=headers, body=reply.body))
