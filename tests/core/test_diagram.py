"""What is drawn is valid whatever the far side sent, the same each time, and says what happened."""

import json
import subprocess
import sys
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from deskline_core import inputs as i
from deskline_core.brightpattern import connection_table as bright_pattern
from deskline_core.brightpattern.connection import CONNECTION as BRIGHT_PATTERN
from deskline_core.brightpattern.conversation import CONVERSATION
from deskline_core.course import Arrow, Note, shorten, trace
from deskline_core.cxone.connection import CONNECTION
from deskline_core.cxone.connection_table import PROJECTION
from deskline_core.cxone.credentials import CREDENTIALS
from deskline_core.cxone.site import CXone
from deskline_core.cxone.thread import THREAD
from deskline_core.diagram import escape, sequence, states
from deskline_core.errors import JournalError
from deskline_core.journal import Recorder
from deskline_core.machine import Machine, Row
from deskline_core.outgoing import MESSAGE
from deskline_core.picture import sequence_svg
from deskline_core.presence import INTENT, VISIBILITY
from deskline_core.session import Session
from tests.core.mermaid import check_sequence, check_states
from tests.core.recorded import CHANNELS, STORIES, Mode, Recorded, Style, pieces, recorded, trouble, visit
from tests.pair import SEED

SITE = CXone(environment="EU1", brand_id=1386, channel_id="chat_1")
MACHINES = [CONNECTION, THREAD, CREDENTIALS, BRIGHT_PATTERN, CONVERSATION, MESSAGE, VISIBILITY, INTENT]
PROJECTIONS = {id(CONNECTION): PROJECTION, id(BRIGHT_PATTERN): bright_pattern.PROJECTION}


def played(*inputs: tuple[float, Any]) -> list[str]:
    """Return the journal of a session that nobody answers."""
    session = Session(SITE, seed=SEED)
    recorder = Recorder(session)
    return [recorder.header(), *(recorder.line(each, at, session.handle(each, now=at)) for at, each in inputs)]


# --- sequences ---


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
@pytest.mark.parametrize(("mode", "style"), CHANNELS)
def test_every_run_is_drawn(story: Any, mode: Mode, style: Style) -> None:
    lines = recorded(story, mode, style).lines
    text = sequence(lines)
    assert len(check_sequence(text)) > 40
    assert sequence(lines) == text


def test_a_visit_shows_who_does_what() -> None:
    text = sequence(recorded(visit, "live", "secured").lines)
    in_order = (
        "participant agent as agent",
        "app->>session: Open",
        "session->>rest: GET channel",
        "rest-->>session: 200 to GET channel",
        "session->>session: save identity",
        "session->>rest: GET availability",
        "session->>rest: POST token",
        "session->>socket: open socket 1",
        "Note over app,session: chat connected",
        "socket-->>session: error RecoveringLivechatFailed",
        "Note over app,session: chat ready",
        "session->>socket: SendMessage",
        "session-->>app: StartThread is done",
        "Note over app,session: thread open",
        "app->>session: SendMessage Where is order 4711? It was to…",
        "session-->>app: message sent",
        "session-->>app: message delivered",
        "agent->>socket: Noor Haas joins",
        "session-->>app: party joined",
        "agent->>socket: types",
        "agent->>socket: says Let me look for it, please",
        "Note over app,session: 24 s later, 3 heartbeats",
        "socket--xsession: closed",
        "Note over app,session: chat connecting, the socket was lost",
        "session->>socket: open socket 2",
        "Note over app,session: thread recovering",
        "session->>rest: GET a document",
        "Note over app,session: 5 s later, 1 heartbeat",
        "session-xsocket: close 1000 leaving",
        "socket--xsession: closed 1000",
    )
    position = -1
    for line in in_order:
        position = text.find(f"    {line}\n", position + 1)
        assert position >= 0, line
    assert "pong" not in text


def test_a_message_in_pieces_is_drawn_piece_by_piece() -> None:
    text = sequence(recorded(pieces, "single", "legacy").lines)
    in_order = ("rest-->>session: a piece", "session-->>app: text appended", "session-->>app: message updated")
    found = [text.index(line) for line in in_order]
    assert found == sorted(found)
    assert "comment" not in text


def test_reports_are_shown_by_what_they_report() -> None:
    text = sequence(recorded(visit, "live", "secured").lines)
    assert "    session->>rest: POST events PageView\n" in text
    assert "    rest-->>session: 200 to POST events PageView\n" in text


def test_trouble_shows_what_failed_and_what_was_tried_again() -> None:
    text = sequence(recorded(trouble, "live", "secured").lines)
    for line in (
        "rest--xsession: GET channel never sent, no network",
        "session->>rest: GET channel, attempt 4",
        "rest--xsession: 503 to GET channel",
        "session--xapp: SendMessage is refused, unknown_thread",
        "socket-->>session: what is no JSON",
        "socket-->>session: NeverSeen",
        "session-->>app: unknown received",
        "socket--xsession: closed 1006",
        "socket--xsession: closed 401",
        "app->>session: the network is back",
        "session->>session: forget credentials",
        "app-xsession: withdraw a request",
    ):
        assert f"    {line}\n" in text
    assert "participant agent" not in text


