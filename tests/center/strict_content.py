"""What a message's content must hold by its type: CXone wire reference, sections 5.4 and 5.5."""

import json
from typing import Annotated, Any, Literal

import msgspec

__all__ = ["Content", "Date", "Struct", "Uuid"]

Uuid = Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
Date = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$")]


class Struct(msgspec.Struct, kw_only=True, rename="camel"):
    """Fields that are not named are not looked at."""


class Said(Struct):
    content: str


class Action(Struct):
    type: Literal["REPLY_BUTTON"]
    text: str


class TextPayload(Struct):
    text: str


class QuickReplies(Struct):
    text: Said
    actions: list[Action]


class ListPicker(QuickReplies):
    title: Said


class Media(Struct):
    file_name: str
    mime_type: str
    url: str


class RichLink(Struct):
    media: Media
    title: Said
    url: str


class Slot(Struct):
    id: str
    duration: int
    start_time: Date


class Slots(Struct):
    title: Said
    time_slots: list[Slot]


class TimePicker(Struct):
    title: Said
    event: Slots


class Countdown(Struct):
    started_at: Date
    number_of_seconds: int


class PopupPart(Struct):
    id: str
    type: str


class PopupText(PopupPart):
    text: str


class PopupCountdown(PopupPart):
    variables: Countdown


class PopupButton(PopupText):
    id: Uuid
    postback: str


POPUP_PARTS: tuple[tuple[str, type[PopupPart]], ...] = (
    ("TITLE", PopupText),
    ("TEXT", PopupText),
    ("COUNTDOWN", PopupCountdown),
    ("TEXT", PopupText),
    ("BUTTON", PopupButton),
    ("BUTTON", PopupButton),
)
"""An inactivity popup, in the order that A insists on (5.5.6)."""


class Popup(Struct):
    id: str
    type: Literal["INACTIVITY_POPUP"]
    elements: list[dict[str, Any]]


class Plugin(Struct):
    elements: list[Popup]


class Element(Struct):
    type: str


class Unknown(Struct):
    """What I needs of a content of any other type, and of those that only W knows (5.5.8)."""

    elements: Annotated[list[Element], msgspec.Meta(min_length=1)]


class Streamed(Unknown):
    protocol: str
    source_url: str


PAYLOADS: dict[str, type[Struct]] = {
    "TEXT": TextPayload,
    "QUICK_REPLIES": QuickReplies,
    "LIST_PICKER": ListPicker,
    "RICH_LINK": RichLink,
    "TIME_PICKER": TimePicker,
    "PLUGIN": Plugin,
    "STREAMED": Streamed,
}
LOST_BY_MOBILE = {"ADAPTIVE_CARD"}
"""I cannot decode these whatever they hold (5.5)."""


class Content(Struct):
    """What I and A can both take; a fallback text is needed wherever it can be (5.4)."""

    type: str
    payload: dict[str, Any]
    fallback_text: Annotated[str, msgspec.Meta(min_length=1)]

    def __post_init__(self) -> None:
        if self.type in LOST_BY_MOBILE:
            raise ValueError(f"no iOS client takes {self.type}")
        payload = msgspec.convert(self.payload, PAYLOADS.get(self.type, Unknown))
        if isinstance(payload, Plugin):
            (popup,) = payload.elements
            for element, (name, kind) in zip(popup.elements, POPUP_PARTS, strict=True):
                if msgspec.convert(element, kind).type != name:
                    raise ValueError(f"a popup's {name} is a {element['type']}")
            stay, end = (json.loads(element["postback"]) for element in popup.elements[-2:])
            if (stay["isExpired"], end["isExpired"]) != (False, True):
                raise ValueError("a popup's first button stays, its second one ends")
