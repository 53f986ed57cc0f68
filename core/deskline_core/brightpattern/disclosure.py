"""What Bright Pattern's traffic holds that is not for everyone, and what a picture calls it (reference, 3, 6, 7).

An app's id and a client's are no secrets: they tell an entry and a customer. What forms are filled with, parameters,
and what a call or a common browsing is told are people's texts, whatever their names.
"""

import re
from typing import Final

from ..disclosure import TEXTS, Captions, Disclosure, Passage, loaded, member
from ..pieces import entries, part

__all__ = ["DISCLOSURE"]

_TEXT: Final = r'"(?:[^"\\]|\\.)*"'
_FLAT: Final = rf"\{{(?:[^\"{{}}]|{_TEXT})*\}}"
_DATA: Final = re.compile(rf'"(?:data|parameters)"\s*:\s*(\{{(?:[^"{{}}]|{_TEXT}|{_FLAT})*\}})')
_BROWSING: Final = re.compile(rf'"event"\s*:\s*"chat_session_cobrowsing_\w+"((?:[^"{{}}]|{_TEXT}|{_FLAT})*)')
_PAIR: Final = re.compile(r'("(?!(?:type|event|msg_id|party_id|timestamp)")(?:[^"\\]|\\.)*"\s*:\s*")((?:[^"\\]|\\.)*)')
_PLACE: Final = re.compile(r'"(?:latitude|longitude)"\s*:\s*"?-?[0-9.]+')
_DIGITS: Final = re.compile(r'("(?:latitude|longitude)"\s*:\s*"?)(-?[0-9.]+)')
_MARKUP: Final = re.compile(
    r"(</?[A-Za-z][A-Za-z0-9]*)(?:=\s*\"[^\"]*\"|=\s*'[^']*'|[^>])*(>)"
    r"|(<!--)(?:[^-]|-(?!->))*(-->)|(<[^A-Za-z/]?)"
    r"|(&#?\w{1,32};?)"
    r"|(?:(?<=\s)|(?<=^))(/(?:buttons-column|buttons|choice)\b|/attachment\s+https?://\S+)"
)
"""Tags without what stands in them, references, and the directives of section 6.5: a text is read by them."""
_PASSAGES: Final = (
    Passage(within=_DATA, each=_PAIR, holds="text"),
    Passage(within=_BROWSING, each=_PAIR, holds="text"),
    Passage(within=_PLACE, each=_DIGITS, holds="number"),
)


def _events(body: bytes) -> str:
    """Return the names of the events in a body, each once, without what all begin with."""
    names = (member(event, "event").removeprefix("chat_session_") for event in entries(part(loaded(body), "events")))
    return ", ".join(dict.fromkeys(name for name in names if name))


DISCLOSURE: Final = Disclosure(
    texts=TEXTS
    | {"msg", "msg_text", "display_name", "from", "phone_number", "message", "page", "url", "file_url", "data"},
    captions=Captions(frame=lambda _text: "a frame", reported=_events, held=_events, beat="idle poll"),
    of_people=('"events"', '"chat_id"', '"sessions"'),
    markup=_MARKUP,
    coming=_PASSAGES,
    going=_PASSAGES,
)
