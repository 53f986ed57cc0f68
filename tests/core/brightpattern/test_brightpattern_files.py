"""Files and pictures that an app asks for (sections 3.11, 3.12, 6.15; flow F7)."""

from typing import Any

import pytest

from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.model import Download, Upload
from deskline_core.policy import Policy
from tests.core.brightpattern.alone import AGENT, BOT, CHAT, SEND, Alone, at, left, said, talking

ROOT = f"https://acme.brightpattern.com/clientweb/api/v2/chats/{CHAT}"
FILE, PHOTO = "GET files", "GET profilephotos"
OFFER = f"{AGENT}:6"


def file(**more: Any) -> dict[str, Any]:
    return {
        "event": "chat_session_file", "party_id": AGENT, "msg_id": "6", "file_id": "f/1", "file_type": "attachment",
        "file_name": "offer.pdf", "timestamp": at(0), **more,
    }  # fmt: skip


def with_file(*, policy: Policy | None = None, **more: Any) -> Alone:
    chat = talking(policy=policy) if policy is not None else talking()
    chat.hear(file(**more))
    return chat


def named(url: str, kind: str = "image") -> dict[str, Any]:
    return {
        "event": "chat_session_file_url", "party_id": AGENT, "file_url": url, "file_type": kind, "timestamp": at(0),
    }  # fmt: skip


def fetch(chat: Alone, message: str = OFFER, attachment: int = 0) -> list[str]:
    return chat.ask(i.FetchFile, thread=CHAT, message=message, attachment=attachment)


def newest(chat: Alone) -> str:
    return chat.thread.messages[-1].id


# --- files of the far side's ---


def test_a_file_is_fetched_in_the_customers_name() -> None:
    chat = with_file()
    assert fetch(chat) == [FILE]
    call = chat.sent(FILE)
    assert call.url.reveal() == f"{ROOT}/files/f%2F1"
    assert dict(call.headers)["authorization"].startswith("MOBILE-API-140-327-PLAIN appId=")
    assert (call.limit, call.deadline - chat.now) == (32 * 1024 * 1024, 30)
    assert chat.reply(FILE, b"%PDF", headers=(("content-type", "application/pdf"),)) == ["FetchFile answered"]
    assert chat.answers[chat.asked] == Download(name="offer.pdf", content=b"%PDF", mime_type="application/pdf")


@pytest.mark.parametrize(
    ("file_type", "headers", "mime_type"),
    [
        ("image", (), "application/octet-stream"),
        ("image", (("content-type", "image/webp"),), "image/webp"),
        ("attachment", (("content-type", ""),), "application/octet-stream"),
    ],
)
def test_its_type_is_what_the_answer_says(file_type: str, headers: tuple[tuple[str, str], ...], mime_type: str) -> None:
    chat = with_file(file_type=file_type)
    fetch(chat)
    chat.reply(FILE, b"x", headers=headers)
    assert chat.answers[chat.asked] == Download(name="offer.pdf", content=b"x", mime_type=mime_type)


def test_one_of_the_customers_own_is_fetched_as_it_was_sent() -> None:
    chat = talking()
    note = Upload(name="note.txt", content=b"note", mime_type="text/plain")
    chat.ask(i.SendMessage, thread=CHAT, text="", attachments=(note,))
    own = newest(chat)
    assert fetch(chat, own) == ["FetchFile refused illegal_state"]
    assert chat.refusal[1] == "the file is not uploaded yet"
    chat.reply("POST files", {"file_id": "F1"})
    assert fetch(chat, own) == [FILE]
    chat.reply(SEND)
    assert fetch(chat, own) == [FILE]
    assert chat.sent(FILE).url.reveal() == f"{ROOT}/files/F1"
    chat.reply(FILE, b"note")
    assert chat.answers[chat.asked] == Download(name="note.txt", content=b"note", mime_type="text/plain")


def test_a_file_may_hold_what_looks_like_a_refusal() -> None:
    chat = with_file()
    fetch(chat)
    assert chat.reply(FILE, {"error_code": "5005"}) == ["FetchFile answered"]


def test_it_is_fetched_after_the_end_as_long_as_the_far_side_has_it() -> None:
    chat = with_file()
    chat.hear({"event": "chat_session_ended"})
    assert fetch(chat) == [FILE]


@pytest.mark.parametrize(
    ("message", "attachment", "code", "says"),
    [
        ("nobody's", 0, "unknown_message", 'there is no message "nobody\'s"'),
        (OFFER, 1, "invalid_value", "there is no file 1 in the message"),
        (OFFER, -1, "invalid_value", "there is no file -1 in the message"),
    ],
)
def test_what_is_not_there_is_not_fetched(message: str, attachment: int, code: str, says: str) -> None:
    chat = with_file()
    assert fetch(chat, message, attachment) == [f"FetchFile refused {code}"]
    assert chat.refusal[1] == says


