"""Every secret that a run meets is a canary: no ``repr``, ``str`` or text of anything that leaves a session shows it.

What is sent to where it belongs (URLs, bodies, frames) holds secrets, of course; those fields show their size only.
"""

import copy
import logging
import pickle
import traceback
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec
import pytest

from deskline_center import Center
from deskline_center import controls as k
from deskline_center.brightpattern import BrightPatternChannel, IceServer
from deskline_center.brightpattern import controls as bright
from deskline_core import commands as c
from deskline_core import errors
from deskline_core import inputs as i
from deskline_core.brightpattern.site import BrightPattern
from deskline_core.errors import RefusalCode, refusal_error
from deskline_core.events import CustomerIdentified, FormRequested, UndecodableReceived, UnknownReceived
from deskline_core.model import Location, PushNetwork, SignalKind, Upload
from deskline_core.values import Secret
from tests.core.recorded import Recorded
from tests.playbook import Chat

SEED = b"CANARY-seed-that-nobody-may-see"
LOGIN = ("CANARY-code-0123456789", "CANARY-verifier-0123456789")
IMPLICIT = ("CANARY-token-of-the-app",)
DEVICE = "CANARY-device-0123456789"
ICE = ("CANARY-credential-0123", "CANARY-credential-4567")
WORD = "CANARYtext"
"""What every text of a person's holds on Bright Pattern. The name for a call's server is none, nor a secret (3.15)."""


class Aviary(Chat):
    """A chat that keeps everything that goes in and out, and knows the secrets of its center."""

    def __init__(self, *args: Any, **rest: Any) -> None:
        self.everything: list[object] = []
        super().__init__(*args, seed=SEED, **rest)
        handle = self.session.handle

        def watched(input: i.Input, *, now: float) -> list[c.Command]:
            commands = handle(input, now=now)
            self.everything += [input, *commands]
            return commands

        self._handle = watched
        self.session = _Watched(self.session, watched)  # type: ignore[assignment]

    def secrets(self) -> set[str]:
        """Every token that the center gave, every signed URL, and the seed."""
        found = {SEED.decode(), SEED.hex(), "=CANARY-signature", *LOGIN, *IMPLICIT, DEVICE}
        for thing in self.everything:
            if isinstance(thing, c.SendRequest | c.OpenSocket):
                url = thing.url.reveal()
                found.add(url)
                found |= {part.partition("=")[2] for part in url.partition("?")[2].split("&")}
                found |= {value.rpartition("=")[2] for name, value in headers_of(thing) if name in SECRET_HEADERS}
            if isinstance(thing, i.ResponseReceived | i.FrameReceived):
                text = thing.body.decode() if isinstance(thing, i.ResponseReceived) else thing.text
                found |= set(_tokens(text))
        return {secret for secret in found if len(secret) >= 12 and not secret.startswith("chat_")} - self._public()

    def _public(self) -> set[str]:
        vendor: Any = self.session._vendor
        identity = vendor.identity
        named = {event.customer for event in self.told(CustomerIdentified)}
        return {identity.customer, identity.visitor, identity.destination, self.site.channel_id} | named


class BrightAviary(Recorded):
    """The same on Bright Pattern: its secrets are where pushes go, what opens the servers for calls, and the seed."""

    def __init__(self, texts: Literal["plain", "hashed"] = "plain", version: Literal["v1", "v2"] = "v2") -> None:
        servers = (IceServer(url="turn:turn.center.test", username="1780:kit", credential=ICE[0]),)
        self.everything: list[object] = []
        channel = BrightPatternChannel(id="harbour-chat", ice_servers=servers)
        center = Center(base_url="http://localhost:8080", channels=[channel])
        site = BrightPattern(url="http://localhost:8080", app_id=channel.id, version=version)
        super().__init__(channel, texts=texts, seed=SEED, center=center, site=site)
        handle = self.session.handle

        def watched(input: i.Input, *, now: float) -> Sequence[c.Command]:
            commands = handle(input, now=now)
            self.everything += [input, *commands]
            return commands

        self.session = _Watched(self.session, watched)  # type: ignore[assignment]

    def secrets(self) -> set[str]:
        """All that was hidden in this run."""
        return {SEED.decode(), SEED.hex(), DEVICE, DEVICE + "-2", ICE[0], ICE[1]}


SECRET_HEADERS = ("cookie", "authorization")


