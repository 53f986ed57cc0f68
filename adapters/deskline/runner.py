"""Runs one session on one runtime: feed, obey, re-arm the one timer, deliver. No rule of chat stands here."""

import logging
import math
from collections import deque
from functools import partial
from typing import Final, assert_never, cast, final

from deskline.clock import Clock
from deskline.host import Host, Job, Signal, require_here
from deskline.journal_file import JournalFile
from deskline.links import Link
from deskline.listeners import Listeners
from deskline.saving import Apart, Saving
from deskline_core.commands import (
    Answer,
    CancelRequest,
    CloseSocket,
    Command,
    Forget,
    Notify,
    OpenSocket,
    Refuse,
    Save,
    SendFrame,
    SendRequest,
)
from deskline_core.errors import ChatClosed, DesklineError, RequestNotAnswered, refusal_error
from deskline_core.inputs import (
    AppRequest,
    Disconnect,
    EnterBackground,
    Input,
    LineReceived,
    Open,
    RequestFailed,
    RequestProgressed,
    ResponseReceived,
    Saved,
    SocketClosed,
    Tick,
    Withdraw,
)
from deskline_core.session import Session
from deskline_core.snapshot import Snapshot
from deskline_transports.base import RestRequest, Transport

__all__ = ["Runner"]

_LINES_AT_ONCE: Final = 100
"""After so many lines of a stream others have their turn."""
_logger: Final = logging.getLogger("deskline.session")


@final
class _Asked:
    """A caller that waits for its request to be settled."""

    __slots__ = ("kind", "settled", "signal")

    def __init__(self, kind: type[AppRequest]) -> None:
        self.kind = kind
        self.settled: Answer | Refuse | ChatClosed | None = None
        self.signal: Signal | None = None

    def settle(self, settled: Answer | Refuse | ChatClosed) -> None:
        self.settled = settled
        if self.signal is not None:
            self.signal.set()


