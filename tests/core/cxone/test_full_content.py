"""Messages of which only the beginning came: shown at once, the rest fetched, their place kept."""

from typing import Any

import pytest

from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Policy
from tests.core.cxone.alone import CONTACT, THREAD, Alone, reach, recovered_thread, with_thread

QUIET = Policy(heartbeat=3600)
ASKED = "frame GenerateAuthorizationToken"
TOKEN = {"authorizationToken": {"token": "mt.51a0"}}


def cut(id: str = "m1", text: str = "A very long", *, more: object = True, **rest: Any) -> dict[str, Any]:
    """Return a message that came cut."""
    return {
        "id": f"platform-{id}",
        "idOnExternalPlatform": id,
        "threadIdOnExternalPlatform": THREAD,
        "createdAt": "2026-03-04T10:23:50+00:00",
        "messageContent": {"type": "TEXT", "payload": {"text": text}},
        "direction": "outbound",
        "hasAdditionalMessageContent": more,
        **rest,
    }


def whole(id: str = "m1", text: str = "A very long answer, now complete.", **rest: Any) -> dict[str, Any]:
    return cut(id, text, more=False, **rest)


def push(message: dict[str, Any], kind: str = "MessageCreated") -> dict[str, Any]:
    case = {"id": CONTACT, "threadIdOnExternalPlatform": THREAD, "status": "open"}
    data = {"thread": {"idOnExternalPlatform": THREAD}, "case": case, "message": message}
    return {"eventId": "e-1", "eventType": kind, "data": data}


def asked(**rest: Any) -> Alone:
    """Return a chat that asks for the rest of a message."""
    chat = with_thread(policy=QUIET, **rest)
    assert chat.hear(push(cut())) == ["MessageReceived", ASKED]
    return chat


def fetching(**rest: Any) -> Alone:
    chat = asked(**rest)
    assert chat.answer("GenerateAuthorizationToken", "AuthorizationTokenGenerated", TOKEN) == ["GET message"]
    return chat


def texts(chat: Alone) -> list[str]:
    return [message.text for message in chat.session.threads[THREAD].messages]


def back(chat: Alone, messages: list[dict[str, Any]]) -> list[str]:
    """Let a chat that lost its socket come back."""
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    return chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=messages))


def test_the_rest_is_fetched_with_a_token_for_it() -> None:
    chat = asked()
    assert texts(chat) == ["A very long"]
    data = chat.frame("GenerateAuthorizationToken")["payload"]["data"]
    path = "/chat/1.0/brand/1386/messages/platform-m1"
    assert data == {"thread": {"idOnExternalPlatform": THREAD}, "url": path}
    chat.answer("GenerateAuthorizationToken", "AuthorizationTokenGenerated", TOKEN)
    request = chat.call("GET message")
    assert request.url.reveal() == f"https://channels-de-eu1.niceincontact.com{path}"
    assert dict(request.headers)["authorization"] == "Bearer mt.51a0"
    assert "mt.51a0" not in repr(chat.log)
    assert chat.reply("GET message", whole()) == ["MessageUpdated"]
    assert texts(chat) == ["A very long answer, now complete."]


@pytest.mark.parametrize("more", [False, None, "false", 0])
def test_what_is_not_said_to_be_cut_is_whole(more: object) -> None:
    chat = with_thread(policy=QUIET)
    assert chat.hear(push(cut(more=more))) == ["MessageReceived"]
    message = cut()
    del message["hasAdditionalMessageContent"]
    assert chat.hear(push(message)) == []


@pytest.mark.row("M15")
def test_a_message_keeps_its_place_whenever_its_rest_comes() -> None:
    chat = fetching()
    later = {**whole("m2", "Anything else?"), "createdAt": "2026-03-04T10:23:51+00:00"}
    chat.hear(push(later))
    chat.reply("GET message", whole(createdAt="2026-03-04T10:24:59+00:00"))
    assert texts(chat) == ["A very long answer, now complete.", "Anything else?"]


def test_one_at_a_time_in_each_thread() -> None:
    chat = asked()
    assert chat.hear(push(cut("m2"))) == ["MessageReceived"]
    chat.answer("GenerateAuthorizationToken", "AuthorizationTokenGenerated", TOKEN)
    assert chat.reply("GET message", whole()) == ["MessageUpdated", ASKED]
    assert chat.deny("GenerateAuthorizationToken", "InconsistentData") == ["ErrorReceived"]
    assert chat.hear(push(cut("m2"))) == [ASKED]


