"""Every way to be authorized, against the center: open, talk, outlive the tokens, come back, sign out; its journal."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from deskline_center import Center
from deskline_center.controls import DropSockets, ExpireTokens, IssueLogin, ProactiveAction
from deskline_center.cxone import CXoneChannel, channel_id
from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.events import CustomerIdentified, ErrorReceived, MessageStatusChanged, ReauthenticationNeeded
from deskline_core.journal import verify
from deskline_core.lifecycle import MessageStatus
from deskline_core.policy import Policy
from deskline_core.values import Secret
from tests.core.recorded import Mode, Recorded

BASE = "http://localhost:8080"
VERIFIER = "verifier-0123456789"
WAYS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "anonymous, legacy": ("legacy", "anonymous", {}),
    "anonymous, secured": ("secured", "anonymous", {}),
    "code, legacy": ("legacy", "oauth", {"kind": "code"}),
    "code, secured": ("secured", "oauth", {"kind": "code"}),
    "token, secured": ("secured", "oauth", {"kind": "token"}),
    "cookie": ("secured", "cookie", {"identity_by": "cookie"}),
    "identity token": ("secured", "cookie", {"identity_by": "token"}),
}
REFRESHES = ("union", "third_party", "top_level", "full")
EVERY_WAY = pytest.mark.parametrize("way", WAYS)
EVERY_MODE = pytest.mark.parametrize("mode", ["single", "multi", "live"])


class Visit(Recorded):
    """A recorded session of a channel that goes by one of the ways, with short lives of all tokens."""

    def __init__(self, way: str, mode: Mode = "single", **settings: Any) -> None:
        session, authentication, self.how = WAYS[way]
        self.channel = channel_id(mode, session, authentication)
        given = {"message_proof": "required", "logins": "issued", "unknown_identity": "refuse", **settings}
        channel = CXoneChannel(
            id=self.channel, mode=mode, session=session, authentication=authentication,
            token_lifetime=60, access_token_lifetime=100, **given,
        )  # fmt: skip
        policy = Policy(identity_by=self.how.get("identity_by", "cookie"))
        super().__init__(self.channel, center=Center(base_url=BASE, channels=[channel]), policy=policy)

    @property
    def logs_in(self) -> bool:
        return "kind" in self.how

    def log_in(self, customer: str = "kit") -> None:
        """Let the customer log in elsewhere, and give the session what came of it."""
        kind = self.how["kind"]
        issued = self.operate(IssueLogin(channel=self.channel, customer=customer, kind=kind, verifier=VERIFIER))
        login = {kind: Secret(issued[kind])} | ({"verifier": Secret(VERIFIER)} if kind == "code" else {})
        self.ask(i.Authenticate, **login)

    def operate(self, control: Any) -> dict[str, Any]:
        """Carry out a control; return what came of it."""
        commands = self.center.handle(control, now=self.now)
        self._from_center(commands)
        self.drain()
        value: dict[str, Any] = commands[-1].value  # type: ignore[union-attr]
        return value

    def open(self) -> "Visit":
        """Open the chat, logged in where that is needed."""
        if self.logs_in:
            self.log_in()
        self.do(i.Open)
        assert self.session.state == "ready", self.events
        return self

    def say(self, thread: str, text: str = "hello") -> MessageStatus | None:
        """Send a message; return what is known of it at once."""
        message = self.ask(i.SendMessage, thread=thread, text=text)
        return self.status(message)

    def status(self, message: str) -> MessageStatus | None:
        """Return the newest status of a message."""
        changes = [event.status for event in self.told(MessageStatusChanged) if event.message == message]
        return changes[-1] if changes else None

    @property
    def renewals(self) -> int:
        """How many requests of the session asked for tokens."""
        posts = [x for x in self.log if isinstance(x, c.SendRequest) and "/oauth/token" in x.url.reveal()]
        frames = [x for x in self.log if isinstance(x, c.SendFrame) and '"RefreshToken"' in x.text]
        return len(posts) + len(frames)


@EVERY_WAY
@EVERY_MODE
def test_it_opens_talks_and_is_the_same_customer_when_it_comes_back(way: str, mode: Mode) -> None:
    chat = Visit(way, mode).open()
    thread = chat.ask(i.StartThread)
    assert chat.say(thread) == "delivered"
    who = chat.session._vendor.identity.customer  # type: ignore[attr-defined]
    assert (who == "kit") == chat.logs_in
    chat.operate(DropSockets())
    chat.advance(10)
    assert chat.session.state == "ready"
    assert chat.say(thread, "back") == "delivered"
    again = Recorded(chat.channel, center=chat.center, restored=dict(chat.session.kept), now=chat.now,
                     seed=b"another seed of enough bytes", policy=chat.session.policy)  # fmt: skip
    again.do(i.Open)
    assert again.session.state == "ready", again.events
    assert again.session._vendor.identity.customer == who  # type: ignore[attr-defined]
    assert not again.told(ReauthenticationNeeded)


@EVERY_WAY
def test_tokens_that_end_amid_the_chat_disturb_nobody(way: str) -> None:
    chat = Visit(way).open()
    thread = chat.ask(i.StartThread)
    for _ in range(4):
        assert chat.say(thread) == "delivered"
        chat.advance(70)  # of 100 seconds of an access token, and of 60 of a transaction token
    assert chat.renewals >= 3 or not chat.logs_in
    chat.operate(DropSockets())
    chat.advance(10)
    assert chat.session.state == "ready", chat.events[-3:]
    assert chat.say(thread) == "delivered"
    assert not chat.told(ReauthenticationNeeded)


def test_a_welcome_carries_the_access_token_too() -> None:
    chat = Visit("code, secured").open()
    chat.operate(ProactiveAction(kind="WelcomeMessage", text="Good morning!"))
    assert chat.say(chat.ask(i.StartThread)) == "delivered"
    (welcome,) = [x.text for x in chat.log if isinstance(x, c.SendFrame) and '"SendOutbound"' in x.text]
    assert '"accessToken":{"token":"at.' in welcome
    assert not chat.told(ErrorReceived)


@pytest.mark.parametrize("form", REFRESHES)
def test_a_renewal_in_any_of_its_forms_keeps_the_messages_going(form: str) -> None:
    chat = Visit("code, secured", refresh_answer=form).open()
    thread = chat.ask(i.StartThread)
    chat.advance(100)
    assert chat.say(thread) == "delivered"
    chat.operate(DropSockets())
    chat.advance(10)
    brings_transaction_token = form in ("union", "full")
    assert (chat.session.state == "ready") == brings_transaction_token
    assert bool(chat.told(ReauthenticationNeeded)) == (not brings_transaction_token)


@pytest.mark.parametrize("way", [way for way, (_, kind, _) in WAYS.items() if kind == "oauth"])
def test_who_has_to_log_in_again_is_asked_by_an_event_and_answers_by_a_call(way: str) -> None:
    chat = Visit(way).open()
    thread = chat.ask(i.StartThread)
    assert chat.say(thread) == "delivered"
    chat.operate(ExpireTokens())
    chat.advance(100)
    assert [event.cause for event in chat.told(ReauthenticationNeeded)] != []
    assert len(chat.told(ReauthenticationNeeded)) == 1
    assert chat.session.state == "prepared"
    chat.log_in()
    assert chat.session.state == "ready"
    assert chat.say(thread, "me again") == "delivered"
    assert chat.told(CustomerIdentified)[-1].customer == "kit"


@EVERY_WAY
def test_signing_out_makes_it_a_stranger(way: str) -> None:
    chat = Visit(way).open()
    who = chat.session._vendor.identity.customer  # type: ignore[attr-defined]
    chat.do(i.SignOut)
    chat.advance(1)
    assert chat.session.kept == {}
    chat.do(i.Open)
    chat.advance(1)
    if chat.logs_in:
        assert chat.told(ReauthenticationNeeded)
        chat.log_in("ana")
    assert chat.session.state == "ready"
    assert chat.session._vendor.identity.customer not in ("", who)  # type: ignore[attr-defined]


# --- its journal ---


def life(way: str) -> Visit:
    """Return a visit that met all that has to do with secrets."""
    chat = Visit(way).open()
    thread = chat.ask(i.StartThread)
    chat.say(thread)
    chat.ask(i.RegisterDevice, token=Secret("device-0123456789"))
    chat.advance(150)
    chat.operate(DropSockets())
    chat.advance(20)
    chat.operate(ExpireTokens())
    chat.advance(120)
    chat.operate(DropSockets()) if chat._socket is not None else None
    chat.advance(20)
    if chat.logs_in:
        chat.log_in()
    chat.say(thread, "again")
    chat.do(i.SignOut)
    chat.advance(5)
    return chat


def secrets(chat: Visit) -> Iterator[str]:
    """Yield every token, code and verifier that went in or out."""
    sent = "".join(x.text for x in chat.log if isinstance(x, c.SendFrame))
    asked = "".join(
        x.body.decode() + x.url.reveal() + repr(dict(x.headers)) for x in chat.log if isinstance(x, c.SendRequest)
    )
    kept = "".join(x.value.reveal() for x in chat.log if isinstance(x, c.Save))
    yield from re.findall(r"(?:txn|at|rt|id|ac|jwt)\.[0-9a-f]{8,}", sent + asked + kept)
    yield from (("device-0123456789", VERIFIER) if "code" in chat.how.values() else ("device-0123456789",))


@EVERY_WAY
def test_its_journal_has_no_secret_and_its_replay_takes_the_same_course(way: str) -> None:
    chat = life(way)
    text = "\n".join(chat.lines)
    found = set(secrets(chat))
    assert len(found) > (1 if way == "anonymous, legacy" else 3) - 1
    assert [secret for secret in found if secret in text] == []
    report = verify(chat.lines)
    assert (report.line, report.fault) == (0, "")


@EVERY_WAY
def test_nothing_that_is_shown_of_it_is_secret(way: str) -> None:
    chat = life(way)
    vendor: Any = chat.session._vendor
    parts = [vendor, *(getattr(vendor, name) for name in vendor.__slots__)]
    shown = repr(chat.log) + repr(chat.events) + repr(chat.refusals) + "".join(map(repr, parts))
    shown += repr(vendor.credentials.tokens) + repr(vendor.identity)
    assert [secret for secret in set(secrets(chat)) if secret in shown] == []
