"""Whole visits on Bright Pattern, recorded: they replay as they went, tell nothing they should not, can be drawn."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any, Literal

import pytest

from deskline_center import controls as center
from deskline_center.brightpattern import BrightPatternChannel, IceServer
from deskline_center.brightpattern import controls as bright
from deskline_core import inputs as i
from deskline_core.course import trace
from deskline_core.diagram import sequence
from deskline_core.events import FormRequested, MessageReceived
from deskline_core.journal import Recorder, verify
from deskline_core.model import Location, PushNetwork, SignalKind, Upload
from deskline_core.session import Session
from deskline_core.values import Secret
from tests.core.mermaid import check_sequence
from tests.core.recorded import Recorded
from tests.pair import SEED

CHANNEL = BrightPatternChannel(
    id="harbour-chat",
    ice_servers=(IceServer(url="turn:turn.center.test", username="u", credential="swordfish-canary-1"),),
)
WORDS = ("gout", "Jolanthe", "Ostermann", "jo@mail.example")
"""What tells of people: it stands in no journal where texts are hashed."""
SECRETS = ("swordfish-canary-1", "device-canary-2", "canary-of-a-place")
PLACE = Location(latitude=52.5234, longitude=13.4114, url="https://maps.example/?q=gout")
LETTER = Upload(name="gout.pdf", content=b"about my gout", mime_type="application/pdf")


def visit(chat: Recorded) -> None:
    """Ask, be answered, send a file and a place, lose a poll, be warned and stay, wrap up with a survey."""
    chat.do(i.RegisterDevice, token=Secret("device-canary-2"), network=PushNetwork.FIREBASE_ANDROID)
    chat.do(i.SetCustomer, id="customer-7", first_name="Jolanthe", last_name="Ostermann")
    chat.do(i.Open)
    chat.advance(1)
    chat.ask(i.FetchIceServers)
    thread = chat.ask(i.StartThread, answers=(("email", "jo@mail.example"),))
    chat.advance(1)
    chat.on(center.AgentJoins())
    chat.on(center.AgentSays(text="Is it <b>gout</b>, Jolanthe? \u00e4 \U0001f600"))
    chat.do(i.StartTyping, thread=thread)
    chat.ask(i.SendMessage, thread=thread, text="Yes, gout & <toe>\nsince Tuesday")
    chat.advance(35)
    chat.do(i.MarkRead, thread=thread)
    chat.ask(i.SendMessage, thread=thread, text="this gout", attachments=(LETTER,))
    chat.ask(i.SendLocation, thread=thread, location=PLACE)
    chat.advance(1)
    chat.on(bright.SendLocation(latitude="48.1371", longitude="11.5754", url="https://maps.example/gout"))
    chat.on(center.Lose(match="poll"))
    chat.on(center.AgentTypes())
    chat.on(center.AgentSays(text="A lost word about gout"))
    chat.advance(10)
    chat.lose()
    chat.advance(10)
    chat.on(center.WarnInactive(seconds=60))
    chat.do(i.AnswerInactivity, thread=thread, stay=True)
    chat.on(bright.SetCase())
    chat.advance(2)
    chat.ask(i.WrapUp, thread=thread)
    chat.advance(1)
    form = chat.told(FormRequested)[-1].form
    chat.ask(i.SubmitForm, thread=thread, form=form.id, data=(("service", "1"), ("remark", "my gout")))
    chat.advance(5)
    chat.do(i.Disconnect)
    chat.advance(3)


def calls(chat: Recorded) -> None:
    """Signals of a call and of a common browsing both ways, buttons and files in a text, edits, and nonsense."""
    chat.do(i.Open)
    chat.advance(1)
    thread = chat.ask(i.StartThread)
    chat.on(center.AgentJoins())
    chat.on(bright.SendSignal(data={"type": "OFFER_CALL", "sdp": "v=0 gout", "more": {"of": {"it": "Jolanthe"}}}))
    party = chat.thread.parties[-1].id
    answer = json.dumps({"type": "ANSWER_CALL", "sdp": "v=0 Ostermann \u00e4", "more": {"of": "gout"}})
    chat.do(i.SendSignal, thread=thread, kind=SignalKind.CALL, data=answer, party=party)
    chat.on(bright.RequestCobrowsing())
    chat.do(i.SendSignal, thread=thread, kind=SignalKind.COBROWSING_STARTED,
            data='{"provider_type":"SURFLY","cobrowsing_url":"https://surfly.example/gout"}')  # fmt: skip
    chat.do(i.SendSignal, thread=thread, kind=SignalKind.CALL, data="no JSON about gout", party=party)
    chat.on(center.AgentSays(text="Which gout? /buttons [Left gout][Right gout] /attachment https://cdn.example/a.png"))
    chat.on(center.AgentRewrites(text="Which gout did I mean?"))
    chat.on(bright.SendEvents(events=({"event": "chat_session_file_url", "file_url": "https://cdn.example/gout.png",
                                       "file_type": "image", "party_id": party},)))  # fmt: skip
    chat.on(bright.SendEvents(events=({"event": "chat_session_location", "latitude": 95.5, "longitude": 13},
                                      {"event": "chat_session_new", "msg": "gout"}, {"event": 5})))  # fmt: skip
    chat.on(bright.ShowForm(name="card", secure=True))
    chat.do(i.CancelForm, thread=thread, form=chat.told(FormRequested)[-1].form.id)
    chat.on(bright.ShowForm(name=""))
    chat.do(i.SendMessage, thread=thread, text="free text about gout")
    chat.advance(1)
    chat.do(i.SendLocation, thread=thread, text="nowhere", location=Location(latitude=95.5, longitude=1.0))
    chat.do(i.FetchPhoto, thread=thread, party=party)
    chat.do(i.NotePush, conversation=thread)
    chat.on(center.Fail(match="poll", status=503, times=2))
    chat.advance(30)
    chat.do(i.EnterBackground)
    chat.advance(60)
    chat.do(i.EnterActive)
    chat.advance(5)
    chat.do(i.EndThread, thread=thread)
    chat.advance(5)
    chat.do(i.SignOut)
    chat.advance(5)


def downloads(chat: Recorded) -> None:
    """Files of the agent's: one that the center keeps, one that it keeps no more, one at an address, and a picture."""
    chat.do(i.Open)
    chat.advance(1)
    thread = chat.ask(i.StartThread)
    chat.on(center.AgentJoins())
    letter = b64encode(b"about your gout, Jolanthe").decode()
    chat.on(center.AgentSays(text="1", attachments=({"content": letter, "friendlyName": "gout.txt"},)))
    kept = chat.told(MessageReceived)[-1].message.id
    chat.on(center.AgentSays(attachments=({"url": "http://localhost:8080/my%20gout%C3%A4?sig=canary-of-a-place"},)))
    elsewhere = chat.told(MessageReceived)[-1].message.id
    assert chat.ask(i.FetchFile, thread=thread, message=kept).content == b"about your gout, Jolanthe"
    chat.on(center.Fail(match="file", code="5502"))
    assert chat.refused(i.FetchFile, thread=thread, message=kept) == "refused_by_center"
    assert chat.refused(i.FetchFile, thread=thread, message=elsewhere) == "refused_by_center"
    chat.ask(i.FetchPhoto, thread=thread, party=chat.thread.parties[-1].id)
    chat.on(center.AgentSays(text="Better? /attachment https://cdn.example/gout%2Fb?token=canary-of-a-place, image it"))
    assert chat.told(MessageReceived)[-1].message.attachments[0].mime_type == "image/*"
    chat.do(i.SignOut)
    chat.advance(5)


