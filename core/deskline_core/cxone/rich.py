"""Content that is more than text: what it shows, and what can be chosen in it (CXone wire reference, section 5.5).

Each type is read from its raw payload; what cannot be read, and what no one knows, shows its fallback text.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from ..model import Choice, ContentKind, Link
from ..pieces import entries, load, number_of, object_of, part, text_of
from .dates import parse_date
from .parts import Content

__all__ = ["Rich", "kind_of", "read_rich"]


class Rich(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a content says. ``source`` is its JSON, "" for plain text."""

    kind: ContentKind
    text: str
    choices: tuple[Choice, ...] = ()
    link: Link | None = None
    postback: str = ""
    source: str = ""


def kind_of(content: Content) -> ContentKind:
    """Return what a content is."""
    return _KINDS.get(content.type, ContentKind.UNKNOWN)


def read_rich(content: Content) -> Rich:
    """Return what a content says, of whatever type."""
    kind = kind_of(content)
    payload = load(content.payload)
    postback = content.postback or text_of(part(payload, "postback"))
    text = _text(content, payload)
    if kind is ContentKind.TEXT:
        return Rich(kind=kind, text=text, postback=postback)
    raw = _raw(content, payload)
    return Rich(
        kind=kind,
        text=text,
        choices=tuple(_CHOICES.get(content.type, _none)(payload)),
        link=_link(payload) if kind is ContentKind.RICH_LINK else None,
        postback=postback,
        source=f'{{"type":{msgspec.json.encode(content.type).decode()},"payload":{raw}}}',
    )


def _raw(content: Content, payload: object) -> str:
    """Return a payload's JSON; of a message that comes in pieces without where from, which is signed (5.5.7)."""
    if content.type == "STREAMED":
        kept = {name: value for name, value in object_of(payload).items() if name != "sourceUrl"}
        return msgspec.json.encode(kept).decode()
    return bytes(content.payload).decode("utf-8", "replace")


_KINDS: Final[dict[str, ContentKind]] = {
    "TEXT": ContentKind.TEXT,
    "POSTBACK": ContentKind.TEXT,
    "QUICK_REPLIES": ContentKind.QUICK_REPLIES,
    "LIST_PICKER": ContentKind.LIST_PICKER,
    "RICH_LINK": ContentKind.RICH_LINK,
    "TIME_PICKER": ContentKind.TIME_PICKER,
    "ADAPTIVE_CARD": ContentKind.CARD,
    "STREAMED": ContentKind.STREAM,
}

# --- text ---

_TEXTS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "TEXT": (("text",),),
    "POSTBACK": (("text",),),
    "QUICK_REPLIES": (("text", "content"),),
    "LIST_PICKER": (("title", "content"), ("text", "content")),
    "RICH_LINK": (("title", "content"), ("url",)),
    "TIME_PICKER": (("title", "content"), ("event", "title", "content")),
}
"""Where the texts of a payload stand, a line each."""


def _text(content: Content, payload: object) -> str:
    found = (text_of(part(payload, *path)) for path in _TEXTS.get(content.type, ()))
    return "\n".join(text for text in found if text) or content.fallback_text or content.text or ""


# --- choices: one without a text cannot be shown, and is left out ---


def _none(_payload: object) -> Iterable[Choice]:
    return ()


def _buttons(payload: object) -> Iterator[Choice]:
    """Return the buttons of quick replies and list pickers (5.5.2, 5.5.3)."""
    for button in entries(part(payload, "actions")):
        if text := text_of(part(button, "text")):
            yield Choice(
                text=text,
                postback=text_of(part(button, "postback")),
                description=text_of(part(button, "description")),
                image=text_of(part(button, "icon", "url")),
            )


def _slots(payload: object) -> Iterator[Choice]:
    """Return the slots of a time picker (5.5.5).

    How one is chosen, no source shows: here its text is its start as the far side wrote it, and its postback is its
    id, or its start where it has none, as with the other pickers. A slot whose start cannot be read is left out.
    """
    for slot in entries(part(payload, "event", "timeSlots")):
        start = text_of(part(slot, "startTime"))
        if starts_at := parse_date(start):
            yield Choice(
                text=start,
                postback=text_of(part(slot, "id")) or start,
                starts_at=starts_at,
                duration=number_of(part(slot, "duration")),
            )


def _old_buttons(payload: object) -> Iterator[Choice]:
    """Return the buttons of old plugin elements (5.5.6) that can be answered; the others open a page.

    Those of an inactivity warning are none: its answer is marked as such.
    """
    for element in entries(part(payload, "elements")):
        if part(element, "type") == "INACTIVITY_POPUP":
            continue
        for button in entries(part(element, "elements")):
            text, postback = text_of(part(button, "text")), text_of(part(button, "postback"))
            if part(button, "type") == "BUTTON" and text and postback:
                yield Choice(text=text, postback=postback)


_CHOICES: Final[dict[str, Callable[[object], Iterable[Choice]]]] = {
    "QUICK_REPLIES": _buttons,
    "LIST_PICKER": _buttons,
    "TIME_PICKER": _slots,
    "PLUGIN": _old_buttons,
}


def _link(payload: object) -> Link | None:
    """Return what a rich link leads to (5.5.4); None for one that leads nowhere."""
    url = text_of(part(payload, "url"))
    title, image = text_of(part(payload, "title", "content")), text_of(part(payload, "media", "url"))
    return Link(url=url, title=title, image=image) if url else None
