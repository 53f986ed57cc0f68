"""Contents that agents send, in the vendor's form (CXone wire reference, section 5.5): for controls and scripts.

::

    AgentSays(content=quick_replies("When should we ring?", ("Early", "slot:early"), ("Late", "slot:late")))

Each has the fallback text that a client needs which cannot show it.
"""

from typing import Any

__all__ = ["adaptive_card", "list_picker", "menu", "quick_replies", "rich_link", "time_picker", "unknown"]

Content = dict[str, Any]
Choice = tuple[str, str]
"""The text of a button, and its postback."""


def quick_replies(text: str, *choices: Choice) -> Content:
    """A question with buttons (5.5.2)."""
    return _content("QUICK_REPLIES", {"text": {"content": text}, "actions": _buttons(choices)}, text)


def list_picker(title: str, text: str, *choices: Choice) -> Content:
    """A list to choose from (5.5.3)."""
    payload = {"title": {"content": title}, "text": {"content": text}, "actions": _buttons(choices)}
    return _content("LIST_PICKER", payload, text)


def rich_link(title: str, url: str, image: str) -> Content:
    """A link with a title and a picture (5.5.4); ``image`` is a URL."""
    media = {"fileName": image.rpartition("/")[2], "mimeType": "image/png", "url": image}
    return _content("RICH_LINK", {"media": media, "title": {"content": title}, "url": url}, url)


def time_picker(title: str, text: str, *starts: str, duration: int = 1800) -> Content:
    """Slots to choose from (5.5.5); ``starts`` are ISO dates, and no source tells the unit of ``duration``."""
    slots = [{"id": f"slot-{n}", "duration": duration, "startTime": start} for n, start in enumerate(starts, 1)]
    event = {"title": {"content": text}, "timeSlots": slots}
    return _content("TIME_PICKER", {"title": {"content": title}, "event": event}, text)


def adaptive_card(card: Content, fallback: str) -> Content:
    """A card of the app's own making: the payload is the card itself (5.5).

    A client for iOS loses the whole frame that has one in it, be it a push or a history (5.5): the payload is the card
    and nothing else, so that it has no place for the elements by which iOS would know it for something unknown.
    """
    return _content("ADAPTIVE_CARD", card, fallback)


def menu(title: str, *choices: Choice) -> Content:
    """An old plugin with buttons (5.5.6)."""
    buttons = [
        {"id": f"button-{n}", "type": "BUTTON", "text": text, "postback": postback}
        for n, (text, postback) in enumerate(choices, 1)
    ]
    elements = [{"id": "title", "type": "TITLE", "text": title}, *buttons]
    return _content(
        "PLUGIN", {"postback": "", "elements": [{"id": "menu", "type": "MENU", "elements": elements}]}, title
    )


def unknown(type: str, fallback: str) -> Content:
    """Content of a kind that no client knows (5.5.8)."""
    return _content(type, {"elements": [{"id": "element", "type": type}]}, fallback)


def _content(type: str, payload: Content, fallback: str) -> Content:
    return {
        "type": type,
        "payload": payload,
        "fallbackText": fallback,
        "isAutoTranslated": False,
        "parameters": [],
        "postback": None,
    }


def _buttons(choices: tuple[Choice, ...]) -> list[Content]:
    return [{"type": "REPLY_BUTTON", "text": text, "postback": postback} for text, postback in choices]