def test_a_part_of_a_run_is_drawn_as_if_it_began_there() -> None:
    lines = recorded(visit, "live", "secured").lines
    opened = next(number for number, line in enumerate(lines, 1) if "SocketOpened" in line)
    whole, part = sequence(lines), sequence(lines, after=opened)
    check_sequence(part)
    first = next(line for line in part.splitlines() if "participant" not in line and "Diagram" not in line)
    assert "RecoveringLivechatFailed" in first  # neither what came before, nor how long ago
    assert whole.endswith(part[part.index(first) :])
    assert sequence_svg(lines, after=opened).count("<line") < sequence_svg(lines).count("<line")
    assert trace(lines, after=len(lines)).marks == ()
    away = played((1.0, i.EnterBackground(request=1)), (31.0, i.EnterActive(request=2)))
    assert trace(away, after=2).marks[0] == Note(first="app", last="session", text="30 s later")


def test_only_lanes_that_something_happens_on_are_drawn() -> None:
    course = trace(played((1.0, i.EnterBackground(request=1))))
    assert course.lanes == ("app", "session")
    assert course.marks == (
        Arrow(source="app", target="session", text="EnterBackground"),
        Arrow(source="session", target="app", text="EnterBackground is done", is_answer=True),
    )
    assert trace(played()).marks == ()


def test_what_else_can_happen_is_drawn() -> None:
    text = sequence(
        played(
            (1.0, i.Open(request=1)),
            (1.0, i.AwaitReady(request=2)),
            (2.0, i.Withdraw(request=2)),
            (3.0, i.RequestFailed(id=1)),
            (9.0, i.Tick()),
            (9.0, i.RequestFailed(id=77, reason="timed out")),
            (9.0, i.ResponseReceived(id=78, status=404)),
            (9.0, i.SaveFailed(id=5, reason="disk full")),
            (9.0, i.SocketClosed(socket=3, status=403, reason="go; away")),
            (500.0, i.Tick()),
            (500.0, i.SignOut(request=3)),
        )
    )
    check_sequence(text)
    for line in (
        "app-xsession: withdraw AwaitReady",
        "rest--xsession: no answer to GET chat_1",
        "session->>rest: GET chat_1, attempt 2",
        "rest--xsession: no answer to a request, timed out",
        "rest--xsession: 404 to a request",
        "Note over session: not saved, disk full",
        "socket--xsession: closed 403 go#59; away",
        "session-xrest: cancel GET chat_1",
    ):
        assert f"    {line}\n" in text, text


