"""A session that nothing has been asked of, for tests of the parts that every vendor composes."""

from typing import Any

from deskline_core.cxone.site import CXone
from deskline_core.ledger import Ledger
from deskline_core.policy import Policy
from deskline_core.saves import Saves
from deskline_core.session import Session

NOW = 1_780_000_000.0


def bare(**policy: Any) -> Session:
    """Return a session at ``NOW``; which vendor its site is of plays no part."""
    site = CXone.local("http://localhost:8080", 1386, "chat_1")
    session = Session(site, policy=Policy(**policy), seed=b"a seed of at least sixteen bytes")
    session.now = NOW
    return session


def ledger(session: Session) -> Ledger:
    """Return a ledger of a session that keeps no threads."""
    return Ledger(session, Saves(session, lambda: None), thread=lambda _: "", changed=lambda: None)
