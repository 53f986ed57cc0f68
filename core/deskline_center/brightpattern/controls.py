"""Controls that only Bright Pattern has: one for each event that an agent or a scenario can cause (section 6).

They are used like those of :mod:`deskline_center.controls`. ``thread`` is the chat id; left empty it is the chat in
which something happened last. ``agent`` is an id of the center's agents, 0 that of the contact or the first.
"""

from typing import Any, Literal

import msgspec

from ..bounds import Number, WholeSeconds
from ..controls import Control

__all__ = [
    "CancelForm",
    "CutPolls",
    "DeleteMessage",
    "EndSession",
    "PartyJoins",
    "PartyLeaves",
    "RequestCobrowsing",
    "ScenarioSays",
    "SendEvents",
    "SendInfo",
    "SendLocation",
    "SendSignal",
    "SetCase",
    "SetStage",
    "ShowForm",
]


class SetStage(Control, frozen=True, kw_only=True):
    """Tell another state of the session, or the same with another estimated wait.

    ``ewt`` is text as on the wire, None leaves it; ``failed`` ends the session; any other word is told, and no more.
    ``queued`` puts the contact into the queue if it does not wait there.
    """

    thread: str = ""
    stage: str = "queued"
    ewt: str | None = None


class ScenarioSays(Control, frozen=True, kw_only=True):
    """The scenario sends ``text``, or a content in the vendor's form laid over it (``directive_id``, ``msg``, ...)."""

    thread: str = ""
    text: str = ""
    content: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])


class PartyJoins(Control, frozen=True, kw_only=True):
    """A further party comes, beside the contact's agent, as one of any ``kind``; empty takes the agent's own."""

    thread: str = ""
    agent: Number = 0
    kind: str = ""


class PartyLeaves(Control, frozen=True, kw_only=True):
    """A party goes; the contact's agent leaves by ``agent-leaves``."""

    thread: str = ""
    agent: Number = 0


class SetCase(Control, frozen=True, kw_only=True):
    """Attach a CRM case to the chat; empty takes it away."""

    thread: str = ""
    case: str = "CS-1001"


class ShowForm(Control, frozen=True, kw_only=True):
    """Show a form, and wait ``seconds`` for its answer; without a ``name`` free text is asked for.

    ``secure`` ones sit beside the chat, and are never replaced by another.
    """

    thread: str = ""
    name: str = ""
    seconds: WholeSeconds = 60
    secure: bool = False


class CancelForm(Control, frozen=True, kw_only=True):
    """Take back a secure form: the one with the id ``form``, or the newest."""

    thread: str = ""
    form: str = ""


class SendSignal(Control, frozen=True, kw_only=True):
    """Send a signal of a call; ``data`` is its object."""

    thread: str = ""
    data: dict[str, Any] = msgspec.field(default_factory=lambda: {"type": "END_CALL"})
    agent: Number = 0


class RequestCobrowsing(Control, frozen=True, kw_only=True):
    """Ask the customer for co-browsing."""

    thread: str = ""


class SendInfo(Control, frozen=True, kw_only=True):
    """Tell the name of the service."""

    thread: str = ""
    service: str = "Parcel desk"


class SendLocation(Control, frozen=True, kw_only=True):
    """An agent sends a place."""

    thread: str = ""
    latitude: str = "52.52"
    longitude: str = "13.405"
    url: str = ""
    agent: Number = 0


class DeleteMessage(Control, frozen=True, kw_only=True):
    """Delete a message; empty takes the newest one."""

    thread: str = ""
    message: str = ""


class SendEvents(Control, frozen=True, kw_only=True):
    """Put any events into what the next poll brings, as they are, whether they make sense or not.

    Events without a ``timestamp`` get none. ``kept`` lets them stand in the history, too.
    """

    thread: str = ""
    events: tuple[dict[str, Any], ...]
    kept: bool = False


class CutPolls(Control, frozen=True, kw_only=True):
    """Cut the connection of the poll that is held; events wait for the next one."""

    thread: str = ""


class EndSession(Control, frozen=True, kw_only=True):
    """End the session: ``ended`` by the scenario, by ``timeout``, or ``lost`` without a word (5005 from now on)."""

    thread: str = ""
    how: Literal["ended", "timeout", "lost"] = "ended"