def test_a_message_that_comes_again_is_not_fetched_again() -> None:
    chat = fetching()
    assert chat.hear(push(cut())) == []
    chat.reply("GET message", whole())
    assert chat.hear(push(cut())) == []
    assert texts(chat) == ["A very long answer, now complete."]


def test_a_message_that_was_changed_is_fetched_again() -> None:
    chat = fetching()
    chat.reply("GET message", whole())
    assert chat.hear(push(cut(text="Another"), "MessageUpdated")) == ["MessageUpdated", ASKED]
    assert texts(chat) == ["Another"]


def test_a_message_that_is_changed_meanwhile_stays_as_it_is_now() -> None:
    chat = fetching()
    assert chat.hear(push(whole(text="(removed)"), "MessageUpdated")) == ["cancel GET message", "MessageUpdated"]
    assert texts(chat) == ["(removed)"]
    chat = asked()
    chat.hear(push(whole(text="(removed)"), "MessageUpdated"))
    assert chat.answer("GenerateAuthorizationToken", "AuthorizationTokenGenerated", TOKEN) == []
    assert texts(chat) == ["(removed)"]


def test_a_message_that_is_changed_meanwhile_and_cut_is_fetched_anew() -> None:
    chat = fetching()
    words = chat.hear(push(cut(text="Another"), "MessageUpdated"))
    assert words == ["cancel GET message", "MessageUpdated", ASKED]
    chat.answer("GenerateAuthorizationToken", "AuthorizationTokenGenerated", TOKEN)
    assert chat.reply("GET message", whole(text="Another text")) == ["MessageUpdated"]
    assert texts(chat) == ["Another text"]


@pytest.mark.parametrize("denied", [True, False])
def test_as_few_tokens_are_asked_for_as_are_answered(denied: bool) -> None:
    chat = asked()
    for number in range(5):
        assert chat.hear(push(cut(text=f"No. {number}"), "MessageUpdated")) == ["MessageUpdated"]
    if denied:
        assert chat.deny("GenerateAuthorizationToken", "InconsistentData") == [ASKED]
    else:
        assert chat.answer("GenerateAuthorizationToken", "AuthorizationTokenGenerated", TOKEN) == [ASKED]


def test_one_that_is_not_wanted_any_more_makes_room_for_the_next() -> None:
    chat = fetching()
    chat.hear(push(cut("m2")))
    words = chat.hear(push(whole(text="(removed)"), "MessageUpdated"))
    assert words == ["cancel GET message", ASKED, "MessageUpdated"]


def test_the_customer_s_own_keeps_its_receipt() -> None:
    chat = with_thread(policy=QUIET)
    seen = {"readAt": "2026-03-04T10:24:00+00:00"}
    chat.hear(push(cut(direction="inbound")))
    chat.answer("GenerateAuthorizationToken", "AuthorizationTokenGenerated", TOKEN)
    chat.reply("GET message", whole(direction="inbound"))
    chat.hear(push(cut(direction="inbound", userStatistics=seen)))
    (message,) = chat.session.threads[THREAD].messages
    assert (message.text, message.status) == ("A very long answer, now complete.", "seen")


# --- failures: the message stays as it came ---


def failed(chat: Alone) -> str:
    event = chat.told[-1]
    assert isinstance(event, e.ErrorReceived)
    assert (event.code, event.thread, texts(chat)) == ("FullContentFailed", THREAD, ["A very long"])
    return event.text.removeprefix("the rest of a message was not fetched: ")


def test_a_token_that_does_not_come() -> None:
    chat = asked()
    assert chat.deny("GenerateAuthorizationToken", "InconsistentData", "not now") == ["ErrorReceived"]
    assert failed(chat) == "not now"
    chat = asked()
    assert chat.wait(10) == ["ErrorReceived"]
    assert failed(chat) == "no answer in time"
    chat = asked()
    assert chat.accept("GenerateAuthorizationToken") == ["ErrorReceived"]
    assert failed(chat) == "the answer brought no token"


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b"no JSON", "it is not an object"),
        ({}, "it lacks idOnExternalPlatform"),
        (whole("m9"), "another message came"),
        ({**whole(), "messageContent": []}, "it lacks messageContent"),
        (b" " * (16 * 1024 * 1024 + 1), "larger than 16777216 bytes"),
    ],
)
def test_an_answer_that_is_not_the_message(body: object, cause: str) -> None:
    chat = fetching()
    assert chat.reply("GET message", body) == ["ErrorReceived"]
    assert failed(chat) == cause