def headers_of(command: c.SendRequest | c.OpenSocket) -> tuple[tuple[str, str], ...]:
    """Return the headers of a request; a socket has none of ours."""
    return command.headers if isinstance(command, c.SendRequest) else ()


class _Watched:
    def __init__(self, session: Any, handle: Any) -> None:
        self._session = session
        self.handle = handle

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def _tokens(text: str) -> Iterator[str]:
    try:
        tree = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return
    yield from _walk(tree)


def _walk(tree: object, name: str = "") -> Iterator[str]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _walk(value, str(key))
    elif isinstance(tree, list):
        for value in tree:
            yield from _walk(value, name)
    elif isinstance(tree, str) and _is_secret(name.lower(), tree):
        yield tree


def _is_secret(name: str, text: str) -> bool:
    return any(word in name for word in ("token", "url", "secret")) and "scroll" not in name and "image" not in text


def flow(chat: Aviary) -> None:
    """Do everything that meets a secret: tokens, reconnects, downloads, failures, sign out."""
    thread = chat.conversation()
    chat.control(k.ViaUrl(match="MessageCreated"))
    chat.control(k.AgentJoins())
    chat.control(k.AgentSays(text="long"))
    chat.control(k.AgentSays(text="short"))
    bait = "http://evil.example.test/x?X-Amz-Signature=CANARY-signature"
    data = {"s3Object": {"url": bait}, "originEvent": {"eventType": "x"}}
    chat.control(k.SendPush(event_type="EventInS3", data=data))
    chat.control(k.AgentStreams(url=bait))
    chat.control(k.AgentStreams(pieces=("On its ", "way."), seconds=0.1))
    chat.control(k.AgentSays(text="very long", partial=True))
    chat.advance(1)
    chat.hear('{"eventType":"EventInS3","data":{"s3Object":{"url":"https://evil.example.test/x?sig=CANARY-signature"')
    chat.control(k.ExpireTokens())
    chat.lose()
    chat.back()
    chat.control(k.Fail(match="rest:large-event", status=403))
    chat.control(k.ViaUrl(match="MessageCreated"))
    chat.control(k.AgentSays(text="unreachable"))
    chat.advance(700)
    chat.lose()
    chat.control(k.Fail(match="rest:token", status=500, times=2))
    chat.control(k.Fail(match="handshake", status=401, times=1))
    chat.advance(120)
    chat.store_fails = True
    chat.lose() if chat.state == "ready" else None
    chat.advance(120)
    chat.store_fails = False
    chat.do(i.SendMessage, thread=thread, text="one more")
    chat.do(i.SignOut)
    chat.advance(5)


def login_flow(chat: Aviary) -> None:
    """Do everything that meets the secrets of a login: use it, renew it, lose it, be asked, use another, sign out."""
    code, verifier = map(Secret, LOGIN)
    chat.do(i.Authenticate, code=code, verifier=verifier)
    chat.do(i.RegisterDevice, token=Secret(DEVICE))
    thread = chat.conversation()
    chat.advance(80)
    chat.lose()
    chat.back()
    chat.control(k.Fail(match="RefreshToken"))
    chat.control(k.Fail(match="rest:token", status=503))
    chat.advance(80)
    chat.do(i.SendMessage, thread=thread, text="one more")
    chat.control(k.ExpireTokens())
    chat.advance(200)
    chat.do(i.Authenticate, token=Secret(IMPLICIT[0]))
    chat.advance(5)
    chat.control(k.ExpireTokens())
    chat.do(i.Authenticate, code=code)
    chat.lose() if chat.state == "ready" else None
    chat.control(k.Fail(match="rest:token", status=401, code="refused"))
    chat.advance(60)
    chat.do(i.SignOut)
    chat.advance(5)


