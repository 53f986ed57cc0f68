"""What CXone's traffic holds that is not for everyone, and what a picture calls its frames (wire reference, 3)."""

import re
from typing import Final

from ..disclosure import NO_JSON, TEXTS, Captions, Disclosure, Passage, loaded, member
from .tokens import COOKIE, read_cookie

__all__ = ["DISCLOSURE"]

_FILES: Final = re.compile(r'"attachments"\s*:\s*\[[^\]]+(?:\]|\Z)')
_FILE_URL: Final = re.compile(r'("(?:url|securedPermanentUrl|previewUrl)"\s*:\s*")([^"]*)')
"""Received files, and where they lie: signed as a whole."""
_RECIPIENTS: Final = re.compile(r'"(?:r|endUserR)ecipients"\s*:\s*\[[^\]]+(?:\]|\Z)')
_PERSON: Final = re.compile(r'"(?:customer|author)"\s*:\s*\{[^{}]*')
_NAME: Final = re.compile(r'("name"\s*:\s*")((?:[^"\\]|\\.)*)')
"""Who takes part in a conversation, and what they are called; elsewhere, things have names, too."""
_EVENT: Final = re.compile(
    r'"type":"(?:PageView|TimeSpentOnPage|Custom)","createdAtWithMilliseconds":"[^"]*","data":'
    r'(\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\})'
)
"""A visitor event of ours whose data are texts that tell of people, whatever their names."""
_PAIR: Final = re.compile(r'("(?:[^"\\]|\\.)*":")((?:[^"\\]|\\.)*)')

_KINDS: Final = (
    ("error", "errorCode"), ("postback", "eventType"), ("payload", "eventType"), ("eventType",), ("action",),
)  # fmt: skip
"""Where the kind of a frame stands, in the order in which they are looked for."""
_LEADS: Final = ("error ", "", "", "", "")


def _frame(text: str) -> str:
    frame = loaded(text)
    if frame is NO_JSON:
        return "what is no JSON"
    if isinstance(frame, str):
        return frame
    found = (f"{lead}{word}" for lead, path in zip(_LEADS, _KINDS, strict=True) if (word := member(frame, *path)))
    return next(found, "acknowledged" if member(frame, "eventId") else "a frame")


def _cookies(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    identity = read_cookie(headers).reveal()
    return ((COOKIE, identity),) if identity else ()


DISCLOSURE: Final = Disclosure(
    texts=TEXTS | {"fallbacktext", "threadname", "friendlyname"},
    captions=Captions(
        frame=_frame,
        reported=lambda body: member(loaded(body), "type"),
        beats=frozenset({"heartbeat", "pong"}),
    ),
    of_people=('"messageContent"', '"customerIdentity"'),
    of_choices='"preContactForm"',
    cookies=_cookies,
    signed=frozenset({"fileurl", "sourceurl"}),
    signed_beside={"EventInS3": frozenset({"url"})},
    secret_beside={"GroupChat": frozenset({"code", "invitationcode", "invitation"})},
    coming=(
        Passage(within=_FILES, each=_FILE_URL, holds="address"),
        Passage(within=_RECIPIENTS, each=_NAME, holds="text"),
        Passage(within=_PERSON, each=_NAME, holds="text"),
    ),
    going=(Passage(within=_EVENT, each=_PAIR, holds="text"),),
)
