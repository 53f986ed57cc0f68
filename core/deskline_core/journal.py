r"""Records what enters a session, without its secrets, and replays it: the same inputs give the same commands.

::

    recorder = Recorder(session)                      # before the session's first input
    file.write(recorder.header() + "\n")
    commands = session.handle(input, now=now)         # for each input
    file.write(recorder.line(input, now, commands) + "\n")

    report = verify(lines)                            # later, anywhere

A journal is JSON Lines in ASCII: a header, then one line per input with its time, the ids drawn for it, a sum over
the journal up to here, and a digest of the commands. Whoever has a journal needs no seed to replay it.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, Literal, cast, get_args

import msgspec

from .chat_requests import WrongRequest
from .commands import Answer, Command, Refuse, Save, SendFrame, SendRequest
from .disclosure import Disclosure
from .errors import IllegalState, JournalError
from .events import SignalReceived, ThreadEnded
from .hashing import Hashing
from .ids import PlayedIds
from .inputs import (
    AppRequest,
    FrameReceived,
    Input,
    JoinThread,
    LineReceived,
    ResponseReceived,
    SendInvitation,
    Tick,
    Withdraw,
)
from .model import Attachment, Download, Location, Message, QueuePosition
from .policy import Policy
from .record_hashing import recorded, summed
from .redaction import Redactor
from .session import Session, Site
from .values import Secret, mistyped
from .vendors import DISCLOSURES, SITES, vendor_of

__all__ = ["FORMAT", "LIBRARY", "Recorder", "Report", "Step", "replay", "vendor_in", "verify"]

FORMAT: Final = 1
"""The version of the format. A newer deskline reads older ones of its major version; newer ones are refused."""
LIBRARY: Final = "0.1.0"
"""The version of deskline that writes."""

_MARK: Final = "deskline journal"
_INPUTS: Final[Mapping[str, type[msgspec.Struct]]] = {kind.__name__: kind for kind in (*get_args(Input), WrongRequest)}
_SUM: Final = ',"sum":"'
_OWN_KIND: Final = "own kind"
"""Where a field of an input stands that is called ``kind`` itself: under ``kind`` stands which input it is."""
_SEEN_HEADERS: Final = frozenset({"content-length", "content-type", "date", "retry-after"})
"""Headers of REST answers that are recorded as they are. Of cookies, the one that stands for an identity is, too."""
_UNSURE: Final = frozenset({"source"})
"""Fields of events that show what came in, cut at a length: they are in no digest."""
_PLACES: Final = frozenset({"url", "preview_url"})
"""Fields of received files, which are too many to be known again: they are in no digest."""
_ALWAYS_LEFT_OUT: Final[Mapping[type, frozenset[str]]] = {Attachment: _PLACES}
_LEFT_OUT: Final = {
    **_ALWAYS_LEFT_OUT,
    Download: frozenset({"content"}),
    Location: frozenset({"latitude", "longitude", "url"}),
    SignalReceived: frozenset({"data"}),
}
"""What is in no digest, and what is in none where texts are hashed."""
_LATER: Final[Mapping[type, Mapping[str, object]]] = {
    SendRequest: {"held": False},
    Message: {"location": None},
    QueuePosition: {"estimated_wait": None},
    ThreadEnded: {"text": ""},
}
"""Fields that older journals do not know: they are in a digest only where they say something."""
_OF_SAVES: Final = ("id", "key", "value")
"""What of a save is in a digest: its key says whether it is a token."""
_WORDS: Final = frozenset(
    {
        "text",
        "title",
        "question",
        "label",
        "description",
        "name",
        "reason",
        "cause",
        "headline",
        "second_line",
        "button",
    }
)
"""Fields of events of which only the length is in the digest where texts are hashed."""


class Recorder:
    """Turns the course of a session into the lines of a journal.

    ``texts`` "hashed" replaces what people write (messages, survey answers, forms, values of custom fields, names of
    people, threads and files, e-mail addresses), what they signal to each other for a call, and what tells where they
    were (pages, places, the app's own events) by keyed hashes
    of the same length, and the content of files by nothing of the same length; the key is never written. Ids stay, a
    customer's, too. Raises IllegalState when the session has been used already, NotSupported for a
    site that a journal has no form for.
    """

    __slots__ = (
        "_disclosure", "_drawn", "_fetched", "_hashing", "_last_sum", "_redactor", "_session", "_texts", "_vendor",
    )  # fmt: skip

    def __init__(self, session: Session, *, texts: Literal["plain", "hashed"] = "plain") -> None:
        if session.now or session.ids.drawn:
            raise IllegalState("the session has been used already", hint="a session is recorded from its beginning")
        self._vendor = vendor_of(session.site)
        self._disclosure = DISCLOSURES[self._vendor]
        self._session = session
        self._texts = texts
        self._drawn = 0
        self._fetched: set[int] = set()
        self._last_sum = ""
        self._redactor = _redactor(session.ids.key(b"journal"), self._disclosure, session.policy, texts)
        self._hashing = Hashing(self._redactor, self._disclosure)

    def header(self) -> str:
        """Return the first line: versions, vendor, site, policy, and what was restored."""
        session = self._session
        return self._summed(
            {
                "format": _MARK,
                "version": FORMAT,
                "library": LIBRARY,
                "vendor": self._vendor,
                "site": _placed(msgspec.structs.asdict(cast("msgspec.Struct", session.site)), self._redactor),
                "policy": msgspec.to_builtins(session.policy),
                "restored": {
                    key: recorded(key, text, self._redactor, self._disclosure) for key, text in session.kept.items()
                },
                "durable": session.durable,
                "texts": self._texts,
            },
            "",
        )

    def line(self, input: Input, now: float, commands: Sequence[Command]) -> str:
        """Return the line of one input, which entered at ``now`` and gave these commands."""
        drawn = self._session.ids.drawn
        draws = [draw.hex() for draw in self._session.ids.draws_after(self._drawn)] if drawn > self._drawn else []
        self._drawn = drawn
        if self._redactor.hashed:
            self._hashing.spare_choices(self._session)
        recorded = self._recorded(input)
        self._note_fetched(commands)
        return self._summed({"at": now, "input": recorded, "draws": draws}, _digest(commands, self._redactor))

    def _summed(self, fields: dict[str, object], digest: str) -> str:
        body = json.dumps(fields, separators=(",", ":"))[:-1]
        self._last_sum = _sum(self._last_sum, body)
        end = f',"digest":"{digest}"' if digest else ""
        return f'{body}{_SUM}{self._last_sum}"{end}}}'

    def _note_fetched(self, commands: Sequence[Command]) -> None:
        """Take note of the requests that a file will answer."""
        for command in commands:
            if isinstance(command, SendRequest) and self._disclosure.fetched(command.url.reveal()):
                self._fetched.add(command.id)

    def _recorded(self, input: Input) -> dict[str, object]:
        if isinstance(input, AppRequest | Withdraw) and (wrong := mistyped(input)):
            return self._wrong(input, wrong)
        fields = msgspec.structs.asdict(input)
        redactor = self._redactor
        match input:
            case ResponseReceived(id=id, body=body) if redactor.hashed and id in self._fetched and input.is_success:
                fields["body"] = " " * len(body)
                fields["headers"] = _seen(input)
            case FrameReceived(text=text) | LineReceived(text=text):
                fields["text"] = redactor.learn(text, words=True)
            case ResponseReceived(body=body, headers=headers):
                text = body.decode("utf-8", "surrogateescape")
                text = self._hashing.with_early(text)
                fields["body"] = redactor.learn(text, words=any(name in text for name in self._disclosure.of_people))
                cookies = [f"{name}={redactor.secret(value)}" for name, value in self._disclosure.cookies(headers)]
                fields["headers"] = [*_seen(input), *(("set-cookie", cookie) for cookie in cookies)]
            case _:
                fields = _placed(fields, redactor)
                if isinstance(input, JoinThread | SendInvitation):
                    fields["code"] = _code(input.code, redactor)
                if redactor.hashed:
                    fields |= self._hashing.fields(input)
        if "kind" in fields:
            fields[_OWN_KIND] = fields.pop("kind")
        return {"kind": type(input).__name__, **fields}

    def _wrong(self, input: AppRequest | Withdraw, wrong: str) -> dict[str, object]:
        """Return what stands for a request that could not be read again; of one without a number only its time."""
        if isinstance(input, Withdraw) or type(input.request) is not int:
            return {"kind": Tick.__name__}
        says = self._redactor.hash(wrong) if self._redactor.hashed else self._redactor.known(wrong)
        return {"kind": WrongRequest.__name__, "request": input.request, "asked": type(input).__name__, "wrong": says}


def _seen(answer: ResponseReceived) -> list[tuple[str, str]]:
    return [(name, value) for name, value in answer.headers if name in _SEEN_HEADERS]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One input of a journal, replayed. ``line`` counts from 1 with the header; ``at`` is UTC seconds.

    ``fault`` is a sentence when the line was changed or the commands are others than were recorded, else "".
    """

    line: int
    at: float
    input: Input
    commands: tuple[Command, ...]
    fault: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What verifying gave. ``line`` is the first that is wrong, and ``fault`` says how; 0 and "" when none is."""

    inputs: int
    commands: int
    line: int = 0
    fault: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the replay gave what was recorded."""
        return not self.fault


class _Opened(msgspec.Struct):
    """A journal's header, and the session that it describes."""

    session: Session
    redactor: Redactor
    ids: PlayedIds
    sum: str


def replay(lines: Iterable[str]) -> Iterator[Step]:
    """Feed the inputs of a journal to a new session, and yield each with the commands that it gave.

    Raises JournalError where the lines are no journal of ours, of a newer version, or cannot be read. A line that can
    be read but differs from what was recorded is yielded with its ``fault``.
    """
    rest = iter(lines)
    opened = _open(next(rest, ""))
    session, redactor, ids, last_sum = opened.session, opened.redactor, opened.ids, opened.sum
    for number, line in enumerate(rest, start=2):
        last_sum, is_whole = _checked(line, last_sum)
        at, input, draws = _read(line, number)
        ids.play(draws)
        missed = ids.missed
        commands = session.handle(input, now=at)
        fault = "" if is_whole else "the line was changed, or one before it is missing"
        if ids.left or ids.missed > missed:
            fault = fault or "the session draws another number of ids"
        if not line.rstrip().endswith(f'"digest":"{_digest(commands, redactor)}"}}'):
            fault = fault or "the session gives other commands"
        yield Step(line=number, at=at, input=input, commands=tuple(commands), fault=fault)


def vendor_in(header: str) -> str:
    """Return the name of the vendor whose traffic a journal with this first line holds.

    Raises JournalError as :func:`replay` does.
    """
    _open(header)
    return str(_object(header, 1)["vendor"])


def verify(lines: Iterable[str]) -> Report:
    """Replay a journal up to the first line that is wrong, and tell which.

    Raises JournalError when the first line is no header of ours, or of a newer version.
    """
    inputs = commands = 0
    try:
        for step in replay(lines):
            inputs += 1
            commands += len(step.commands)
            if step.fault:
                return Report(inputs=inputs, commands=commands, line=step.line, fault=step.fault)
    except JournalError as error:
        if error.line == 1:
            raise
        return Report(inputs=inputs, commands=commands, line=error.line, fault=error.message)
    return Report(inputs=inputs, commands=commands)


# --- reading ---


def _open(line: str) -> _Opened:
    fields = _object(line, 1)
    if fields.get("format") != _MARK:
        raise JournalError("this is no journal of deskline", line=1)
    if (version := fields.get("version")) != FORMAT:
        raise JournalError(
            f"the journal has version {version!r:.20}, and this deskline reads {FORMAT}",
            line=1,
            hint=f"deskline {fields.get('library')!r:.20} wrote it",
        )
    first_sum, is_whole = _checked(line, "")
    if not is_whole:
        raise JournalError("the header was changed", line=1)
    ids = PlayedIds()
    try:
        policy = msgspec.convert(fields["policy"], Policy)
        site = cast("Site", msgspec.convert(fields["site"], SITES[fields["vendor"]], dec_hook=_secret))
        restored = msgspec.convert(fields["restored"], dict[str, str])
        durable = msgspec.convert(fields.get("durable", False), bool)  # older journals know none
        texts = msgspec.convert(fields["texts"], Literal["plain", "hashed"])
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise JournalError(f"the header cannot be read: {error}", line=1) from error
    session = Session(site, policy=policy, seed=bytes(16), restored=restored, durable=durable)
    session.ids = ids
    disclosure = DISCLOSURES[fields["vendor"]]
    return _Opened(session, _redactor(bytes(32), disclosure, policy, texts), ids, first_sum)


def _read(line: str, number: int) -> tuple[float, Input, list[bytes]]:
    fields = _object(line, number)
    try:
        values = dict(fields["input"])
        kind = _INPUTS[values.pop("kind")]
        if _OWN_KIND in values:
            values["kind"] = values.pop(_OWN_KIND)
        if kind is ResponseReceived:
            values["body"] = values["body"].encode("utf-8", "surrogateescape")
        input = cast("Input", msgspec.convert(values, kind, dec_hook=_secret))
        return msgspec.convert(fields["at"], float), input, [bytes.fromhex(draw) for draw in fields["draws"]]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise JournalError(f"the input cannot be read: {type(error).__name__}: {error}", line=number) from error


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise JournalError("this is no JSON: the journal is damaged, cut, or none", line=number) from error
    if not isinstance(fields, dict):
        raise JournalError("this is no JSON object", line=number)
    return cast("dict[str, Any]", fields)


def _checked(line: str, last_sum: str) -> tuple[str, bool]:
    """Return the sum that a line should have, and whether it has it."""
    body, _, rest = line.rpartition(_SUM)
    expected = _sum(last_sum, body)
    return expected, rest.startswith(f'{expected}"')


def _secret(kind: type, value: object) -> object:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise TypeError(kind.__name__)


# --- sums, digests, replacement ---


def _redactor(key: bytes, disclosure: Disclosure, policy: Policy, texts: Literal["plain", "hashed"]) -> Redactor:
    return Redactor(key, disclosure, hashed=texts == "hashed", plain=(policy.begin_text,))


def _sum(last_sum: str, body: str) -> str:
    return blake2b(f"{last_sum}{body}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _digest(commands: Sequence[Command], redactor: Redactor) -> str:
    canonical = json.dumps([_canonical(command, redactor) for command in commands], separators=(",", ":"))
    return blake2b(canonical.encode(), digest_size=16).hexdigest()


def _code(code: str, redactor: Redactor) -> str:
    """Return an invitation's code as the secret that it is; one that is refused for its form is so in the replay."""
    return redactor.secret(code) if code.strip() and code.isprintable() else code


def _placed(fields: dict[str, Any], redactor: Redactor) -> dict[str, object]:
    """Return fields of an input or a site with placeholders for what is secret."""
    return {name: _place(value, redactor) for name, value in fields.items()}


def _place(value: object, redactor: Redactor) -> object:
    match value:
        case Secret():
            return redactor.secret(value.reveal())
        case str():
            return redactor.learn(value)
        case tuple():
            return [_place(part, redactor) for part in cast("tuple[object, ...]", value)]
        case bytes():
            return b64encode(value).decode()  # as msgspec reads it
        case msgspec.Struct():
            return _placed(msgspec.structs.asdict(value), redactor)
        case _:
            return value


def _canonical(value: object, redactor: Redactor) -> object:
    """Return a command, or a part of it, as something that JSON has a form for."""
    form = value
    match value:
        case msgspec.Struct():
            form = [type(value).__name__, *(_field(value, name, redactor) for name in _told(value))]
        case str():
            form = redactor.known(value)
        case Secret():
            form = redactor.answer(value.reveal())
        case bytes():
            form = redactor.known_body(value)
        case tuple():
            form = [_canonical(part, redactor) for part in cast("tuple[object, ...]", value)]
        case datetime():
            form = value.isoformat()
        case None | int() | float():
            pass
        case _:
            form = type(value).__name__
    return form


def _told(value: msgspec.Struct) -> Sequence[str]:
    """Return the fields of a value that are in its digest."""
    if isinstance(value, Save):
        return _OF_SAVES
    later = _LATER.get(type(value))
    if later is None:
        return value.__struct_fields__
    return [name for name in value.__struct_fields__ if name not in later or getattr(value, name) != later[name]]


def _field(value: msgspec.Struct, name: str, redactor: Redactor) -> object:
    field = getattr(value, name)
    if name in _UNSURE or name in (_LEFT_OUT if redactor.hashed else _ALWAYS_LEFT_OUT).get(type(value), ()):
        return None
    if (own := _own_form(value, name, field, redactor)) is not None:
        return own
    is_words = name == "message" if isinstance(value, Refuse) else name in _WORDS and not isinstance(value, SendFrame)
    if redactor.hashed and is_words and isinstance(field, str):
        return redactor.measure(field)
    if redactor.hashed and name == "fields":
        return [(id, redactor.measure(text)) for id, text in field]
    return _canonical(field, redactor)


def _own_form(value: msgspec.Struct, name: str, field: object, redactor: Redactor) -> object:
    """Return what a command's field is in a digest where that is not its kind's form, else None."""
    match value:
        case Save(key=key, value=kept) if name == "value":
            return summed(key, kept.reveal(), redactor)
        case SendRequest(url=url) if name == "url":
            return redactor.asked(url.reveal())
        case Answer() if isinstance(field, str):
            return redactor.answer(field)
        case _:
            return None
