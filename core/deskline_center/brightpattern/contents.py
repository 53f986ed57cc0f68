"""What messages, files and places are on the wire (Bright Pattern reference, sections 6.5, 6.11, 6.14 and 7)."""

import html
import re
from typing import Any, Final

from ..parse import word

__all__ = ["file_content", "location_content", "name_of", "text_content", "url_content", "words"]

Wire = dict[str, Any]
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]*>")


def name_of(event: Wire) -> str:
    """The name of an event, whatever stands there: the operator may send odd ones."""
    return str(event.get("event", ""))


def text_content(text: str) -> Wire:
    """The content of a text message: HTML, and the text itself."""
    return {"msg": html.escape(text, quote=False).replace("\n", "<br>"), "msg_text": text, "channel": "web"}


def file_content(file: str, name: str, kind: str) -> Wire:
    """A file that lies in the center; ``kind`` is its MIME type."""
    return {"event": "chat_session_file", "file_id": file, "file_type": _type(kind), "file_name": name}


def url_content(url: str, kind: str) -> Wire:
    """A file that lies elsewhere."""
    return {"event": "chat_session_file_url", "file_url": url, "file_type": _type(kind)}


def _type(kind: str) -> str:
    return "image" if kind.startswith("image/") else "attachment"


def location_content(latitude: str, longitude: str, url: str) -> Wire:
    """A place."""
    content = {"event": "chat_session_location", "latitude": latitude, "longitude": longitude}
    return content | ({"url": url} if url else {})


def words(content: Wire) -> str:
    """The text of a content, for agents to react to: the plain one, else the HTML without its tags."""
    plain = word(content, "msg_text")
    return plain or html.unescape(_TAG.sub("", _BREAK.sub("\n", word(content, "msg"))))
