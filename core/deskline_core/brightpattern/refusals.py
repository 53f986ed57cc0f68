"""What an answer's status and error code mean (Bright Pattern reference, sections 2.5 and 4), as two tables.

The code decides, where there is one that is known; the status does where there is none. Which of them come together is
not documented.
"""

from enum import StrEnum
from typing import ClassVar, Final

from ..errors import RefusalCode
from ..reports import ResponseReceived
from ..values import Value
from .decode import read_error

__all__ = ["ERRORS", "STATUSES", "Reaction", "Refusal", "Verdict", "judge"]


class Reaction(StrEnum):
    """What there is to do about an answer.

    - ``SUCCESS``: take it.
    - ``EMPTY``: take it as a poll without events.
    - ``CONFIGURATION``: stop; who we are or where we ask is wrong, and stays so.
    - ``GONE``: of what concerns a session, that it is over.
    - ``MISSING``: this one thing is not there; the session goes on.
    - ``CROWDED``: wait longer than a poll is held: somebody else polls, or there is too much of it.
    - ``LATER``: wait, and try again; what became of a POST is not known.
    - ``UNAVAILABLE``: there is no server for chats: tell at the start, else wait.
    - ``REFUSED``: tell; the same again is refused again.
    """

    SUCCESS = "success"
    EMPTY = "empty"
    CONFIGURATION = "configuration"
    GONE = "gone"
    MISSING = "missing"
    CROWDED = "crowded"
    LATER = "later"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"


class Refusal(Value, frozen=True, kw_only=True):
    """One row: what it is called by the vendor, what to do about it, and how an app's request is refused for it."""

    name: str
    reaction: Reaction
    sentence: str
    refusal: RefusalCode = RefusalCode.REFUSED_BY_CENTER
    hint: str = ""


class Verdict(Value, frozen=True, kw_only=True):
    """What an answer means. ``code`` and ``message`` are the far side's own, "" where it gave none.

    ``refusal``, ``sentence`` and ``hint`` are for an app's request, which nothing but a success can answer.
    """

    reaction: Reaction
    code: str = ""
    message: str = ""
    status: int
    refusal: RefusalCode = RefusalCode.REFUSED_BY_CENTER
    sentence: str = ""
    hint: str = ""

    quiet: ClassVar[frozenset[str]] = frozenset({"message"})


def _site(name: str, sentence: str, hint: str) -> Refusal:
    refusal = RefusalCode.SITE_REFUSED
    return Refusal(name=name, reaction=Reaction.CONFIGURATION, sentence=sentence, refusal=refusal, hint=hint)


_CLIENT: Final = "this client is to be corrected: it sends that header itself"
_ENTRY: Final = "look at the app id of the site, and at the scenario entries of the contact center"
_AGAIN: Final = "try again in a moment"