STORIES: tuple[Callable[[Recorded], None], ...] = (visit, calls, downloads)
V1: tuple[Any, ...] = (False, True)


def recorded(story: Callable[[Recorded], None], texts: Literal["plain", "hashed"] = "plain") -> Recorded:
    chat = Recorded(CHANNEL, texts=texts)
    story(chat)
    return chat


@pytest.mark.parametrize("texts", ["plain", "hashed"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.__name__))
def test_a_visit_replays_as_it_went(story: Callable[[Recorded], None], texts: Literal["plain", "hashed"]) -> None:
    chat = recorded(story, texts)
    report = verify(chat.lines)
    assert (report.fault, report.commands) == ("", len(chat.log))
    assert len(chat.told(MessageReceived)) >= 3


@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.__name__))
def test_a_journal_tells_no_secret_and_where_hashed_nothing_of_people(story: Callable[[Recorded], None]) -> None:
    plain = "\n".join(recorded(story).lines)
    hashed = "\n".join(recorded(story, "hashed").lines)
    assert [word for word in SECRETS if word in plain or word in hashed] == []
    assert "gout" in plain
    assert [line for line in hashed.splitlines() if any(word in line for word in WORDS)] == []
    assert [word for word in ("52.5234", "48.1371", "SURFLY") if word in hashed] == []


@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.__name__))
def test_a_visit_can_be_drawn(story: Callable[[Recorded], None]) -> None:
    lines = recorded(story).lines
    check_sequence(sequence(lines))
    assert "socket" not in trace(lines).lanes


def test_a_picture_shows_posts_and_answers_by_their_events_and_counts_idle_polls() -> None:
    drawn = sequence(recorded(visit).lines)
    for line in (
        "session->>rest: POST chats",
        "session->>rest: POST events message",
        "agent->>rest: says ",
        "session->>rest: GET history",
        "rest-->>session: party_left, form_show, to GET events",
        "idle polls",
    ):
        assert line in drawn
    assert "session->>rest: GET events" not in drawn


def test_a_short_device_token_replays_and_stands_in_no_header_when_it_is_restored() -> None:
    chat = Recorded(CHANNEL)
    chat.do(i.RegisterDevice, token=Secret("tok-9"), network=PushNetwork.FIREBASE_ANDROID)
    chat.do(i.Open)
    chat.advance(1)
    assert verify(chat.lines).fault == ""
    session = Session(chat.site, seed=SEED, restored=chat.session.snapshot())
    assert "tok-9" not in Recorder(session).header()
