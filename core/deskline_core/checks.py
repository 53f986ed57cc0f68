"""Texts of an app's, checked before they are sent: each check returns why one cannot go, or None."""

import re
from typing import Final

from .policy import DEFAULT_POLICY

__all__ = ["check_email", "check_name", "check_text"]

_MOST_NAME: Final = 1024
_EMAIL: Final = re.compile(
    r"[a-zA-Z0-9._%+-]{1,256}@[a-zA-Z0-9][a-zA-Z0-9-]{0,64}(?:\.[a-zA-Z0-9][a-zA-Z0-9-]{0,25})+", re.ASCII
)


def check_text(text: str, max_text: int = DEFAULT_POLICY.max_text) -> str | None:
    """Return why a text cannot be sent, or None if it can. ``max_text`` is in characters."""
    if len(text) > max_text:
        return f"longer than {max_text} characters"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "not valid Unicode: it holds half of a surrogate pair"
    return None


def check_name(text: str) -> str | None:
    """Return why a name or id of the app's cannot be sent, or None if it can: too long, or not valid Unicode."""
    return check_text(text, _MOST_NAME)


def check_email(text: str) -> str | None:
    """Return why a text is no e-mail address, or None if it is one: as strict as the strictest client known.

    That is CXone's (CXone wire reference, section 6.3).
    """
    return None if _EMAIL.fullmatch(text) else "no e-mail address, such as kit@example.com"
