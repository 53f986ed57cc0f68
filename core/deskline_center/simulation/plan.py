"""What a seed makes: the settings of a world, and the steps that happen in it, as data.

A run can leave steps out, so that a failing seed shrinks to the few that it takes.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from deskline_core.brightpattern.site import BrightPattern
from deskline_core.cxone.site import CXone
from deskline_core.policy import Backoff, Policy

from ..brightpattern.channel import BrightPatternChannel
from ..cxone.channel import BRAND, CXoneChannel, channel_id
from ..model import Channel
from .chance import Chance

__all__ = ["BASE", "START", "VENDORS", "Plan", "Settings", "Step", "Vendor", "planned"]

Vendor = Literal["cxone", "bright-pattern"]
VENDORS: Final[tuple[Vendor, ...]] = ("cxone", "bright-pattern")
BASE: Final = "http://localhost:8080"
START: Final = 1_780_000_000.0
_CXONE: Final = (
    ("single", "legacy", "anonymous"), ("single", "secured", "anonymous"), ("multi", "legacy", "anonymous"),
    ("multi", "secured", "anonymous"), ("live", "legacy", "anonymous"), ("live", "secured", "anonymous"),
    ("single", "secured", "oauth"), ("multi", "legacy", "oauth"), ("live", "secured", "oauth"),
    ("single", "secured", "cookie"), ("live", "secured", "cookie"),
)  # fmt: skip
_GAPS: Final = (0.0, 0.02, 0.1, 0.3, 0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0)
_LONG: Final = (20.0, 45.0, 100.0, 700.0)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The world that a seed makes: one channel of a vendor's, and how many customers have how their clocks wrong."""

    seed: int
    vendor: Vendor
    customers: int
    channel: Channel
    policy: Policy
    site: Any
    skews: tuple[float, ...]
    drops_repeats: bool
    """Whether the center drops a message whose id it knows: only there may anybody send one twice."""

    @property
    def needs_login(self) -> bool:
        """Whether the customers log in."""
        return isinstance(self.channel, CXoneChannel) and self.channel.authentication == "oauth"

    @property
    def may_reopen(self) -> bool:
        """Whether a conversation that was over may come back under its id (a recovered live chat does)."""
        return isinstance(self.channel, CXoneChannel) and self.channel.mode == "live"


class Step(msgspec.Struct, frozen=True):
    """Something that happens ``at`` a time, counted from the start, to one customer. ``pick`` decides its details."""

    at: float
    customer: int
    what: str
    pick: int


class Plan(msgspec.Struct, frozen=True):
    """A world and what happens in it. ``seconds`` is how long that takes."""

    settings: Settings
    steps: tuple[Step, ...]

    def only(self, kept: Sequence[int]) -> "Plan":
        """Return the plan with some of its steps, by their place."""
        return Plan(self.settings, tuple(self.steps[place] for place in sorted(kept)))


def planned(vendor: Vendor, seed: int, *, customers: int, steps: int) -> Plan:
    """Return what a seed makes of so many customers with so many steps each."""
    settings = _settings(vendor, seed, customers)
    is_calm = Chance(seed, vendor, "calm").happens(_CALM_WORLDS)
    made = [step for number in range(customers) for step in _steps(settings, number, steps, is_calm=is_calm)]
    return Plan(settings, tuple(sorted(made, key=lambda step: (step.at, step.customer))))


def _settings(vendor: Vendor, seed: int, customers: int) -> Settings:
    chance = Chance(seed, vendor, "settings")
    drops = chance.happens(0.5)
    policy = Policy(
        backoff=Backoff(attempts=chance.among((3, 20, 20))),
        resend_uncertain=drops and chance.happens(0.5),
        history=chance.among((1000, 1000, 60)),
        rest_attempts=chance.among((1, 4, 4)),
        receipts=chance.happens(0.7),
    )
    channel = _cxone(chance, drops=drops) if vendor == "cxone" else _bright_pattern(chance, drops=drops)
    site: Any = (
        CXone.local(BASE, channel.brand, channel.id)
        if isinstance(channel, CXoneChannel)
        else BrightPattern(url=BASE, app_id=channel.id)
    )
    return Settings(
        seed=seed, vendor=vendor, customers=customers, channel=channel, policy=policy, site=site, drops_repeats=drops,
        skews=tuple(chance.among((0.0, 0.0, -40.0, 3.5, 9000.0)) for _ in range(customers)),
    )  # fmt: skip


