"""The default TLS context: made when the first connection needs it, then shared by all."""

import ssl
from functools import cache

from deskline_transports.base import Network

__all__ = ["context_for", "default_context", "no_context"]


@cache
def default_context() -> ssl.SSLContext:
    """Return the one default context; it is made at the first call."""
    return ssl.create_default_context()


def context_for(network: Network) -> ssl.SSLContext:
    """Return the network's own context, or the one shared default with the system's trusted authorities."""
    return network.ssl_context or default_context()


@cache
def no_context() -> ssl.SSLContext:
    """Return an empty context that trusts nobody: a stand-in where a library wants one, but no TLS is spoken."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
