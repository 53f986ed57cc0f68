"""Where a flow takes place: a vendor's channel of one kind, and the site at which a chat finds it."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, get_args

from deskline import BrightPattern
from deskline.testing import site_for
from deskline_center.brightpattern import APP_ID, BrightPatternChannel
from deskline_center.cxone import CXoneChannel, channel_id
from deskline_center.model import Channel

__all__ = [
    "ANYWHERE",
    "LEGACY",
    "LIVE",
    "MULTI",
    "READINGS",
    "SECURED",
    "SINGLE",
    "V1",
    "V2",
    "BrightPatternPlace",
    "CXonePlace",
    "Place",
    "both",
    "of",
]

Mode = Literal["single", "multi", "live"]
Style = Literal["legacy", "secured"]
_MODES: Final = {"single": "single-thread", "multi": "multi-thread", "live": "live chat"}


class Place(Hashable, Protocol):
    """What a play needs of a place. ``short`` is policy for real sockets, ``arrives`` what settles what arrived."""

    @property
    def name(self) -> str: ...

    @property
    def says(self) -> str: ...

    @property
    def arrives(self) -> tuple[str, ...]: ...

    @property
    def short(self) -> Mapping[str, Any]: ...

    def channel(self, settings: Mapping[str, Any], *, is_served: bool) -> Channel:
        """Return the channel that the center has; one that ``is_served`` on real sockets holds nothing for long."""

    def site(self, url: str) -> Any:
        """Return the site at which a chat finds a center that serves under this URL."""


@dataclass(frozen=True)
class CXonePlace:
    """A channel in one of the three modes, with sessions of one style."""

    mode: Mode
    style: Style
    arrives = ("delivered",)
    short: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        return f"{self.mode}-{self.style}"

    @property
    def says(self) -> str:
        return f"{_MODES[self.mode]}, {self.style} sessions"

    @property
    def channel_id(self) -> str:
        return channel_id(self.mode, self.style)

    def channel(self, settings: Mapping[str, Any], *, is_served: bool = False) -> CXoneChannel:
        _ = is_served
        return CXoneChannel(id=self.channel_id, mode=self.mode, session=self.style, **settings)

    def site(self, url: str) -> Any:
        return site_for(self.channel({}), url)


@dataclass(frozen=True, eq=False)
class BrightPatternPlace:
    """A scenario entry, asked by one version of the interface, in one reading of what the reference leaves open."""

    name: str
    version: Literal["v2", "v1"] = "v2"
    settings: Mapping[str, Any] = field(default_factory=dict)
    arrives = ("sent", "delivered", "seen")
    short: Mapping[str, Any] = field(default_factory=lambda: {"poll_quick": 0.02, "poll_pause": 0.05})

    @property
    def says(self) -> str:
        return f"API {self.version}" if self.name == self.version else f"API {self.version}: {self.name}"

    def channel(self, settings: Mapping[str, Any], *, is_served: bool = False) -> BrightPatternChannel:
        quick = {"hold": 0.2} if is_served else {}
        return BrightPatternChannel(id=APP_ID, mode="live", **{**quick, **self.settings, **settings})

    def site(self, url: str) -> BrightPattern:
        return BrightPattern(url=url, app_id=APP_ID, version=self.version)


ANYWHERE: Final = tuple(CXonePlace(mode, style) for mode in get_args(Mode) for style in get_args(Style))
SINGLE, MULTI, LIVE = (tuple(each for each in ANYWHERE if each.mode == mode) for mode in get_args(Mode))
LEGACY, SECURED = (tuple(each for each in ANYWHERE if each.style == style) for style in get_args(Style))

V2: Final = BrightPatternPlace("v2")
V1: Final = BrightPatternPlace("v1", "v1")


def _read(name: str, version: Literal["v2", "v1"] = "v2", **settings: Any) -> BrightPatternPlace:
    return BrightPatternPlace(name, version, settings)


READINGS: Final = {
    place.name: place
    for place in (
        _read("empty polls have no body", empty_poll="no_body"),
        _read("empty polls are 5511 with 404", empty_poll="5511_404"),
        _read("empty polls are 5511 with 200", empty_poll="5511_200"),
        _read("lost events come again", aborted_poll="redelivered"),
        _read("a break goes unnoticed", aborted_poll="unnoticed"),
        _read("a parallel poll is a bad request", parallel_poll="second_400"),
        _read("a parallel poll ends the first", parallel_poll="first_ended"),
        _read("own messages come back", echo=True),
        _read("times in milliseconds", timestamps="milliseconds"),
        _read("times are numbers", timestamps="number"),
        _read("connected before joined", start_order="connected_first"),
        _read("never connecting", start_order="no_connecting"),
        _read("plain numbers", numbering="plain"),
        _read("ended after inactivity", after_timeout="ended"),
        _read("silent after the end", after_end="silent"),
        _read("ended at once after a disconnect", after_disconnect="ended"),
        _read("a stage after a disconnect", status_after_disconnect=True),
        _read("a survey after the agent", after_agent="survey"),
        _read("a disconnect without an agent does nothing", disconnect_alone="ignored"),
        _read("history of messages alone", history="messages"),
        _read("history after the end", history_after_end=60.0),
        _read("no receipts", receipts=False),
        _read("known messages are dropped", repeated_message="drop"),
        _read("late forms are refused", late_form="refused"),
        _read("no stage after a form", status_after_form=False),
        _read("a case is taken away without an id", case_cleared="absent"),
        _read("a closed case is gone", case_gone_after_close=True),
        _read("the past of a case without this chat", current_in_case_history=False),
        _read("no files after the end", files_after_end=False),
        _read("who leaves comes first", transfer_order="left_first"),
        _read("signals in the history", signals_in_history=True),
        _read("codes are numbers", error_codes="number"),
        _read("answers come again in the poll", "v1", v1_answer="copies"),
        _read("establishing", "v1", v1_stage="establishing", is_new_chat="string"),
        _read("without receipts and cases", "v1", v1_is_full=False),
        _read("files without an id", "v1", file_ids="empty"),
        _read("the sender of a file is a session", "v1", file_sender="session_id"),
    )
}
"""The center's other readings, by name (sections 17, 19 and 21 of the Bright Pattern reference)."""


def of(*names: str) -> tuple[BrightPatternPlace, ...]:
    """Return the newer version, and the readings with these names."""
    return (V2, *(READINGS[name] for name in names))


def both(*names: str) -> tuple[BrightPatternPlace, ...]:
    """Return both versions, and the readings with these names: for what differs between the two (section 17)."""
    return (V2, V1, *(READINGS[name] for name in names))