def _cxone(chance: Chance, *, drops: bool) -> CXoneChannel:
    mode, session, authentication = chance.among(_CXONE)
    return CXoneChannel(
        id=channel_id(mode, session, authentication),  # type: ignore[arg-type]  # of the table above
        brand=BRAND,
        mode=mode,  # type: ignore[arg-type]
        session=session,  # type: ignore[arg-type]
        authentication=authentication,  # type: ignore[arg-type]
        repeated_message="drop" if drops else "store",
        page_size=chance.among((20, 20, 5)),
        token_lifetime=chance.among((600, 600, 45)),
        access_token_lifetime=chance.among((3600, 3600, 90)),
        recover_never_fails=chance.happens(0.3),
        chatty=chance.happens(0.15),
        echo_typing=chance.happens(0.2),
        refresh_answer=chance.among(("union", "union", "third_party", "top_level", "full")),
        authorization_status=chance.among(("in_answer", "own_frame", "absent")),
        handshake_refusal=chance.among((401, 401, 4401)),
        contact_history=chance.happens(0.7),
    )


def _bright_pattern(chance: Chance, *, drops: bool) -> BrightPatternChannel:
    return BrightPatternChannel(
        id="harbour-chat",
        repeated_message="drop" if drops else "store",
        empty_poll=chance.among(("events", "events", "no_body", "5511_404", "5511_200")),
        hold=chance.among((15.0, 15.0, 5.0)),
        aborted_poll=chance.among(("lost", "lost", "redelivered", "unnoticed")),
        parallel_poll=chance.among(("second_429", "second_400", "first_ended")),
        echo=chance.happens(0.3),
        timestamps=chance.among(("seconds", "seconds", "milliseconds", "number")),
        start_order=chance.among(("joined_first", "connected_first", "no_connecting")),
        first_stage=chance.among(("queued", "queued", "ivr")),
        announced=chance.happens(0.2),
        inactivity=chance.among((600.0, None)),
        unresponsive=chance.among((120.0, 120.0, None)),
        history_after_end=chance.among((0.0, 3600.0)),
        error_codes=chance.among(("string", "number")),
        after_disconnect=chance.among(("survey", "ended")),
        history=chance.among(("all", "messages")),
    )


_SHARES: Final = (
    ("say", 30), ("agent says", 30), ("agent", 4), ("ask", 6), ("follow up", 3), ("fault", 12), ("center fault", 5),
    ("push fault", 3), ("life", 4), ("end", 1), ("files", 1), ("trouble", 6),
)  # fmt: skip
"""How often each kind of step is; where there is no trouble, only the conversation is left."""
_CALM_WORLDS: Final = 0.1
"""In so many worlds nothing goes wrong at all: there, nothing may be in doubt."""
_CALM_CUSTOMERS: Final = 0.1
"""So many customers make no trouble in the other worlds, and suffer from that of the others and of the center."""
_CALM: Final = frozenset({"say", "agent says", "agent", "ask", "follow up", "end", "files"})


def _steps(settings: Settings, number: int, count: int, *, is_calm: bool) -> list[Step]:
    chance = Chance(settings.seed, settings.vendor, "steps", number)
    is_calm = chance.happens(_CALM_CUSTOMERS) or is_calm
    kinds = [what for what, share in _SHARES if not is_calm or what in _CALM for _ in range(share)]
    at, steps = 1.0 + chance.fraction(), list[Step]()
    for _ in range(count):
        at += chance.among(_LONG) if chance.happens(0.003) else chance.among(_GAPS)
        steps.append(Step(at, number, chance.among(kinds), chance.below(1 << 31)))
    return steps
