"""Every fault at every stage of a chat, with either vendor: as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from deskline import Backoff
from deskline.center.wire_faults import BlackHole, Cut, Drip, Lag, Reset, StreamFault
from tests.end_to_end.flows.places import SECURED, V2, Place

__all__ = ["CASES", "PATIENT", "Case", "Fault"]

Spot = Mapping[str, Any]
CXONE: Final = next(place for place in SECURED if place.mode == "live")
QUICK: Final = Backoff(first=0.02, jitter=(0.0, 0.02), ceiling=0.2, attempts=10_000)
PATIENT: Final[Mapping[str, Any]] = {
    "backoff": QUICK,
    "rest_retry": Backoff(first=0.02, jitter=(0.0, 0.02), ceiling=0.2, attempts=3),
    "poll_quick": 0.02,
    "poll_pause": 0.05,
    "crowded_poll": 1.5,
    "background_poll": 0.5,
}
"""Time-outs are the vendors': nothing here runs into one, however slow the machine."""
SHORT: Final[Mapping[str, Any]] = {
    "connect_timeout": 3.0,
    "request_timeout": 3.0,
    "rest_timeout": 3.0,
    "token_timeout": 3.0,
    "upload_timeout": 3.0,
    "end_confirmation": 3.0,
    "poll_timeout": 3.0,
    "heartbeat": 1.0,
    "heartbeat_answer": 2.0,
}
"""For faults that nothing but a time-out tells of. What a slow machine makes of them is one more loss."""


@dataclass(frozen=True, eq=False)
class Fault:
    """What strikes: ``arms`` makes of where the stage's request passes, and where its answer does, what is armed."""

    name: str
    arms: Callable[[Spot, Spot], tuple[StreamFault, ...]]
    refuses: bool = False
    policy: Mapping[str, Any] = field(default_factory=dict)


FAULTS: Final = (
    Fault("reset", lambda asked, _: (Reset(**asked),)),
    Fault("reset-in-the-answer", lambda _, answered: (Reset(**answered),)),
    Fault("cut", lambda asked, _: (Cut(**asked),)),
    Fault("cut-in-the-answer", lambda _, answered: (Cut(**answered),)),
    Fault("drip", lambda _asked, _answered: (Drip(size=41, times=1000),)),
    Fault("lag", lambda _asked, _answered: (Lag(seconds=0.02, times=1000),)),
    Fault("black-hole", lambda asked, _: (BlackHole(**asked),), policy=SHORT),
    Fault("half-open", lambda _, answered: (BlackHole(flows="down", **answered),), policy=SHORT),
    Fault("refused", lambda asked, _: (Reset(**asked),), refuses=True),
    Fault("again-and-again", lambda asked, _: (Reset(times=3, **asked),)),
)


def _up(match: str = "", after: int = 10) -> Spot:
    return {"match": match, "after": after}


def _down(match: str = "", after: int = 10) -> Spot:
    return {"watch": "down", "match": match, "after": after}


_SPOTS: Final[Mapping[Place, Mapping[str, tuple[str, Spot, Spot]]]] = {
    CXONE: {
        "opening": ("opens", _up("GET ", 4), _down("HTTP/1.1 200")),
        "authorizing": ("opens", _up("/oauth/token"), _down("accessToken")),
        "connecting": ("opens", _up("Upgrade: websocket"), _down("101 Switching", 150)),
        "beginning": ("begins", _up(), _down()),
        "sending": ("sends", _up(), _down()),
        "receiving": ("listens", _down("MessageCreated"), _down("MessageCreated", 200)),
        "uploading": ("shows", _up("/attachment", 20_000), _down("HTTP/1.1 200", 20)),
        "ending": ("ends", _up(), _down()),
    },
    V2: {
        "opening": ("opens", _up("GET ", 4), _down("HTTP/1.1 200")),
        "authorizing": ("opens", _up("/parameters"), _down("application/json")),
        "connecting": ("begins", _up("POST /clientweb/api/v2/chats"), _down("chat_id")),
        "beginning": ("begins", _up("/events"), _down("/json", 20)),
        "sending": ("sends", _up("/events"), _down("HTTP/1.1 200")),
        "receiving": ("listens", _down("chat_session_message"), _down("chat_session_message", 40)),
        "uploading": ("shows", _up("/files", 20_000), _down("file_id", 2)),
        "ending": ("ends", _up("/events"), _down("HTTP/1.1 200")),
    },
}
"""By vendor and stage: the step of the script, where its request passes by, and where the answer to it does."""


@dataclass(frozen=True, eq=False)
class Case:
    """One fault at one stage of a chat at one place."""

    place: Place
    stage: str
    fault: Fault

    @property
    def name(self) -> str:
        return f"{self.place.name}-{self.stage}-{self.fault.name}"

    @property
    def step(self) -> str:
        return _SPOTS[self.place][self.stage][0]

    @property
    def turn(self) -> int:
        """0 or 1 by turns, from each stage to the next, and from each fault to the next."""
        return ([*_SPOTS].index(self.place) + [*_SPOTS[self.place]].index(self.stage) + FAULTS.index(self.fault)) % 2

    @property
    def arms(self) -> tuple[StreamFault, ...]:
        _, asked, answered = _SPOTS[self.place][self.stage]
        return self.fault.arms(asked, answered)


CASES: Final = tuple(
    Case(place, stage, fault) for place, stages in _SPOTS.items() for stage in stages for fault in FAULTS
)
