"""The warning that a live chat will end for inactivity (CXone wire reference, section 5.5.6)."""

import re
from datetime import datetime
from typing import Final

from ..model import Choice, Inactivity
from ..pieces import entries, load, part, text_of
from .dates import parse_date
from .parts import Content, WireMessage

__all__ = ["read_inactivity"]

_POPUP: Final = "INACTIVITY_POPUP"
_IS_EXPIRED: Final = re.compile(r'"isExpired"\s*:\s*(true|false)')
_MOST_SECONDS: Final = 24 * 3600.0


def _find_popup(content: Content) -> object:
    """Return the element that holds a warning, or None: the first of a plugin, or the payload itself."""
    if content.type not in {"PLUGIN", _POPUP}:
        return None
    payload = load(content.payload)
    element = payload if content.type == _POPUP else next(iter(entries(part(payload, "elements"))), None)
    return element if part(element, "type") == _POPUP else None


def read_inactivity(message: WireMessage, received_at: float, wire_now: datetime | None = None) -> Inactivity | None:
    """Return the warning, or None if the message is none, or one that could not be answered.

    ``received_at`` is UTC seconds of our own clock, from which the remaining time is counted. ``wire_now`` is the
    latest time that the far side is known to have reached: for a warning found in a recovered history, what it says
    to have passed since the countdown's start is taken off. Its clock is never compared with ours.
    """
    elements = entries(part(_find_popup(message.message_content), "elements"))
    texts = _texts(elements, "TEXT")
    seconds = _remaining(elements, wire_now)
    stay, end = _button(elements, "false"), _button(elements, "true")
    if seconds is None or stay is None or end is None:
        return None
    return Inactivity(
        title="".join(_texts(elements, "TITLE")[:1]),
        text="".join(texts[:1]),
        question="".join(texts[1:2]),
        ends_at=received_at + seconds,
        stay=stay,
        end=end,
        message=message.id_on_external_platform,
    )


def _of_type(elements: list[object], type_: str) -> list[object]:
    return [element for element in elements if part(element, "type") == type_]


def _texts(elements: list[object], type_: str) -> list[str]:
    return [text_of(part(element, "text")) for element in _of_type(elements, type_)]


def _remaining(elements: list[object], wire_now: datetime | None) -> float | None:
    countdown = next(iter(_of_type(elements, "COUNTDOWN")), None)
    try:
        seconds = float(text_of(part(countdown, "variables", "numberOfSeconds")))
    except ValueError:
        return None
    started = parse_date(text_of(part(countdown, "variables", "startedAt")))
    passed = (wire_now - started).total_seconds() if wire_now and started else 0.0
    if not 0 <= seconds <= _MOST_SECONDS:  # also not a number
        return None
    return max(0.0, seconds - max(0.0, passed))


def _button(elements: list[object], is_expired: str) -> Choice | None:
    for button in _of_type(elements, "BUTTON"):
        postback = text_of(part(button, "postback"))
        found = _IS_EXPIRED.search(postback)
        if found and found[1] == is_expired:
            return Choice(text=text_of(part(button, "text")), postback=postback)
    return None
