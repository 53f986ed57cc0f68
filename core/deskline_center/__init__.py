"""The contact center: the far side of the chat, just as pure as the core.

:class:`Center` takes inputs and returns commands; :mod:`deskline_center.controls` holds what its operator can do,
:mod:`deskline_center.scripts` what its agents do by themselves, :mod:`deskline_center.cxone` the channels.
"""

from deskline_center.center import Center, Input
from deskline_center.commands import (
    Abandon,
    AcceptSocket,
    AnswerControl,
    Command,
    Drop,
    Push,
    RefuseControl,
    RefuseSocket,
    Respond,
)
from deskline_center.inputs import FrameArrived, RequestArrived, SocketArrived, SocketGone, Tick
from deskline_center.model import Agent
from deskline_center.scripts import ECHO, Script

__all__ = [
    "ECHO",
    "Abandon",
    "AcceptSocket",
    "Agent",
    "AnswerControl",
    "Center",
    "Command",
    "Drop",
    "FrameArrived",
    "Input",
    "Push",
    "RefuseControl",
    "RefuseSocket",
    "RequestArrived",
    "Respond",
    "Script",
    "SocketArrived",
    "SocketGone",
    "Tick",
]
