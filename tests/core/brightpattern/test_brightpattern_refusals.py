"""What Bright Pattern's statuses and error codes mean: a row each, by its code first and by its status second."""

import pytest

from deskline_core.brightpattern.refusals import ERRORS, STATUSES, Reaction, Verdict, judge
from deskline_core.errors import RefusalCode
from deskline_core.reports import ResponseReceived
from tests.core.brightpattern.brightpattern_samples import body, compact, samples

OTHERS = RefusalCode.REFUSED_BY_CENTER
STRANGERS = RefusalCode.SITE_REFUSED
CODES: dict[str, tuple[Reaction, RefusalCode]] = {
    "1000": (Reaction.CONFIGURATION, STRANGERS),
    "2000": (Reaction.CONFIGURATION, STRANGERS),
    "2001": (Reaction.CONFIGURATION, STRANGERS),
    "2002": (Reaction.CONFIGURATION, STRANGERS),
    "2003": (Reaction.CONFIGURATION, STRANGERS),
    "2004": (Reaction.CONFIGURATION, STRANGERS),
    "3000": (Reaction.CONFIGURATION, STRANGERS),
    "5000": (Reaction.LATER, RefusalCode.TIMEOUT),
    "5001": (Reaction.UNAVAILABLE, OTHERS),
    "5003": (Reaction.REFUSED, OTHERS),
    "5004": (Reaction.LATER, OTHERS),
    "5005": (Reaction.GONE, RefusalCode.THREAD_ENDED),
    "5006": (Reaction.CONFIGURATION, STRANGERS),
    "5500": (Reaction.LATER, OTHERS),
    "5501": (Reaction.REFUSED, OTHERS),
    "5502": (Reaction.MISSING, OTHERS),
    "5509": (Reaction.CROWDED, OTHERS),
    "5511": (Reaction.EMPTY, OTHERS),
    "5558": (Reaction.REFUSED, OTHERS),
    "5601": (Reaction.REFUSED, OTHERS),
    "5602": (Reaction.REFUSED, OTHERS),
    "5603": (Reaction.REFUSED, OTHERS),
    "5955": (Reaction.LATER, OTHERS),
}
WITHOUT_CODE: dict[int, tuple[Reaction, RefusalCode]] = {
    200: (Reaction.SUCCESS, OTHERS),
    204: (Reaction.SUCCESS, OTHERS),
    302: (Reaction.REFUSED, OTHERS),
    400: (Reaction.REFUSED, OTHERS),
    401: (Reaction.CONFIGURATION, STRANGERS),
    403: (Reaction.CONFIGURATION, STRANGERS),
    404: (Reaction.GONE, RefusalCode.THREAD_ENDED),
    405: (Reaction.REFUSED, OTHERS),
    406: (Reaction.REFUSED, OTHERS),
    408: (Reaction.LATER, OTHERS),
    413: (Reaction.REFUSED, OTHERS),
    425: (Reaction.LATER, OTHERS),
    429: (Reaction.CROWDED, OTHERS),
    500: (Reaction.LATER, OTHERS),
    502: (Reaction.LATER, OTHERS),
    503: (Reaction.UNAVAILABLE, OTHERS),
    504: (Reaction.LATER, OTHERS),
    599: (Reaction.LATER, OTHERS),
}


def answer(status: int, body: bytes = b"") -> ResponseReceived:
    return ResponseReceived(id=1, status=status, body=body)


def test_every_code_and_status_is_tried() -> None:
    assert set(CODES) == set(ERRORS) == {name.removeprefix("error.") for name in samples() if name.startswith("error.")}
    assert set(STATUSES) <= set(WITHOUT_CODE)


@pytest.mark.parametrize("status", [400, 403, 404, 406, 429, 500, 503, 200])
@pytest.mark.parametrize("code", CODES)
def test_the_code_decides_whatever_the_status(code: str, status: int) -> None:
    row = ERRORS[code]
    assert judge(answer(status, body(f"error.{code}"))) == Verdict(
        reaction=CODES[code][0],
        code=code,
        message=samples()[f"error.{code}"]["error_message"],
        status=status,
        refusal=CODES[code][1],
        sentence=row.sentence,
        hint=row.hint,
    )


@pytest.mark.parametrize("nothing", [b"", b"<html>oops</html>", b"{}", b"null", b"[]", b'{"error_code":""}', b"\xff"])
@pytest.mark.parametrize("status", WITHOUT_CODE)
def test_the_status_decides_where_there_is_no_code(status: int, nothing: bytes) -> None:
    verdict = judge(answer(status, nothing))
    assert (verdict.reaction, verdict.refusal) == WITHOUT_CODE[status]
    assert (verdict.code, verdict.status) == ("", status)


@pytest.mark.parametrize(
    ("status", "reaction"),
    [
        (400, Reaction.REFUSED),
        (403, Reaction.CONFIGURATION),
        (404, Reaction.REFUSED),
        (429, Reaction.CROWDED),
        (500, Reaction.LATER),
        (503, Reaction.UNAVAILABLE),
        (200, Reaction.REFUSED),
    ],
)
def test_of_a_code_that_nobody_knows_the_status_decides_but_ends_nothing(status: int, reaction: Reaction) -> None:
    verdict = judge(answer(status, b'{"error_code":"7777","error_message":"new"}'))
    assert (verdict.reaction, verdict.code, verdict.message) == (reaction, "7777", "new")


def test_a_code_may_be_a_number() -> None:
    assert judge(answer(404, body("variant.error_code_number"))).reaction is Reaction.GONE


def test_a_code_of_no_error_is_none() -> None:
    assert judge(answer(200, b'{"error_code":0}')) == Verdict(reaction=Reaction.SUCCESS, status=200)


def test_what_a_file_says_is_no_refusal() -> None:
    file = body("error.5005")
    assert judge(answer(200, file), is_file=True) == Verdict(reaction=Reaction.SUCCESS, status=200)
    assert judge(answer(404, file), is_file=True).reaction is Reaction.GONE


def test_what_a_message_says_is_no_refusal() -> None:
    said = compact({"events": [{"event": "chat_session_message", "msg": '"error_code":"5005"', "error_code": "5005"}]})
    assert judge(answer(200, said)).reaction is Reaction.SUCCESS


def test_a_large_success_is_not_searched() -> None:
    said = compact({"error_code": "5005", "more": "x" * 4096})
    assert judge(answer(200, said)).reaction is Reaction.SUCCESS
    assert judge(answer(404, said)).reaction is Reaction.GONE


def test_each_refusal_says_what_and_mostly_what_to_do() -> None:
    rows = [*ERRORS.values(), *STATUSES.values()]
    assert all(row.sentence and not row.sentence.endswith(".") for row in rows)
    assert all(row.hint for row in rows if row.reaction in {Reaction.CONFIGURATION, Reaction.LATER, Reaction.CROWDED})


def test_the_far_sides_words_are_not_shown() -> None:
    assert "canary" not in repr(judge(answer(500, b'{"error_code":"5500","error_message":"canary"}')))
