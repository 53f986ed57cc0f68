"""Scripts: what an agent does by itself, as data.

A script is a name and a tuple of steps. As JSON each step is an object whose ``do`` names its kind::

    {"name": "greet", "steps": [{"do": "wait", "seconds": 1}, {"do": "join"}, {"do": "say", "text": "Hello"}]}
"""

from typing import Any

import msgspec

from .bounds import Number, Seconds, WholeSeconds

__all__ = [
    "ECHO",
    "Again",
    "Close",
    "Expect",
    "Join",
    "Leave",
    "Lose",
    "Read",
    "Say",
    "Script",
    "Step",
    "Stream",
    "Type",
    "Wait",
    "Warn",
]


class _Step(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag=str.lower):
    """What all steps share: in JSON the field ``do`` tells them apart."""


class Wait(_Step, frozen=True, kw_only=True):
    """Do nothing for ``seconds``."""

    seconds: Seconds


class Join(_Step, frozen=True, kw_only=True):
    """An agent takes the contact, from another one if there is one. 0 is the center's first agent."""

    agent: Number = 0


class Leave(_Step, frozen=True):
    """The agent leaves; the contact waits in the queue again."""


class Type(_Step, frozen=True, kw_only=True):
    """The agent types for ``seconds``: began, the time, ended."""

    seconds: Seconds = 1.0


class Say(_Step, frozen=True, kw_only=True):
    """The agent sends ``text``, in which ``{heard}`` stands for the last message of the customer, or ``content``.

    ``content`` is a whole message content in the vendor's form and goes before ``text``. ``attachments`` are as those
    of :class:`~deskline_center.controls.AgentSays`; those that cannot be read are left out.
    """

    text: str = ""
    content: dict[str, Any] | None = None
    attachments: tuple[dict[str, Any], ...] = ()


class Stream(_Step, frozen=True, kw_only=True):
    """The agent sends a message that comes in ``pieces``, one every ``seconds``; the script goes on meanwhile."""

    pieces: tuple[str, ...]
    seconds: Seconds = 0.1


class Expect(_Step, frozen=True, kw_only=True):
    """Wait for a message of the customer that contains ``text``, whatever its case. Others are passed over."""

    text: str = ""


class Read(_Step, frozen=True):
    """The agent reads what the customer wrote."""


class Warn(_Step, frozen=True, kw_only=True):
    """Ask whether the customer is still there; the contact is closed after ``seconds`` without an answer."""

    seconds: WholeSeconds = 90


class Close(_Step, frozen=True):
    """The agent closes the contact. The script ends here."""


class Lose(_Step, frozen=True, kw_only=True):
    """End the sockets of the thread's people: with close code ``code``, or abruptly when it is None."""

    code: Number | None = None


class Again(_Step, frozen=True, kw_only=True):
    """Go on with the step number ``step``, counted from 0."""

    step: Number = 0


Step = Wait | Join | Leave | Type | Say | Stream | Expect | Read | Warn | Close | Lose | Again


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """Steps that run in order for each contact of a channel that names the script, or when the operator says so.

    A script stands when it runs out of steps, and ends when its contact is closed, or the customer wants no agent any
    more.
    """

    name: str
    steps: tuple[Step, ...]


ECHO = Script(
    name="echo",
    steps=(
        Wait(seconds=0.5),
        Join(),
        Read(),
        Type(seconds=0.5),
        Say(text="Hello, this is the local center. Whatever you write comes back."),
        Expect(),
        Read(),
        Type(seconds=0.5),
        Say(text="You wrote: {heard}"),
        Again(step=5),
    ),
)