@pytest.mark.parametrize(
    ("code", "status", "refused", "says", "hint"),
    [
        ("5502", 404, "refused_by_center", "the contact center does not have the file (5502)",
         "it keeps the latest 1000 files"),
        ("", 404, "refused_by_center", "the contact center does not have it, or no longer (status 404)", ""),
        ("5005", 404, "thread_ended", "the conversation is over (5005)", "begin another one"),
        ("3000", 403, "site_refused", "the contact center does not know the app id (3000)",
         "look at the app id of the site, and at the scenario entries of the contact center"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_given_is_refused_with_its_reason(
    code: str, status: int, refused: str, says: str, hint: str
) -> None:
    chat = with_file()
    fetch(chat)
    assert chat.deny(FILE, code, status) == [f"FetchFile refused {refused}"]
    assert chat.refusal[1:] == (f"the file was not fetched: {says}", hint)
    assert chat.refusals[-1].remote_code == code


def test_a_file_that_does_not_come_is_refused() -> None:
    chat = with_file()
    fetch(chat)
    assert [word for word in chat.wait(30) if "File" in word or "files" in word] == [
        f"stop {FILE}", "FetchFile refused connection_lost",
    ]  # fmt: skip
    assert chat.refusal[1] == "the file was not fetched: no answer in 30 s"


def test_who_no_longer_waits_stops_it() -> None:
    chat = with_file()
    fetch(chat)
    assert chat.withdraw(chat.asked) == [f"stop {FILE}"]


def test_another_request_that_is_given_up_stops_nothing() -> None:
    chat = with_file()
    chat.ask(i.SendMessage, thread=CHAT, text="wait")
    chat.ask(i.AwaitSettled, message=newest(chat))
    fetch(chat)
    assert chat.withdraw(chat.asked - 1) == []
    assert FILE in chat.open_calls()


def test_a_loss_does_not_stop_it() -> None:
    chat = with_file()
    fetch(chat)
    chat.ask(i.Disconnect)
    assert chat.reply(FILE, b"%PDF") == ["FetchFile answered"]


# --- files at an address that the far side named ---


def test_an_address_is_not_told_who_we_are() -> None:
    chat = talking()
    chat.hear(named("https://cdn.example.test/a%20b.png"))
    chat.ask(i.FetchFile, thread=CHAT, message=newest(chat))
    call = next(x for x in reversed(chat.log) if isinstance(x, c.SendRequest))
    assert (call.url.reveal(), call.headers) == ("https://cdn.example.test/a%20b.png", ())
    chat.put(i.ResponseReceived(id=call.id, status=200, body=b"x", headers=(("content-type", "image/png"),)))
    assert chat.answers[chat.asked] == Download(name="a b.png", content=b"x", mime_type="image/png")


def test_not_even_at_the_sites_own_host() -> None:
    chat = talking()
    chat.hear(named("https://acme.brightpattern.com/a.png"))
    chat.ask(i.FetchFile, thread=CHAT, message=newest(chat))
    assert next(x for x in reversed(chat.log) if isinstance(x, c.SendRequest)).headers == ()


@pytest.mark.parametrize(
    ("url", "policy"),
    [
        ("http://cdn.example.test/a.png", Policy()),
        ("https://127.0.0.1/a.png", Policy()),
        ("https://10.0.0.1/a.png", Policy()),
        ("https://cdn.example.test/a.png", Policy(foreign_urls="same_host")),
    ],
)
def test_an_address_that_is_not_trusted_is_not_fetched(url: str, policy: Policy) -> None:
    chat = talking(policy=policy)
    chat.hear(named(url))
    assert fetch(chat, newest(chat)) == ["FetchFile refused not_supported"]
    assert chat.refusal[1:] == (
        "the file lies at an address that is not fetched",
        "that takes https and a host's name, and the policy's foreign_urls",
    )


# --- pictures ---


def test_someones_picture_is_fetched() -> None:
    chat = talking()
    assert chat.ask(i.FetchPhoto, thread=CHAT, party=AGENT) == [PHOTO]
    assert chat.sent(PHOTO).url.reveal() == f"{ROOT}/profilephotos/{AGENT}"
    chat.reply(PHOTO, b"x", headers=(("x", "y"), ("content-type", "image/jpeg")))
    assert chat.answers[chat.asked] == Download(name="Mara L.", content=b"x", mime_type="image/jpeg")


def test_also_of_who_has_left_or_was_never_announced() -> None:
    chat = talking()
    chat.hear(left(), said("I am a machine", party=BOT))
    assert chat.ask(i.FetchPhoto, thread=CHAT, party=AGENT) == [PHOTO]
    assert chat.ask(i.FetchPhoto, thread=CHAT, party=BOT) == [PHOTO]
    chat.reply(PHOTO, status=404)
    assert chat.refusal[:2] == (
        "refused_by_center",
        "the picture was not fetched: the contact center does not have it, or no longer (status 404)",
    )


def test_nobody_has_no_picture() -> None:
    chat = talking()
    assert chat.ask(i.FetchPhoto, thread=CHAT, party=CHAT) == ["FetchPhoto refused invalid_value"]
    assert chat.refusal[1:] == (
        f"there is nobody {CHAT!r} of the other side in the thread", "its parties lists who takes part",
    )  # fmt: skip
