"""Faults on real sockets, for programs that are tested against a local center: see :mod:`deskline.center`."""

from deskline.center import wire_faults
from deskline.center.proxy import FaultProxy, proxied

__all__ = ["FaultProxy", "proxied", "wire_faults"]
