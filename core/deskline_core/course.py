"""What happened in a run, as marks on lanes: read from a journal, to be drawn by :mod:`deskline_core.diagram`."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, Literal, assert_never
from urllib.parse import urlsplit

from . import commands as c
from . import events as e
from . import inputs as i
from .chat_requests import WrongRequest
from .disclosure import Captions
from .journal import Step, replay, vendor_in
from .model import PartyRole
from .values import Value
from .vendors import DISCLOSURES

__all__ = ["LANES", "Arrow", "Course", "Lane", "Mark", "Note", "request_name", "shorten", "trace"]

Lane = Literal["app", "session", "rest", "socket", "agent"]
LANES: Final[tuple[Lane, ...]] = ("app", "session", "rest", "socket", "agent")
_LONGEST_TEXT: Final = 32
_LONGEST_CAUSE: Final = 60
_SHORTEST_GAP: Final = 1.0
_FIRST_REFUSAL: Final = 400
_ID: Final = re.compile(r"[0-9a-fA-F-]{36}|\d+|[a-z]+[_-][0-9a-f-]{10,}|secret-[0-9a-f]{10}-*")
_IN_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Arrow(Value, frozen=True, kw_only=True):
    """Something that goes from one lane to another; ``fails`` when it is refused, lost or stopped."""

    source: Lane
    target: Lane
    text: str
    fails: bool = False
    is_answer: bool = False


class Note(Value, frozen=True, kw_only=True):
    """Something that is so from here on, over these lanes."""

    first: Lane
    last: Lane
    text: str


Mark = Arrow | Note


class Course(Value, frozen=True, kw_only=True):
    """A run: the lanes that something happens on, in their order, and what happens."""

    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]


def trace(lines: Iterable[str], *, after: int = 0) -> Course:
    """Replay a journal and return its course, from the line on that follows line ``after``.

    Raises JournalError as :func:`~deskline_core.journal.replay` does.
    """
    rest = iter(lines)
    first = next(rest, "")
    tracer = _Tracer(DISCLOSURES[vendor_in(first)].captions)
    marks = tuple(tracer.marks(replay(chain((first,), rest)), after))
    used = {"app", "session"}
    for mark in marks:
        used |= {mark.source, mark.target} if isinstance(mark, Arrow) else {mark.first, mark.last}
    return Course(lanes=tuple(lane for lane in LANES if lane in used), marks=marks)


def shorten(text: str, longest: int = _LONGEST_TEXT) -> str:
    """Return the beginning of a text on one line, with an ellipsis where something is left out."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def request_name(request: c.SendRequest, captions: Captions) -> str:
    """Return what names a REST request: its method, the last step of its path that is no id, what it reports."""
    steps = [step for step in urlsplit(request.url.reveal()).path.split("/") if step and not _ID.fullmatch(step)]
    words = [request.method, shorten(steps[-1]) if steps else "a document"]
    if words[-1] == "events" and (event := captions.reported(request.body)):
        words.append(shorten(event))
    return " ".join(words)


