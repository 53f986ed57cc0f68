"""The contact center: the far side of the chat, just as pure as the core.

:class:`Center` takes inputs and returns commands; :mod:`deskline_center.controls` holds what its operator can do,
:mod:`deskline_center.scripts` what its agents do by themselves, :mod:`deskline_center.cxone` and
:mod:`deskline_center.brightpattern` the channels.
"""

from .center import Center, Input
from .commands import (
    Abandon,
    AcceptSocket,
    AnswerControl,
    Command,
    Continue,
    Drop,
    Push,
    RefuseControl,
    RefuseSocket,
    Respond,
)
from .inputs import FrameArrived, RequestArrived, RequestGone, SocketArrived, SocketGone, Tick
from .model import Agent
from .scripts import ECHO, Script

__all__ = [
    "ECHO",
    "Abandon",
    "AcceptSocket",
    "Agent",
    "AnswerControl",
    "Center",
    "Command",
    "Continue",
    "Drop",
    "FrameArrived",
    "Input",
    "Push",
    "RefuseControl",
    "RefuseSocket",
    "RequestArrived",
    "RequestGone",
    "Respond",
    "Script",
    "SocketArrived",
    "SocketGone",
    "Tick",
]