def test_a_request_that_fails() -> None:
    chat = fetching()
    assert chat.reply("GET message", status=401) == ["ErrorReceived"]
    assert failed(chat) == "answered 401"
    chat = fetching()
    assert chat.fail("GET message") == ["ErrorReceived"]
    assert failed(chat) == "no network"
    chat = fetching()
    assert chat.wait(QUIET.download_timeout) == ["cancel GET message", "ErrorReceived"]


def test_a_message_without_an_id_of_the_platform_s() -> None:
    chat = with_thread(policy=QUIET)
    message = cut()
    del message["id"]
    assert chat.hear(push(message)) == ["MessageReceived", "ErrorReceived"]
    assert failed(chat) == "the platform gave it no id"


def test_only_so_many_wait() -> None:
    chat = asked()
    for number in range(2, 201):
        chat.hear(push(cut(f"m{number}")))
    assert chat.hear(push(cut("m201"))) == ["MessageReceived", "ErrorReceived"]


def test_an_id_stays_one_part_of_the_path() -> None:
    chat = with_thread(policy=QUIET)
    chat.hear(push({**cut(), "id": "../../oauth?x"}))
    assert chat.frame("GenerateAuthorizationToken")["payload"]["data"]["url"].endswith("/messages/..%2F..%2Foauth%3Fx")


# --- loss and recovery ---


def test_a_loss_before_the_token_asks_again_afterwards() -> None:
    chat = asked()
    chat.closed()
    words = back(chat, [cut()])
    assert words[-1] == ASKED
    chat.answer("GenerateAuthorizationToken", "AuthorizationTokenGenerated", TOKEN)
    assert chat.reply("GET message", whole()) == ["MessageUpdated"]


def test_a_loss_after_the_token_stops_nothing() -> None:
    chat = fetching()
    chat.closed()
    assert chat.reply("GET message", whole()) == ["MessageUpdated"]
    assert ASKED not in back(chat, [cut()])
    assert texts(chat) == ["A very long answer, now complete."]


def test_what_a_recovery_brings_cut_is_fetched_too() -> None:
    chat = reach(S.RECOVERING, policy=QUIET)
    hidden = cut("m3", direction="inbound")
    hidden["messageContent"]["parameters"] = {"isInitialMessage": True}
    words = chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=[hidden, cut("m2"), cut()]))
    assert words[-2:] == ["chat ready", ASKED]
    assert chat.frame("GenerateAuthorizationToken")["payload"]["data"]["url"].endswith("/platform-m2")
    assert len(chat.leaf.full_content._wanted) == 2


def test_a_thread_that_is_gone_meanwhile() -> None:
    chat = fetching()
    chat.leaf.desk.threads.clear()
    assert chat.reply("GET message", whole()) == []
    chat = fetching()
    chat.leaf.full_content.forget("another")
    assert chat.put(i.Tick()) == []
    chat.leaf.desk.discard(chat.leaf.desk.threads[THREAD])
    assert chat.put(i.Tick()) == ["cancel GET message"]
    chat = asked()
    chat.leaf.desk.discard(chat.leaf.desk.threads[THREAD])
    assert chat.answer("GenerateAuthorizationToken", "AuthorizationTokenGenerated", TOKEN) == []
    chat = asked()
    chat.leaf.desk.discard(chat.leaf.desk.threads[THREAD])
    assert chat.deny("GenerateAuthorizationToken", "InconsistentData") == []
    chat = asked()
    chat.leaf.desk.discard(chat.leaf.desk.threads[THREAD])
    assert "ErrorReceived" not in chat.closed()


def test_signing_out_forgets_what_is_wanted() -> None:
    chat = fetching()
    words = chat.ask(i.SignOut) + chat.closed(1000)
    assert "cancel GET message" in words
    assert not chat.leaf.full_content._wanted


def test_only_so_many_are_known_to_be_whole() -> None:
    chat = with_thread(policy=Policy(heartbeat=3600, rate_limit=(5000, 5.0)))
    for number in range(1001):
        chat.hear(push(cut(f"m{number}")))
        chat.answer("GenerateAuthorizationToken", "AuthorizationTokenGenerated", TOKEN)
        chat.reply("GET message", whole(f"m{number}"))
    assert len(chat.leaf.full_content._whole) == 1000
