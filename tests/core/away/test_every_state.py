"""From every state of the connection, and of a chat: away and back, once and often, for any time, with any loss.

Nobody is at the other end but a far side that answers well from the return on, so that states come by in which a whole
talk never stays. By default every fourth absence is tried, another part in each state; all of them in the slow runs.
"""

from itertools import product
from typing import Any

import pytest

from deskline.testing.playbook import Playbook
from deskline_core import inputs as i
from deskline_core.brightpattern.chat_table import LIVE, TERMINAL
from deskline_core.brightpattern.chat_table import ChatStage as B
from deskline_core.brightpattern.connection_table import ConnectionState as P
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.lifecycle import Intent
from deskline_core.model import PushNetwork
from deskline_core.policy import Backoff, Policy
from deskline_core.values import Secret
from tests.core.brightpattern import alone as polls
from tests.core.brightpattern.standing import at_stage
from tests.core.brightpattern.standing import reach as reach_polls
from tests.core.cxone import alone as sockets

JUMPS = (0, 60, 5 * 3600)
LOSSES = ("", "reported", "unreported")
OFTEN = {
    "once": (i.EnterBackground,),
    "often": (i.EnterBackground, i.EnterActive, i.EnterBackground, i.EnterBackground, i.EnterActive, i.EnterBackground),
    "not at all": (),
}
GRACES = (0.0, 30.0)
ABSENCES = [*product(OFTEN, JUMPS, LOSSES, (0,)), *product(OFTEN, (60,), LOSSES, (1,))]
STRIDE = 4
STRIDES = [pytest.param(STRIDE, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
Absence = tuple[str, int, str, int]


def absences(stride: int, place: int, grace: float) -> list[Absence]:
    """Return every so many absences; where to begin depends on the place of a state among the others."""
    return ABSENCES[(place + GRACES.index(grace)) % stride :: stride]


def policy(grace: float) -> Policy:
    """Return a policy with short pauses."""
    return Policy(background_grace=grace, backoff=Backoff(first=1.0, jitter=(0.0, 0.0), growth=1.0))


def lose_requests(chat: Playbook, loss: str) -> set[int]:
    """Let every open request fail, or be open for ever; return the numbers of those."""
    for number in list(chat.calls):
        if loss == "reported" and chat.calls.pop(number, None) is not None:
            chat.put(i.RequestFailed(id=number, sent="maybe", reason="cut"))
    return set(chat.calls)


def names(chat: Playbook, lost: set[int]) -> list[str]:
    """Return the names of the open requests that may be answered."""
    return [chat.name_of(request) for number, request in chat.calls.items() if number not in lost]


# --- a session with a socket ---


class Sockets:
    """What answers a CXone session from the return on: as it should, but nothing of what was lost."""

    def __init__(self, chat: sockets.Alone) -> None:
        self.chat = chat
        self.dead: set[int] = set()
        self.lost: set[int] = set()
        self.said: set[str] = set()
        self.has_ended = False

    def lose(self, loss: str) -> None:
        """Everything that is open is lost; told, or not."""
        chat, line = self.chat, self.chat.leaf.line
        self.lost = lose_requests(chat, loss)
        for socket in {line._draining, line.socket if line._pending_url is None else None} - {None}:
            self.dead.add(socket)
            if loss == "reported":
                chat.closed(socket=socket)

    def answer(self) -> None:
        """Answer everything that is asked by now."""
        chat, line = self.chat, self.chat.leaf.line
        for _ in range(50):
            chat.saved()
            for name in names(chat, self.lost):
                if name in names(chat, self.lost):
                    chat.reply(name)
            if line._draining is not None:
                chat.closed(1000, socket=line._draining)
            if line.socket is None or line.socket in self.dead or line._pending_url is not None:
                continue
            if not line.is_open:
                chat.opened()
            for exchange in list(line.exchanges.values()):
                if exchange.event_id not in self.said:
                    self.said.add(exchange.event_id)
                    chat.hear(self.reply_to(exchange))
            if chat.leaf.connection.state is S.ENDING:
                chat.hear(sockets.case_changed("closed"))
                self.has_ended = True

    @property
    def was_connected(self) -> bool:
        """Whether the chat had been ready, so that it goes on by itself."""
        return bool(self.chat.leaf.connection.connected_before)

    def reply_to(self, exchange: Any) -> dict[str, Any]:
        """Return the answer to one request on the socket."""
        id = exchange.event_id
        has_thread = sockets.THREAD in self.chat.session.threads and not self.has_ended
        data: dict[str, Any] | None = {}
        kind = {
            "AuthorizeCustomer": "ConsumerAuthorized", "ReconnectConsumer": "ConsumerReconnected",
            "RecoverThread": "ThreadRecovered", "RecoverLivechat": "LivechatRecovered",
            "FetchThreadList": "ThreadListFetched", "LoadThreadMetadata": "ThreadMetadataLoaded",
        }.get(exchange.kind)  # fmt: skip
        if kind is None:
            return {"eventId": id}
        if "Recover" in exchange.kind:
            data = sockets.recovered_thread() if has_thread else {"messages": []}
            if not has_thread and exchange.kind == "RecoverThread":
                return {"eventId": id, "error": {"errorCode": "RecoveringThreadFailed", "errorMessage": ""}}
        if exchange.kind == "FetchThreadList":
            listed = {"id": "1", "idOnExternalPlatform": sockets.THREAD, "canAddMoreMessages": True}
            data = {"threads": [listed] if has_thread else []}
        return {"eventId": id, "postback": {"eventType": kind, "data": data}}

    def live_on(self, seconds: float) -> None:
        """Let time pass with a far side that answers at once."""
        chat, end = self.chat, self.chat.now + seconds
        self.answer()
        while (due := chat.session.next_deadline) is not None and due <= end:
            chat.now = max(chat.now, due)
            if "frame heartbeat" in chat.put(i.Tick()) and chat.leaf.line.socket not in self.dead:
                chat.hear('{"eventId":"pong"}')
            self.answer()
        chat.now = end


NOT_WANTED = {S.INITIAL: S.INITIAL, S.CONFIGURATION: S.PREPARED, S.VISITOR: S.PREPARED, S.PREPARED: S.PREPARED}
OVER = {S.SIGNING_OUT: S.INITIAL, S.UNSUPPORTED: S.UNSUPPORTED}
LIVE_ONLY = (S.OFFLINE, S.AVAILABILITY, S.ENDING, S.ERRAND_TOKEN, S.ERRAND_SOCKET, S.ERRAND_AUTHORIZING, S.ERRAND)


LEGACY_ONLY = (S.AUTHORIZING, S.ERRAND_AUTHORIZING)
SECURED_ONLY = (S.TOKEN, S.ERRAND_TOKEN)
STANDINGS = [
    (state, mode, secured)
    for state, mode, secured in product(S, ("single", "multi", "live"), (False, True))
    if (mode == "live" or state not in LIVE_ONLY)
    and state not in (LEGACY_ONLY if secured else SECURED_ONLY)
    and not (mode == "live" and state is S.TOKEN)  # there is always an availability before it
]
"""Every state of the connection, in every mode and style that stays in it."""


def away_and_back(chat: Any, far: Any, often: str, jump: float, loss: str, pause: float) -> None:
    """Leave, sleep with that loss, and come back."""
    was_wanted = chat.leaf.presence.intent == Intent.WANTED
    for kind in OFTEN[often]:
        chat.ask(kind)
    if pause:
        far.live_on(pause)
    if loss:
        far.lose(loss)
    chat.now += jump
    chat.put(i.Tick())
    chat.ask(i.EnterActive)
    far.live_on(60)
    if was_wanted and chat.session.state in ("initial", "prepared", "lost") and not far.was_connected:
        chat.ask(i.Open)  # the first attempt of a connect is not tried again by itself (S8, S20, S22, D605, D616)
    far.live_on(60)
    unsettled = [number for number in range(1, chat.asked + 1) if chat.session.requests.is_open(number)]
    assert not unsettled
    due = chat.session.next_deadline
    assert due is None or due > chat.now


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("grace", GRACES)
@pytest.mark.parametrize(("state", "mode", "secured"), STANDINGS)
def test_a_session_with_a_socket_gets_where_it_should(
    state: S, mode: Any, secured: bool, grace: float, stride: int
) -> None:
    for absence in absences(stride, STANDINGS.index((state, mode, secured)), grace):
        chat = sockets.reach(state, mode, secured=secured, policy=policy(grace))
        far = Sockets(chat)
        away_and_back(chat, far, *absence)
        assert chat.state is (NOT_WANTED | OVER).get(state, S.SERVING), absence
        for thread in chat.session.threads.values():
            assert thread.state == ("ended" if far.has_ended else "open"), absence


# --- a session that polls ---


class Polls:
    """What answers a Bright Pattern session from the return on, about the chat that it has."""

    def __init__(self, chat: polls.Alone) -> None:
        self.chat = chat
        stage = chat.leaf.desk.current.leaf
        self.stage = "queued" if stage == B.REQUESTING else str(stage)
        self.has_ended = stage in TERMINAL
        self.is_ending = False
        self.lost: set[int] = set()

    def lose(self, loss: str) -> None:
        """Every request is lost; told, or not."""
        self.lost = lose_requests(self.chat, loss)

    def answer(self, *, polls_too: bool = False) -> None:
        """Answer everything that is asked by now; a poll only if it is time, or if there is something to tell."""
        chat = self.chat
        for _ in range(50):
            chat.saved()
            for name in names(chat, self.lost):
                if name in names(chat, self.lost) and (name != polls.POLL or polls_too or self.is_ending):
                    self.reply(name)
            polls_too = False

    def reply(self, call: str) -> None:
        """Answer one request."""
        chat = self.chat
        if self.has_ended and call in (polls.POLL, polls.HISTORY, polls.SEND):
            chat.deny(call, "5005")
        elif call == polls.SEND:
            self.is_ending = self.is_ending or "chat_session_end" in chat.sent(call).body.decode().replace("ended", "")
            chat.reply(call)
        elif call == polls.POLL:
            self.has_ended, is_last = self.is_ending, self.is_ending
            self.is_ending = False
            chat.hear(*([polls.ENDED] if is_last else []))
        else:
            chat.reply(call, self.body(call), status=404 if call == "GET active" else 200)

    def body(self, call: str) -> Any:
        """Return what an answer says."""
        word = {B.SCRIPTED: "ivr", B.WRAPPING: "connected"}.get(self.stage, self.stage)  # type: ignore[call-overload]
        known = word if self.stage in LIVE else "connected"
        return {
            "GET parameters": {"parameters": []},
            "GET availability": {"chat": "available"},
            "GET active": {"error_code": "5005"},
            "POST chats": {"chat_id": polls.CHAT, "state": known, "is_new_chat": True},
            polls.HISTORY: {"events": [polls.joined(), polls.status(known)]},
        }.get(call, {})

    def live_on(self, seconds: float) -> None:
        """Let time pass with a far side that holds a poll for ten seconds, and answers the rest at once."""
        chat, end = self.chat, self.chat.now + seconds
        self.answer()
        while chat.now < end:
            due, held = chat.session.next_deadline, chat.now + 10
            if due is not None and due <= min(held, end):
                chat.now = max(chat.now, due)
                chat.put(i.Tick())
                self.answer()
            else:
                chat.now = min(held, end)
                self.answer(polls_too=held <= end)

    @property
    def was_connected(self) -> bool:
        """Whether the chat had been ready, so that it goes on by itself."""
        return self.chat.leaf.connection.served_before


P_ENDS = {P.INITIAL: P.INITIAL, P.PREPARED: P.PREPARED, P.SIGNING_OUT: P.INITIAL}


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("grace", GRACES)
@pytest.mark.parametrize("state", P)
def test_a_session_that_polls_gets_where_it_should(state: P, grace: float, stride: int) -> None:
    for absence in absences(stride, list(P).index(state), grace):
        chat = reach_polls(state, policy=policy(grace))
        away_and_back(chat, Polls(chat), *absence)
        assert chat.leaf.connection.state == P_ENDS.get(state, P.SERVING), absence


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("grace", GRACES)
@pytest.mark.parametrize("pushes", [False, True])
@pytest.mark.parametrize("stage", B)
def test_a_chat_that_is_polled_is_in_the_end_what_the_far_side_says(
    stage: B, pushes: bool, grace: float, stride: int
) -> None:
    for absence in absences(stride, list(B).index(stage) + 2 * pushes, grace):
        chat = at_stage(stage, policy=policy(grace))
        if pushes:
            chat.ask(i.RegisterDevice, token=Secret("device"), network=PushNetwork.FIREBASE_ANDROID, app="app")
            if "POST notifications" in chat.open_calls():
                chat.reply("POST notifications", {})
        far = Polls(chat)
        away_and_back(chat, far, *absence)
        current = chat.leaf.desk.current
        assert chat.leaf.connection.state == P.SERVING, absence
        if stage == B.ENDING:
            assert current.leaf == B.ENDED, absence
        else:
            assert current.leaf == (B.QUEUED if stage == B.REQUESTING else stage), absence
        assert current.is_over or current.leaf == B.IDLE or polls.POLL in chat.open_calls(), absence