class _Tracer:
    """Walks through the steps of a replay."""

    __slots__ = ("_beats", "_captions", "_failures", "_held", "_last", "_requests", "_rest")

    def __init__(self, captions: Captions) -> None:
        self._captions = captions
        self._held: set[int] = set()
        self._requests: dict[int, str] = {}
        self._rest: dict[int, str] = {}
        self._failures: Counter[str] = Counter()
        self._beats = 0
        self._last: float | None = None

    def marks(self, steps: Iterable[Step], after: int) -> Iterator[Mark]:
        told = False
        for step in steps:
            marks = [*self._input(step), *(mark for command in step.commands for mark in self._command(command))]
            if step.line <= after:
                self._beats, self._last = 0, step.at
                continue
            if step.fault and not told:
                marks.append(Note(first="app", last="session", text=f"the replay differs from here, {step.fault}"))
                told = True
            if marks:
                yield from self._gap(step.at)
                yield from marks

    def _gap(self, at: float) -> Iterator[Mark]:
        last, self._last = self._last, at
        beats, self._beats = self._beats, 0
        words: list[str] = []
        if last is not None and at - last >= _SHORTEST_GAP:
            words.append(f"{at - last:.0f} s later")
        if beats:
            words.append(f"{beats} {self._captions.beat}" + ("s" if beats > 1 else ""))
        if words:
            yield Note(first="app", last="session", text=", ".join(words))

    # --- inputs ---

    def _input(self, step: Step) -> Iterator[Mark]:
        match step.input:
            case i.AppRequest() as request:
                name = request.asked if isinstance(request, WrongRequest) else type(request).__name__
                self._requests[request.request] = name
                self._failures.clear()
                words = shorten(request.text) if isinstance(request, i.SendMessage) else ""
                yield Arrow(source="app", target="session", text=f"{name} {words}".rstrip())
            case i.Withdraw(request=number):
                name = self._requests.get(number, "a request")
                yield Arrow(source="app", target="session", text=f"withdraw {name}", fails=True)
            case i.NetworkReturned():
                yield Arrow(source="app", target="session", text="the network is back")
            case i.SaveFailed(reason=reason):
                yield Note(first="session", last="session", text=f"not saved, {shorten(reason)}")
            case _:
                yield from self._report(step)

    def _report(self, step: Step) -> Iterator[Mark]:
        match step.input:
            case i.SocketOpened():
                yield _from("socket", "open")
            case i.FrameReceived(text=text):
                yield from self._received(text, step)
            case i.SocketClosed() as closed:
                words = [str(part) for part in (closed.status, closed.code, shorten(closed.reason)) if part]
                yield _from("socket", " ".join(["closed", *words]), fails=True)
            case i.ResponseReceived(id=number, status=status) as answer:
                if number in self._held and status < _FIRST_REFUSAL:
                    yield from self._held_answered(answer, step)
                else:
                    yield self._answered(self._rest.get(number, "a request"), status)
            case i.LineReceived() if step.commands:
                yield _from("rest", "a piece")
            case i.RequestFailed(id=number, sent=sent, reason=reason):
                name = self._rest.get(number, "a request")
                self._failures[name] += 1
                lost = f"{name} never sent" if sent == "no" else f"no answer to {name}"
                yield _from("rest", f"{lost}, {shorten(reason)}" if reason else lost, fails=True)
            case _:
                pass

    def _held_answered(self, answer: i.ResponseReceived, step: Step) -> Iterator[Mark]:
        """Yield an answer that was held back until there was something new; one without is counted."""
        name = self._rest.get(answer.id, "a request")
        del self._failures[name]
        if not (news := self._captions.held(answer.body)):
            self._beats += 1
            return
        yield from _done_there(step, "rest")
        yield _from("rest", f"{shorten(news, _LONGEST_CAUSE)}, to {name}")

    def _answered(self, name: str, status: int) -> Arrow:
        fails = status >= _FIRST_REFUSAL
        if fails:
            self._failures[name] += 1
        else:
            del self._failures[name]
        return _from("rest", f"{status} to {name}", fails=fails)

    def _received(self, text: str, step: Step) -> Iterator[Mark]:
        name = self._captions.frame(text)
        if name in self._captions.beats:
            return
        yield from _done_there(step, "socket")
        yield _from("socket", shorten(name))

    # --- commands ---

    def _command(self, command: c.Command) -> Iterator[Mark]:
        match command:
            case c.Answer(request=number):
                yield _to_app(f"{self._requests.pop(number, 'a request')} is done")
            case c.Refuse(request=number, code=code):
                yield _to_app(f"{self._requests.pop(number, 'a request')} is refused, {code}", fails=True)
            case c.Notify(event=event):
                yield _told(event)
            case c.Save(key=key):
                yield Arrow(source="session", target="session", text=f"save {key}")
            case c.Forget(keys=keys):
                yield Arrow(source="session", target="session", text=f"forget {', '.join(keys)}")
            case _:
                yield from self._transport(command)

    def _transport(
        self, command: c.OpenSocket | c.SendFrame | c.CloseSocket | c.SendRequest | c.CancelRequest
    ) -> Iterator[Mark]:
        match command:
            case c.OpenSocket(socket=number):
                yield _to("socket", f"open socket {number}")
            case c.SendFrame(text=text):
                if (name := self._captions.frame(text)) in self._captions.beats:
                    self._beats += 1
                else:
                    yield _to("socket", shorten(name))
            case c.CloseSocket(code=code, reason=reason):
                yield _to("socket", f"close {code} {shorten(reason)}".rstrip(), fails=True)
            case c.SendRequest() as request:
                yield from self._asks(request)
            case c.CancelRequest(id=number):
                yield _to("rest", f"cancel {self._rest.get(number, 'a request')}", fails=True)
            case _:
                assert_never(command)

    def _asks(self, request: c.SendRequest) -> Iterator[Mark]:
        """Yield a request; one whose answer may be held back shows with what comes of it."""
        name = self._rest[request.id] = request_name(request, self._captions)
        failed = self._failures[name]
        if request.held:
            self._held.add(request.id)
        else:
            yield _to("rest", f"{name}, attempt {failed + 1}" if failed else name)


def _from(lane: Lane, text: str, *, fails: bool = False) -> Arrow:
    return Arrow(source=lane, target="session", text=text, fails=fails, is_answer=True)


def _to(lane: Lane, text: str, *, fails: bool = False) -> Arrow:
    return Arrow(source="session", target=lane, text=text, fails=fails)


def _to_app(text: str, *, fails: bool = False) -> Arrow:
    return Arrow(source="session", target="app", text=text, fails=fails, is_answer=True)


def _done_there(step: Step, lane: Lane) -> Iterator[Arrow]:
    """Yield what someone on the far side did, so that something came on a lane."""
    for command in step.commands:
        if isinstance(command, c.Notify) and (words := _behind(command.event)):
            yield Arrow(source="agent", target=lane, text=words)


def _behind(event: e.Event) -> str:
    match event:
        case e.MessageReceived(message=message) if message.party.role is not PartyRole.CUSTOMER:
            return f"says {shorten(message.text)}"
        case e.PartyJoined(party=party):
            return f"{shorten(party.name)} joins"
        case e.PartyLeft(party=party):
            return f"{shorten(party.name)} leaves"
        case e.TypingStarted():
            return "types"
        case _:
            return ""


def _told(event: e.Event) -> Mark:
    """Return a note for a change of state, an arrow to the app for all else."""
    match event:
        case e.ChatStateChanged(state=state, cause=cause):
            return Note(
                first="app", last="session", text=f"chat {state}" + (f", {shorten(cause, 60)}" if cause else "")
            )
        case e.ThreadStateChanged(state=state):
            return Note(first="app", last="session", text=f"thread {state}")
        case e.MessageStatusChanged(status=status):
            return _to_app(f"message {status}")
        case _:
            return _to_app(_IN_WORDS.sub(" ", type(event).__name__).lower())
