"""Messages of which only the beginning came: the rest is fetched with a token that is asked for (2.10, trap M15)."""

from collections import deque
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from ..calls import Call
from ..errors import RefusalCode
from ..events import ErrorReceived
from ..inputs import ResponseReceived
from ..lifecycle import MessageStatus
from ..model import Message
from . import content, encode, wire
from .decode import decode_message
from .line import Exchange
from .thread import Thread

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["FullContent"]

_ASKED: Final = "GenerateAuthorizationToken"
_MOST_WANTED: Final = 200
_MOST_KNOWN: Final = 1000


class _Wanted:
    """A message whose rest is wanted: its id, and the ``platform``'s own, by which it is asked for."""

    __slots__ = ("call", "event_id", "id", "platform", "thread")

    def __init__(self, thread: str, id: str, platform: str) -> None:
        self.thread = thread
        self.id = id
        self.platform = platform
        self.event_id = ""
        self.call: Call | None = None


class FullContent:
    """Fetches whole messages, one at a time per thread. Whatever fails, the message stays as it came."""

    __slots__ = ("_chat", "_wanted", "_whole")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._wanted: deque[_Wanted] = deque()
        self._whole: dict[str, None] = {}

    def want(self, thread: Thread, message: wire.WireMessage) -> None:
        """Fetch the rest of a message that is shown, unless it is whole or on its way."""
        id = message.id_on_external_platform
        if id in self._whole or any(wanted.id == id for wanted in self._wanted):
            return
        if not message.id:
            self._tell(thread.id, "the platform gave it no id")
        elif len(self._wanted) >= _MOST_WANTED:
            self._tell(thread.id, "too many are being fetched already")
        else:
            self._wanted.append(_Wanted(thread.id, id, message.id))
            self.go_on()

    def whole_of(self, thread: Thread, message: wire.WireMessage, read: Message) -> Message:
        """Return what is known of a message that came cut again: the whole of it."""
        known = thread.history.get(read.id)
        if known is None or message.id_on_external_platform not in self._whole:
            return read
        return replace(known, status=MessageStatus.SEEN) if read.status is MessageStatus.SEEN else known

    def changed(self, message: str) -> None:
        """A message has other content: the whole of it is not known any more, and the rest of the old one of no use."""
        self._whole.pop(message, None)
        for wanted in tuple(self._wanted):
            if wanted.id == message:
                self._give_up(wanted)
                self.go_on()

    def go_on(self) -> None:
        """Ask for what may be asked for now: connected, and nothing of the same thread under way.

        A token on its way counts even if nobody wants it any more, so that as few are asked for as are answered.
        """
        if not self._wanted or not self._chat.connection.is_connected:
            return
        busy = {wanted.thread for wanted in self._wanted if wanted.call is not None}
        busy |= {exchange.thread for exchange in self._chat.line.exchanges.values() if exchange.kind == _ASKED}
        for wanted in tuple(self._wanted):
            if wanted.thread not in busy:
                busy.add(wanted.thread)
                self._ask(wanted)

    def _ask(self, wanted: _Wanted) -> None:
        exchange = self._chat.line.begin(_ASKED, wanted.thread, message=wanted.id)
        wanted.event_id = exchange.event_id
        path = self._chat.site.message_path(wanted.platform)
        self._chat.line.post(
            exchange, encode.generate_authorization_token(self._chat.sender, exchange.event_id, wanted.thread, path)
        )

    def accepted(self, exchange: Exchange, data: object = None) -> None:
        """The token came: fetch the message with it. An answer without one is none."""
        wanted = self._of(exchange)
        if wanted is None:
            self.go_on()
            return
        if not isinstance(data, wire.AuthorizationTokenData):
            self._fail(wanted, "the answer brought no token")
            return
        policy = self._chat.session.policy
        wanted.event_id = ""

        def done(response: ResponseReceived) -> None:
            self._fetched(wanted, response)

        def failed(cause: str) -> None:
            self._fail(wanted, cause)

        wanted.call = self._chat.calls.begin(
            Call(
                "GET", self._chat.site.message_url(wanted.platform), done=done, failed=failed,
                headers=(
                    *self._chat.site.rest_headers(),
                    ("authorization", f"Bearer {data.authorization_token.token}"),
                ),
                timeout=policy.download_timeout, limit=policy.max_body, outlives=True,
            )
        )  # fmt: skip

    def _fetched(self, wanted: _Wanted, response: ResponseReceived) -> None:
        policy = self._chat.session.policy
        if not response.is_success:
            self._fail(wanted, f"answered {response.status}")
            return
        message = decode_message(response.body, limit=policy.max_body, max_source=policy.max_source)
        if isinstance(message, wire.Undecodable):
            self._fail(wanted, message.reason)
        elif message.id_on_external_platform != wanted.id:
            self._fail(wanted, "another message came")
        else:
            self._wanted.remove(wanted)
            self._replace(wanted, message)
            self.go_on()

    def _replace(self, wanted: _Wanted, message: wire.WireMessage) -> None:
        """Put the whole message in the place of its beginning: its time decides the order, and stays."""
        thread = self._chat.desk.threads.get(wanted.thread)
        known = thread.history.get(wanted.id) if thread is not None else None
        if thread is None or known is None:
            return
        self._whole[wanted.id] = None
        if len(self._whole) > _MOST_KNOWN:
            del self._whole[next(iter(self._whole))]
        read = content.read_message(message, thread.id, self._chat.session.now)
        self._chat.inbox.keep(thread, replace(read, created_at=known.created_at, party=known.party), None)

    def refused(
        self, exchange: Exchange, _code: RefusalCode, cause: str, _error: wire.OperationError | None = None
    ) -> None:
        """The far side gave no token."""
        wanted = self._of(exchange)
        if wanted is None:
            self.go_on()
        else:
            self._fail(wanted, cause)

    def lost(self, exchange: Exchange, *, written: bool) -> None:  # noqa: ARG002 - whatever was written: a token is asked for again
        """The socket went away before the token came: another one is asked for when there is a socket again."""
        wanted = self._of(exchange)
        if wanted is not None:
            wanted.event_id = ""

    def _of(self, exchange: Exchange) -> _Wanted | None:
        return next((wanted for wanted in self._wanted if wanted.event_id == exchange.event_id), None)

    def _fail(self, wanted: _Wanted, cause: str) -> None:
        self._wanted.remove(wanted)
        self._tell(wanted.thread, cause)
        self.go_on()

    def _tell(self, thread: str, cause: str) -> None:
        text = f"the rest of a message was not fetched: {cause}"
        self._chat.session.notify(ErrorReceived(code="FullContentFailed", text=text, thread=thread))

    def forget(self, thread: str = "") -> None:
        """A thread is forgotten, or all of them."""
        for wanted in tuple(self._wanted):
            if not thread or wanted.thread == thread:
                self._give_up(wanted)
        if not thread:
            self._whole.clear()

    def _give_up(self, wanted: _Wanted) -> None:
        self._wanted.remove(wanted)
        if wanted.call is not None:
            self._chat.calls.cancel(wanted.call)