HOSTILE = (
    "a\nsession->>app: forged", "semi;colon; Note over app: x", "#35; %% comment", '"quoted" <b>markup</b> & more',
    "\x1b[31mred\x00\x07", "right\u202eto left", "end", "wrap:nowrap:", "{{curly}} [square] \\n `tick` $$math$$ ~",
    "\u2028\u2029\x85", "lone \ud83d half", "emoji \U0001f600 and ümläut 漢字", "", " ", "-->>", "participant x as y",
    "x" * 5000,
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    frames = (
        text,
        json.dumps(text),
        json.dumps({"eventType": text}),
        json.dumps({"error": {"errorCode": text}}),
        json.dumps({"postback": {"eventType": text}, "eventId": text}),
        json.dumps({"eventId": text}),
        json.dumps([text]),
    )
    reports = [i.FrameReceived(socket=1, text=frame) for frame in frames]
    lines = played(
        (1.0, i.Open(request=1)),
        (1.0, i.SendMessage(request=2, thread=text, text=text)),
        *((1.0, report) for report in reports),
        (1.0, i.SocketClosed(socket=1, reason=text)),
        (1.0, i.SaveFailed(id=1, reason=text)),
        (1.0, i.RequestFailed(id=1, reason=text)),
    )
    drawn = check_sequence(sequence(lines))
    assert max(map(len, drawn)) < 400
    assert len([line for line in drawn if line.startswith("    socket-->>session")]) == len(frames)


def test_a_run_as_svg_is_plain_and_whole() -> None:
    lines = recorded(trouble, "live", "secured").lines
    course = trace(lines)
    text = sequence_svg(lines)
    assert sequence_svg(lines) == text
    root = ET.fromstring(text)
    assert {element.tag.partition("}")[2] for element in root.iter()} == {"svg", "rect", "line", "path", "text"}
    shown = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert shown[: len(course.lanes)] == ["app", "session", "REST", "socket"]
    assert [text.strip("()") for text in shown[len(course.lanes) :] if text] == [
        mark.text.strip("()") for mark in course.marks
    ]
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for element in root.iter():
        for name, most in (("x", width), ("x1", width), ("x2", width), ("y", height), ("y1", height), ("y2", height)):
            assert 0 <= float(element.attrib.get(name, 0)) <= most
    crosses = [element for element in root.iter() if "stroke" in element.attrib and "d" in element.attrib]
    assert len(crosses) == len([mark for mark in course.marks if isinstance(mark, Arrow) and mark.fails])


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_svg(text: str) -> None:
    lines = played(
        (1.0, i.Open(request=1)),
        (1.0, i.SendMessage(request=2, thread="t", text=text)),
        (1.0, i.FrameReceived(socket=1, text=json.dumps({"eventType": text}))),
        (1.0, i.SaveFailed(id=1, reason=text)),
    )
    root = ET.fromstring(sequence_svg(lines))
    assert {element.tag.partition("}")[2] for element in root.iter()} <= {"svg", "rect", "line", "path", "text"}


def test_hostile_words_of_an_agent_stay_words() -> None:
    chat = Recorded("chat_00000000-0000-4000-8000-000000000031")
    chat.do(i.Open)
    chat.advance(1)
    chat.ask(i.StartThread)
    from deskline_center.controls import AgentJoins, AgentLeaves, AgentSays

    chat.on(AgentJoins())
    for text in HOSTILE:
        chat.on(AgentSays(text=text.replace("\ud83d", "?") or "."))
    chat.on(AgentLeaves())
    drawn = check_sequence(sequence(chat.lines))
    assert len([line for line in drawn if line.startswith("    agent->>socket: says")]) == len(HOSTILE)
    assert "    agent->>socket: Noor Haas leaves" in drawn


def test_deep_frames_do_not_stop_the_drawing() -> None:
    text = sequence(played((1.0, i.FrameReceived(socket=1, text="[" * 100_000))))
    assert "what is no JSON" in text


def test_a_replay_that_differs_says_so_once() -> None:
    lines = played((1.0, i.Open(request=1)), (2.0, i.Open(request=2)), (3.0, i.Open(request=3)))
    lines[2] = lines[2].replace('"request":2', '"request":9')
    lines[3] = lines[3].replace('"request":3', '"request":8')
    notes = [mark for mark in trace(lines).marks if isinstance(mark, Note) and "differs" in mark.text]
    assert [note.text for note in notes] == [
        "the replay differs from here, the line was changed, or one before it is missing"
    ]


def test_what_is_no_journal_is_not_drawn() -> None:
    with pytest.raises(JournalError):
        sequence(["no journal"])


@pytest.mark.parametrize(
    ("text", "short"), [("", ""), ("a  b\n c", "a b c"), ("x" * 33, "x" * 31 + "…"), ("y" * 31 + " z", "y" * 31 + "…")]
)
def test_text_is_shortened(text: str, short: str) -> None:
    assert shorten(text) == short


def test_escaping_keeps_letters_of_all_scripts() -> None:
    assert escape("Größe 42, 漢字?") == "Größe 42, 漢字?"
    assert escape("a;b#c:d\x00\t<e>") == "a#59;b#35;c#58;d #60;e#62;"


# --- states ---


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_machine_is_drawn_with_all_that_moves_it(machine: Machine) -> None:
    for projection in (None, PROJECTIONS.get(id(machine))):
        text = states(machine, projection)
        lines = check_states(text)
        for row in machine.rows:
            labels = [line for line in lines if "-->" in line and row.id in line.partition(": ")[2].split(", ")]
            moves = row.to is not None and set(row.sources) != {row.to}
            assert bool(labels) == (moves or _moves_elsewhere(machine, row)), row.id
        for state in machine.states:
            assert f'state "{state}" as ' in text
        assert states(machine, projection) == text


def _moves_elsewhere(machine: Machine, row: Row) -> bool:
    return any(other.id == row.id and other.to is not None for other in machine.rows)


def test_every_arrow_of_the_table_is_in_the_picture_and_no_other() -> None:
    expected = {
        (source, row.to, row.id) for row in CONNECTION.rows if row.to for source in row.sources if source != row.to
    }
    drawn = set()
    names = {state.replace(" ", "_"): [state] for state in CONNECTION.states}
    for state, shown in PROJECTION.items():
        names.setdefault(f"all_{shown.replace(' ', '_')}", []).append(state)
    for line in check_states(states(CONNECTION, PROJECTION)):
        edge, _, labels = line.strip().partition(": ")
        source, arrow, to = edge.partition(" --> ")
        if not arrow or source == "[*]":
            continue
        (end,) = names[to]
        sources = names.get(source) or [state for state in CONNECTION.states if state != end]
        drawn |= {(each, end, label) for each in sources for label in labels.split(", ")}
    assert drawn == expected


def test_a_coarse_picture_shows_what_the_app_sees() -> None:
    text = states(CONNECTION, PROJECTION, labels="triggers", coarse=True)
    check_states(text)
    assert "    lost --> connecting: connect, active\n" in text
    assert "    connecting --> lost: availability failed, token expired, …\n" in text
    assert "reconnect" not in text
    assert "    any_other_state --> signing_out: sign out\n" in text


def test_only_drawing_loads_the_library_that_loads_asyncio() -> None:
    program = (
        "import sys, deskline_core.diagram as d; from deskline_core.presence import INTENT;"
        "before = 'asyncio' in sys.modules; d.states(INTENT); print(before, 'asyncio' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True)
    assert run.stdout.split() == ["False", "True"]