def bright_flow(chat: BrightAviary) -> None:
    """Do everything that meets a secret or a text on Bright Pattern: also what is refused, lost, broken, and late."""
    chat.do(i.RegisterDevice, token=Secret(DEVICE), network=PushNetwork.FIREBASE_ANDROID)
    chat.do(i.RegisterDevice, token=Secret(f"{DEVICE}-2"), network=PushNetwork.APNS)  # lacks the app
    chat.do(i.Open)
    chat.advance(1)
    chat.do(i.FetchIceServers)
    chat.control(k.Fail(match="ice-servers", status=500, times=9))
    chat.do(i.FetchIceServers)
    chat.advance(20)
    thread = chat.ask(i.StartThread, answers=(("remark", WORD),))
    chat.control(k.Fail(match="notifications", status=406))
    chat.do(i.RegisterDevice, token=Secret(f"{DEVICE}-2"), network=PushNetwork.APNS, app="com.acme.chat")
    chat.on(k.AgentJoins())
    chat.on(k.AgentSays(text=f"{WORD} /buttons [{WORD}]"))
    chat.do(i.PreviewText, thread=thread, text=WORD)
    chat.on(k.Fail(match="send", status=500))
    for text in (WORD, "", WORD * 9999):
        chat.do(i.SendMessage, thread=thread, text=text, postback=text and "d-17")
    chat.do(
        i.SendMessage,
        thread=thread,
        text=WORD,
        attachments=(Upload(name="a.txt", content=WORD.encode(), mime_type="text/plain"),),
    )
    chat.do(i.SendLocation, thread=thread, text=WORD, location=Location(latitude=99, longitude=1, url=WORD))
    chat.do(i.SendLocation, thread=thread, text=WORD, location=Location(latitude=9, longitude=1, url=WORD))
    chat.advance(30)
    chat.on(bright.SendSignal(data={"type": "OFFER_CALL", "sdp": WORD}))
    for data in ('{"sdp":"%s"}' % WORD, WORD):  # noqa: UP031 - braces
        chat.do(i.SendSignal, thread=thread, kind=SignalKind.CALL, data=data)
    unread = (
        {"event": "chat_session_new", "msg": WORD, "token": ICE[1]},
        {"event": "chat_session_file", "credential": ICE[1]},
    )
    chat.on(bright.SendEvents(events=unread))
    for secure in (True, False):
        chat.on(bright.ShowForm(name="card", secure=secure))
        form = chat.told(FormRequested)[-1].form.id
        chat.do(i.SubmitForm, thread=thread, form=form, data=(("number", WORD), ("number", WORD)))
        chat.on(k.Fail(match="send", status=400))
        chat.do(i.SubmitForm, thread=thread, form=form, data=(("number", WORD),))
    chat.on(bright.ShowForm(name=""))
    chat.do(i.SendMessage, thread=thread, text=WORD)
    chat.lose()
    chat.do(i.SendMessage, thread=thread, text=WORD)
    chat.network = False
    chat.advance(30)
    chat.network = True
    chat.advance(60)
    chat.on(k.WarnInactive(seconds=60))
    chat.do(i.EndThread, thread=thread)
    chat.do(i.SendMessage, thread=thread, text=WORD)
    chat.advance(30)
    chat.store_fails = True
    chat.do(i.RegisterDevice, token=Secret(DEVICE), network=PushNetwork.FIREBASE_IOS)
    chat.do(i.SignOut)
    chat.advance(20)


def bright_runs() -> list[BrightAviary]:
    found = [BrightAviary(), BrightAviary("hashed"), BrightAviary(version="v1")]
    for chat in found:
        bright_flow(chat)
    return found


def runs() -> list[Aviary | BrightAviary]:
    found: list[Aviary | BrightAviary] = [*bright_runs()]
    for session, way in (("legacy", "oauth"), ("secured", "oauth"), ("secured", "cookie")):
        lives = {"access_token_lifetime": 100, "token_lifetime": 60}
        chat = Aviary("single", session, settings={"authentication": way, "message_proof": "required", **lives})
        login_flow(chat)
        found.append(chat)
    for mode in ("single", "multi", "live"):
        for session in ("legacy", "secured"):
            settings = {"anonymous_access_token": True, "token_lifetime": 600}
            chat = Aviary(mode, session, settings=settings)
            flow(chat)
            found.append(chat)
    return found


def shown(thing: object) -> Iterator[str]:
    """Every text that printing, formatting or logging a thing would give."""
    yield repr(thing)
    yield str(thing)
    yield f"{thing}"
    yield "%s %r" % (thing, thing)  # noqa: UP031 - as a logger does it
    yield repr([thing])
    yield logging.LogRecord("x", 10, "x", 1, "%s", (thing,), None).getMessage()


def test_the_runs_meet_secrets() -> None:
    for chat in runs():
        secrets = chat.secrets()
        assert len(secrets) > 5
        assert any("CANARY" in secret for secret in secrets)