@final
class Runner:
    """The loop of one chat. All of it runs in one loop and thread, and ends with :meth:`aclose`."""

    def __init__(
        self,
        session: Session,
        *,
        host: Host,
        clock: Clock,
        transport: Transport,
        store: Apart | None,
        journal: JournalFile | None,
    ) -> None:
        self.session = session
        self.host = host
        self.listeners = Listeners()
        self._clock = clock
        self._transport = transport
        self._saving = None if store is None else Saving(store, host=host, feed=self.feed)
        self._journal = journal
        self._inputs: deque[Input] = deque()
        self._feeding = False
        self._closing = False
        self._dead = False
        self._armed = math.inf
        self._last_number = 0
        self._asked: dict[int, _Asked] = {}
        self._links: dict[int, Link] = {}
        self._requests: dict[int, Job] = {}
        self._reading = 0

    # --- the loop ---

    def feed(self, input: Input) -> None:
        """Hand an input to the session, and obey what it commands; at once, or after what is being handled now."""
        if self._dead:
            return
        self._inputs.append(input)
        if self._feeding:
            return
        self._feeding = True
        try:
            self._work()
        except BaseException as error:
            self._die()
            self.host.fail(error)
            raise
        finally:
            self._feeding = False

    def _work(self) -> None:
        inputs, handle, journal = self._inputs, self.session.handle, self._journal
        debug = _logger.isEnabledFor(logging.DEBUG)
        while inputs:
            input = inputs.popleft()
            now = self._clock.now()
            commands = handle(input, now=now)
            if journal is not None:
                journal.write(input, now, commands)
            if debug:
                _logger.debug("> %r", input)
            for command in commands:
                if debug:
                    _logger.debug("< %r", command)
                if isinstance(command, Notify):
                    self.listeners.tell(command.event)
                else:
                    self._obey(command)
        deadline = self.session.next_deadline
        if deadline is not None and deadline < self._armed:
            self._arm(deadline)

    def _arm(self, deadline: float) -> None:
        self._armed = deadline
        self.host.arm(self._clock.wake_at(deadline), self._ring)

    def _ring(self) -> None:
        # A deadline that moved away left the timer as it was: then this was too early, and nothing is due.
        self._armed = math.inf
        deadline = self.session.next_deadline
        if deadline is None or self._dead:
            return
        if self._clock.reached(deadline):
            self.feed(Tick())
        else:
            self._arm(deadline)

    def _obey(self, command: Command) -> None:
        match command:
            case SendFrame():
                if (link := self._links.get(command.socket)) is not None:
                    link.send(command)
            case Answer() | Refuse():
                if (asked := self._asked.pop(command.request, None)) is not None:
                    asked.settle(command)
            case Save() | Forget():
                if self._saving is None:
                    self._inputs.append(Saved(id=command.id))
                else:
                    self._saving.keep(command)
            case _:
                self._obey_transport(command)

    def _obey_transport(self, command: OpenSocket | CloseSocket | SendRequest | CancelRequest | Notify) -> None:
        match command:
            case OpenSocket():
                self._links[command.socket] = Link(
                    command,
                    transport=self._transport,
                    host=self.host,
                    feed=self.feed,
                    report=self._socket_closed,
                    close_timeout=self.session.policy.close_timeout,
                )
            case CloseSocket():
                if (link := self._links.get(command.socket)) is not None:
                    link.close(command)
            case SendRequest():
                self._requests[command.id] = self.host.spawn(partial(self._request, command))
            case CancelRequest():
                job = self._requests.pop(command.id, None)
                if job is not None and command.id != self._reading:  # who reads lines sees by itself that it may stop
                    job.cancel()
            case Notify():
                self.listeners.tell(command.event)
            case _:
                assert_never(command)

    # --- what the transport and the store report ---

    def _socket_closed(self, report: SocketClosed) -> None:
        self._links.pop(report.socket, None)
        self.feed(report)

    async def _request(self, command: SendRequest) -> None:
        report: Input
        request = RestRequest(
            method=command.method,
            url=command.url.reveal(),
            headers=command.headers,
            body=command.body,
            limit=command.limit,
            progress=partial(self._progressed, command.id) if command.telling == "progress" else None,
            held=command.held,
        )
        try:
            if command.telling == "lines":
                report = await self._lines(command.id, request)
            else:
                response = await self._transport.rest.send(request)
                report = ResponseReceived(
                    id=command.id, status=response.status, body=response.body, headers=response.headers
                )
        except RequestNotAnswered as failed:
            report = RequestFailed(id=command.id, sent=failed.sent, reason=failed.message)
        except DesklineError as wrong:  # the transport is closed, or cannot do what is asked
            report = RequestFailed(id=command.id, sent="no", reason=wrong.message)
        if self._requests.pop(command.id, None) is not None:
            self.feed(report)

    async def _lines(self, id: int, request: RestRequest) -> ResponseReceived:
        """Hand on the lines of an answer as they come, until it ends or is not wanted any more."""
        async with self._transport.rest.stream(request) as lines:
            ended = ResponseReceived(id=id, status=lines.status, headers=lines.headers)
            if ended.is_success:
                count = 0
                async for line in lines:
                    if (count := count + 1) % _LINES_AT_ONCE == 0:  # one read may bring tens of thousands
                        await self.host.checkpoint()
                    self._reading = id
                    self.feed(LineReceived(id=id, text=line))
                    self._reading = 0
                    if id not in self._requests:
                        break
            return ended

    def _progressed(self, id: int, sent: int, total: int) -> None:
        if id in self._requests:  # else it was cancelled
            self.feed(RequestProgressed(id=id, sent=sent, total=total))

    # --- what the app asks ---

    def begin(self, *, background: bool, connect: bool) -> None:
        """Start the chat: nobody waits for the answers."""
        if background:
            self.feed(EnterBackground(request=self.number()))
        if connect:
            self.feed(Open(request=self.number()))

    def number(self) -> int:
        """Return a fresh request number."""
        self._last_number += 1
        return self._last_number

    @property
    def waiting(self) -> list[str]:
        """What callers wait for now, by the names of their requests."""
        return [asked.kind.__name__ for asked in self._asked.values()]

    async def ask(self, request: AppRequest) -> object:
        """Hand in a request, and return its answer.

        Raises what :func:`~deskline_core.errors.refusal_error` gives for a refusal, ChatClosed once the chat is closed,
        IllegalState in a foreign loop or thread. A cancelled call withdraws the request.
        """
        require_here(self.host)
        await self.host.checkpoint()
        if self._closing:
            raise _chat_closed()
        return await self._ask(request)

    async def _ask(self, request: AppRequest) -> object:
        asked = self._asked[request.request] = _Asked(type(request))
        self.feed(cast("Input", request))
        if asked.settled is None:
            asked.signal = self.host.signal()
            try:
                while asked.settled is None:
                    await asked.signal.wait()
            except BaseException:
                if self._asked.pop(request.request, None) is not None:
                    self.feed(Withdraw(request=request.request))
                raise
        match asked.settled:
            case Answer(value=value):
                return value
            case Refuse() as refused:
                raise refusal_error(
                    refused.code,
                    refused.message,
                    refused.hint,
                    remote_code=refused.remote_code,
                    transaction=refused.transaction,
                )
            case closed:
                raise closed

    # --- the end ---

    async def freeze(self) -> Snapshot:
        """Disconnect in order, let the store finish, and handle nothing more; return where the session stands then."""
        require_here(self.host)
        await self.host.checkpoint()
        if self._closing:
            raise _chat_closed()
        self._closing = True
        try:
            await self._rest()
            return self.session.snapshot()
        finally:
            self._die()

    async def _rest(self) -> None:
        policy = self.session.policy
        if not self._dead:
            # The session gives a socket `close_timeout`, and so does the transport.
            await self.host.within(3 * policy.close_timeout, self._disconnect)
        if self._saving is not None:
            await self.host.within(policy.save_timeout, self._saving.all_kept)

    async def aclose(self) -> None:
        """Disconnect in order, let the store finish, stop everything. Bounded by the policy."""
        self._closing = True
        try:
            await self._rest()
        finally:
            self._die()
            await self.host.stop()

    async def _disconnect(self) -> None:
        try:
            await self._ask(Disconnect(request=self.number()))
        except DesklineError as error:
            _logger.debug("closing: %s", error)

    def _die(self) -> None:
        self._closing = self._dead = True
        self.listeners.end()
        while self._asked:
            self._asked.popitem()[1].settle(_chat_closed())


def _chat_closed() -> ChatClosed:
    return ChatClosed("the chat is closed", hint="open a new one")
