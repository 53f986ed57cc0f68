"""A local contact center to develop and test against: one port, REST, WebSocket and the operator's side.

In a test, or any program, whatever runtime it uses::

    from deskline import center
    from deskline_center.controls import AgentJoins, AgentSays

    with center.serve() as far_side:
        ...  # point a client at far_side.url and far_side.gateway
        far_side.control.do(AgentJoins())
        far_side.control.do(AgentSays(text="Hello"))

Inside asyncio: ``async with center.CenterServer() as far_side``. From a command line: :func:`run_forever`.
"""

from .control import ControlClient, ControlRefused, Controls
from .proxy import FaultProxy, proxied
from .server import CenterServer, RunningCenter, run_forever, serve

__all__ = [
    "CenterServer",
    "ControlClient",
    "ControlRefused",
    "Controls",
    "FaultProxy",
    "RunningCenter",
    "proxied",
    "run_forever",
    "serve",
]