def test_nothing_that_goes_in_or_out_shows_a_secret() -> None:
    for chat in runs():
        secrets = chat.secrets()
        assert chat.everything
        for thing in chat.everything:
            for text in shown(thing):
                for secret in secrets:
                    assert secret not in text, f"{type(thing).__name__} shows a secret"


def test_no_event_and_no_refusal_holds_a_secret_in_any_field() -> None:
    for chat in runs():
        secrets = chat.secrets()
        told: list[object] = [e for e in chat.events if not isinstance(e, UnknownReceived | UndecodableReceived)]
        told += chat.refusals.values()
        for thing in told:
            text = msgspec.json.encode(thing).decode()
            for secret in secrets:
                assert secret not in text, f"{type(thing).__name__} holds a secret"


def test_no_error_made_of_a_refusal_shows_a_secret() -> None:
    for chat in runs():
        secrets = chat.secrets()
        for refusal in chat.refusals.values():
            error = refusal_error(
                refusal.code, refusal.message, refusal.hint,
                remote_code=refusal.remote_code, transaction=refusal.transaction,
            )  # fmt: skip
            try:
                raise error
            except errors.DesklineError:
                text = traceback.format_exc()
            assert not [secret for secret in secrets if secret in text + repr(error) + str(error)]


def test_the_session_and_its_parts_show_no_secret() -> None:
    for chat in runs():
        secrets = chat.secrets()
        vendor = chat.session._vendor
        parts = [chat.session._session, vendor, *(getattr(vendor, name) for name in vendor.__slots__), chat.site]  # type: ignore[attr-defined]
        for part in parts:
            text = repr(part) + str(part)
            assert not [secret for secret in secrets if secret in text], type(part).__name__


def test_a_text_on_bright_pattern_shows_in_no_print_and_no_error() -> None:
    for chat in bright_runs():
        vendor = chat.session._vendor
        parts = [vendor, *(getattr(vendor, name) for name in vendor.__slots__)]  # type: ignore[attr-defined]
        outgoing = [*vendor.delivery.outbox]  # type: ignore[attr-defined]
        told = sum(WORD in msgspec.json.encode(event).decode() for event in chat.events)
        assert told >= 3
        for thing in [*chat.everything, *parts, *outgoing]:
            for text in shown(thing):
                assert WORD not in text, f"{type(thing).__name__} shows a text"
        assert {"invalid_value", "refused_by_center", "thread_ended"} <= {it.code for it in chat.refusals.values()}
        for refusal in chat.refusals.values():
            assert WORD not in f"{refusal.message} {refusal.hint}"


def test_a_journal_on_bright_pattern_holds_no_secret_and_where_hashed_no_text() -> None:
    plain, hashed, old = ("\n".join(chat.lines) for chat in bright_runs())
    assert [secret for secret in BrightAviary().secrets() if secret in plain + hashed + old] == []
    assert (WORD in plain, WORD in old, WORD in hashed) == (True, True, False)
    assert "1780:kit" in plain  # the server's name for a client, not what opens it


def test_a_secret_shows_nothing_however_it_is_looked_at() -> None:
    secret = Secret("CANARY")
    assert all("CANARY" not in text for text in shown(secret))
    assert "CANARY" not in f"{secret:>40}{secret!r}{secret!s}{secret!a}"
    for other in (copy.copy(secret), copy.deepcopy(secret), pickle.loads(pickle.dumps(secret))):
        assert other == secret
        assert "CANARY" not in repr(other)
    assert (secret == "CANARY", secret != Secret("x"), bool(Secret("")), hash(secret) == hash(Secret("CANARY"))) == (
        False, True, False, True,
    )  # fmt: skip
    with pytest.raises(TypeError):
        secret + "x"  # type: ignore[operator]
    with pytest.raises(TypeError) as raised:
        msgspec.json.encode(secret)
    assert "CANARY" not in str(raised.value)


def test_a_wrong_seed_is_not_shown_by_the_error() -> None:
    from deskline_core.session import Session

    site = Chat("single").site
    with pytest.raises(ValueError) as raised:
        Session(site, seed=b"CANARY")
    assert "CANARY" not in str(raised.value)


def test_every_refusal_code_has_its_error() -> None:
    for code in RefusalCode:
        error = refusal_error(code, "no", "a hint")
        assert (error.code, str(error)) == (code, "no (a hint)")