ERRORS: Final[dict[str, Refusal]] = {
    "1000": _site(
        "chatSessionBadTenantUrl",
        "the contact center does not know the tenant as its own domain",
        "look at the tenant of the site: a domain name, without https://",
    ),
    "2000": _site("chatSessionNoAuthHeader", "the request came without authorization", _CLIENT),
    "2001": _site("chatSessionAuthHeaderWrongFormat", "the authorization could not be read", _CLIENT),
    "2002": _site("chatSessionAuthHeaderBadScheme", "the authorization is of another scheme", _CLIENT),
    "2003": _site("chatSessionAuthHeaderMissingAppId", "the authorization lacks the app id", _ENTRY),
    "2004": _site("chatSessionAuthHeaderMissingClientId", "the authorization lacks the client id", _CLIENT),
    "3000": _site("chatSessionAuthHeaderBadAppId", "the contact center does not know the app id", _ENTRY),
    "5000": Refusal(
        name="chatSessionServerTimeout",
        reaction=Reaction.LATER,
        sentence="the chat server did not answer in time, and may have done it all the same",
        refusal=RefusalCode.TIMEOUT,
        hint=_AGAIN,
    ),
    "5001": Refusal(
        name="chatSessionServerNotAvailable",
        reaction=Reaction.UNAVAILABLE,
        sentence="there is no chat server now",
        hint=_AGAIN,
    ),
    "5003": Refusal(
        name="chatSessionInvalidJson",
        reaction=Reaction.REFUSED,
        sentence="the contact center could not read the request",
        hint=_CLIENT.replace("that header", "the request"),
    ),
    "5004": Refusal(
        name="chatSessionServerDisconnected",
        reaction=Reaction.LATER,
        sentence="the chat server went away",
        hint=_AGAIN,
    ),
    "5005": Refusal(
        name="chatSessionNotFound",
        reaction=Reaction.GONE,
        sentence="the conversation is over",
        refusal=RefusalCode.THREAD_ENDED,
        hint="begin another one",
    ),
    "5006": _site("chatSessionEntryNotFound", "the contact center has no such scenario entry", _ENTRY),
    "5500": Refusal(
        name="chatSessionInternalServerError",
        reaction=Reaction.LATER,
        sentence="the contact center failed",
        hint=_AGAIN,
    ),
    "5501": Refusal(
        name="chatSessionUploadSizeLimitExceeded",
        reaction=Reaction.REFUSED,
        sentence="the file is too large for the contact center",
        hint="it takes 25 MB",
    ),
    "5502": Refusal(
        name="chatSessionFileNotFound",
        reaction=Reaction.MISSING,
        sentence="the contact center does not have the file",
        hint="it keeps the latest 1000 files",
    ),
    "5509": Refusal(
        name="chatSessionTooManyPollRequests",
        reaction=Reaction.CROWDED,
        sentence="somebody else polls the same conversation",
        hint="give each device a client id of its own",
    ),
    "5511": Refusal(name="chatSessionNoEvents", reaction=Reaction.EMPTY, sentence="there are no events"),
    "5558": Refusal(
        name="chatSessionFileError",
        reaction=Reaction.REFUSED,
        sentence="the contact center could not keep or give the file",
    ),
    "5601": Refusal(
        name="chatSessionCaseNotSpecified",
        reaction=Reaction.REFUSED,
        sentence="the conversation has no case",
        hint="wait until the contact center has set one",
    ),
    "5602": Refusal(
        name="chatSessionCrmServerError",
        reaction=Reaction.REFUSED,
        sentence="the contact center's customer records refused it",
        hint=_AGAIN,
    ),
    "5603": Refusal(
        name="chatSessionTooManyParameters",
        reaction=Reaction.REFUSED,
        sentence="the request says more than one thing at a time",
        hint="subscribe to one kind of push",
    ),
    "5955": Refusal(
        name="chatSessionUnspecifiedServerError",
        reaction=Reaction.LATER,
        sentence="the contact center failed, and does not say why",
        hint=_AGAIN,
    ),
}
"""By ``error_code`` (section 4). ``name`` is that of the SDKs."""

_FORBIDDEN: Final = _site("forbidden", "the contact center does not let us in", _ENTRY)
_WAIT: Final = Refusal(
    name="later", reaction=Reaction.LATER, sentence="the contact center cannot do it now", hint=_AGAIN
)
_REFUSED: Final = Refusal(name="refused", reaction=Reaction.REFUSED, sentence="the contact center refused it")

STATUSES: Final[dict[int, Refusal]] = {
    400: Refusal(name="bad request", reaction=Reaction.REFUSED, sentence="the contact center could not read it"),
    401: _FORBIDDEN,
    403: _FORBIDDEN,
    404: Refusal(
        name="not found",
        reaction=Reaction.GONE,
        sentence="the contact center does not have it, or no longer",
        refusal=RefusalCode.THREAD_ENDED,
    ),
    406: Refusal(name="not acceptable", reaction=Reaction.REFUSED, sentence="the contact center does not offer it"),
    408: _WAIT,
    425: _WAIT,
    429: Refusal(
        name="too many requests",
        reaction=Reaction.CROWDED,
        sentence="there are too many requests at a time",
        hint=_AGAIN,
    ),
    503: Refusal(
        name="unavailable", reaction=Reaction.UNAVAILABLE, sentence="the contact center is not there now", hint=_AGAIN
    ),
}
"""By status, where no known code says it better; the other ones of 500 and above are for later, the rest is refused."""

_SERVER_ERRORS: Final = 500
_MOST_ERROR: Final = 4096
"""A success of more bytes is not searched for an error code."""


def judge(response: ResponseReceived, *, is_file: bool = False) -> Verdict:
    """Tell what an answer means: by its error code first, by its status where there is none that is known.

    A success may hold a code, too (5511 where there are no events), but not one that ``is_file``: its content may say
    anything. ``GONE`` for a mere 404 means the session's end only of a call that concerns a session.
    """
    if response.is_success and (is_file or len(response.body) > _MOST_ERROR):
        return Verdict(reaction=Reaction.SUCCESS, status=response.status)
    code, message = read_error(response.body)
    if response.is_success and code in {"", "0"}:
        return Verdict(reaction=Reaction.SUCCESS, status=response.status)
    row = ERRORS.get(code) or _by_status(response.status, code)
    return Verdict(
        reaction=row.reaction,
        code=code,
        message=message,
        status=response.status,
        refusal=row.refusal,
        sentence=row.sentence,
        hint=row.hint,
    )


def _by_status(status: int, code: str) -> Refusal:
    row = STATUSES.get(status) or (_WAIT if status >= _SERVER_ERRORS else _REFUSED)
    return _REFUSED if row.reaction is Reaction.GONE and code else row  # another code than 5005 ends no session
