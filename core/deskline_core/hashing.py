"""Hashes what an app's requests hold of people, for a journal that may be shown."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from .disclosure import Disclosure, hash_path
from .inputs import (
    Input,
    PreviewText,
    RenameThread,
    ReportVisitorEvent,
    SendInvitation,
    SendLocation,
    SendMessage,
    SendOfflineMessage,
    SendSignal,
    SendTranscript,
    SetCustomer,
    SetCustomerFields,
    SetThreadFields,
    StartThread,
    SubmitForm,
    ViewPage,
)
from .model import Location, Question, Upload
from .redaction import Redactor, place_number
from .session import Session

__all__ = ["Hashing"]

_HASHED: Final[Mapping[type, tuple[str, ...]]] = {
    PreviewText: ("text",),
    RenameThread: ("name",),
    ReportVisitorEvent: ("data",),
    SendInvitation: ("emails",),
    SendLocation: ("text", "location"),
    SendMessage: ("text", "attachments"),
    SendOfflineMessage: ("email", "text", "first_name", "last_name"),
    SendSignal: ("data",),
    SendTranscript: ("email",),
    SetCustomer: ("first_name", "last_name"),
    SetCustomerFields: ("fields",),
    SetThreadFields: ("fields",),
    StartThread: ("answers", "name"),
    SubmitForm: ("data",),
    ViewPage: ("title", "url"),
}
"""Which fields of which requests hold people's texts."""
_MOST_EARLY: Final = 100


class Hashing:
    """Hashes requests by their kinds, and leaves the choices that a site offers as they are."""

    __slots__ = ("_disclosure", "_early", "_questions", "_redactor")

    def __init__(self, redactor: Redactor, disclosure: Disclosure) -> None:
        self._redactor = redactor
        self._disclosure = disclosure
        self._questions: tuple[Sequence[Question], ...] = ()
        self._early: dict[str, str] = {}

    def spare_choices(self, session: Session) -> None:
        """Leave the choices of the site's questions as they are: they are no one's, and answers are checked by them."""
        known = (session.questions, session.customer_questions, session.thread_questions)
        if known != self._questions:
            self._questions = known
            choices = [choice for questions in known for question in questions for choice in question.choices]
            words = {text for name, label in choices for text in (name, label, label.rpartition(" / ")[2])}
            self._redactor.spare(words - self._early.keys())

    def with_early(self, text: str) -> str:
        """Replace the choices in a configuration that were chosen before it came, as they were then: by hashes."""
        if not (self._early and self._disclosure.of_choices and self._disclosure.of_choices in text):
            return text
        for plain, hashed in self._early.items():
            choice = rf'("(?:name|value)"\s*:\s*){re.escape(json.dumps(plain, ensure_ascii=False))}'
            written = json.dumps(hashed).replace("\\", r"\\")
            text = re.sub(choice, rf"\g<1>{written}", text)
        return text

    def fields(self, input: Input) -> dict[str, object]:
        """Return those fields of an app's request that hold people's texts. Choices of a list are the site's."""
        return {name: self._hashed_field(name, getattr(input, name)) for name in _HASHED.get(type(input), ())}

    def _hashed_field(self, name: str, value: Any) -> object:  # noqa: ANN401 - a field of any request
        redactor = self._redactor
        ways: Mapping[str, Callable[[Any], object]] = {
            "email": redactor.address,
            "emails": lambda emails: [redactor.address(email) for email in emails],
            "data": lambda pairs: [(name, redactor.hash(text)) for name, text in pairs],
            "answers": self._hashed_values,
            "fields": self._hashed_values,
            "attachments": lambda files: [self._hashed_file(file) for file in files],
            "location": self._hashed_place,
        }
        if name == "data" and isinstance(value, str):
            return redactor.members(value)
        return ways.get(name, redactor.hash)(value)

    def _hashed_values(self, pairs: Iterable[tuple[str, str]]) -> object:
        return [(id, self._hashed_value(text)) for id, text in pairs]

    def _hashed_value(self, text: str) -> str:
        """Return an answer or a field's value hashed; it may be a choice of questions that are not known yet."""
        hashed = self._redactor.hash(text)
        if not any(self._questions) and len(self._early) < _MOST_EARLY:
            self._early[text] = hashed
        return hashed

    def _hashed_place(self, place: Location) -> object:
        latitude, longitude = _elsewhere(place.latitude), _elsewhere(place.longitude)
        return {"latitude": latitude, "longitude": longitude, "url": hash_path(place.url, self._redactor.hash)}

    def _hashed_file(self, file: Upload) -> dict[str, str]:
        """Return a file of which only the size and the kind are left."""
        empty = b64encode(bytes(len(file.content))).decode()
        return {"name": self._redactor.hash(file.name), "content": empty, "mime_type": file.mime_type}


def _elsewhere(degrees: float) -> float:
    return float(place_number(repr(float(degrees))))
