"""Threads: list, recovery, history, name, archive, and what a message may not do."""

from typing import Any

import pytest

from deskline_center.controls import AgentJoins, AgentSays, CloseContact, ContactStatus
from tests.center.visitor import CUSTOMER, THREAD, Far, Visitor, data_of, names

OTHER = THREAD.replace("5e6f", "aaaa")


def text_of(message: dict[str, Any]) -> Any:
    return message["messageContent"]["payload"]["text"]


def test_pages_of_history_meet_exactly() -> None:
    far = Far(page_size=3)
    visitor = far.visitor()
    for number in range(7):
        visitor.say(str(number))
    data = data_of(visitor.ask("RecoverThread", visitor.thread())[0])
    pages, token = [[text_of(m) for m in data["messages"]]], data["messagesScrollToken"]
    while token:
        data = data_of(visitor.ask("LoadMoreMessages", {**visitor.thread(), "scrollToken": token})[0])
        pages.append([text_of(m) for m in data["messages"]])
        token = data["scrollToken"]
        assert data["contactHistory"] == []
    assert pages == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


def test_history_of_one_contact() -> None:
    far = Far(mode="live", page_size=1, closed_live_chat="reopen")
    visitor = far.visitor()
    visitor.say("first contact")
    far.do(CloseContact())
    visitor.say("second contact")
    visitor.say("again")
    token = data_of(visitor.ask("RecoverLivechat", {})[0])["messagesScrollToken"]
    wanted = {**visitor.thread(), "scrollToken": token, "contact": {"id": "48000001"}}
    data = data_of(visitor.ask("LoadMoreMessages", wanted)[0])
    assert [text_of(m) for m in data["messages"]] == ["first contact"]


@pytest.mark.parametrize("token", ["", "%%%", "eA==", "Ozs7Ozs7"])
def test_scroll_tokens_that_are_not_known(token: str) -> None:
    visitor = Far().visitor()
    visitor.say()
    (error,) = visitor.ask("LoadMoreMessages", {**visitor.thread(), "scrollToken": token})
    assert error["error"]["errorCode"] == "InconsistentData"
    assert set(error["inputData"]["thread"]) == {"id", "idOnExternalPlatform"}


def test_the_list_has_the_latest_first_and_keeps_archived_ones() -> None:
    far = Far(mode="multi")
    visitor = far.visitor()
    assert data_of(visitor.ask("FetchThreadList")[0]) == {"threads": []}
    visitor.say(on=THREAD)
    visitor.say(on=OTHER)
    visitor.ask("ArchiveThread", visitor.thread(OTHER))
    threads = data_of(visitor.ask("FetchThreadList", {})[0])["threads"]
    assert [(t["idOnExternalPlatform"], t["canAddMoreMessages"]) for t in threads] == [(OTHER, False), (THREAD, True)]
    far.now += 1
    far.do(AgentSays(thread=THREAD, text="Hello"))
    threads = data_of(visitor.ask("FetchThreadList", {})[0])["threads"]
    assert [(t["idOnExternalPlatform"], t["unseenByEndUserMessagesCount"]) for t in threads] == [
        (THREAD, 1),
        (OTHER, 0),
    ]


def test_an_archived_thread_is_read_but_not_written() -> None:
    visitor = Far(mode="multi").visitor()
    visitor.say()
    visitor.ask("ArchiveThread", visitor.thread())
    assert names(visitor.say()) == ["error"]
    assert names(visitor.ask("UpdateThread", visitor.thread(threadName="x"))) == ["error"]
    assert data_of(visitor.ask("RecoverThread", visitor.thread())[0])["thread"]["canAddMoreMessages"] is False
    assert names(visitor.ask("RecoverThread", {})) == ["error"], "without an id only open threads are looked for"


def test_names_travel_with_the_first_message_and_change_later() -> None:
    visitor = Far(mode="multi").visitor()
    named = visitor.thread(threadName="Broken mug")
    assert visitor.say(**named)[2]["data"]["thread"]["threadName"] == "Broken mug"
    visitor.ask("UpdateThread", visitor.thread(threadName="Mended mug"))
    assert data_of(visitor.ask("FetchThreadList")[0])["threads"][0]["threadName"] == "Mended mug"


def test_metadata_is_the_last_message_and_the_owner() -> None:
    far = Far(mode="multi")
    visitor = far.visitor()
    visitor.say("one")
    far.do(AgentJoins())
    visitor.say("two")
    data = data_of(visitor.ask("LoadThreadMetadata", visitor.thread())[0])
    assert text_of(data["lastMessage"]) == "two"
    assert data["ownerAssignee"]["fullName"] == "Noor Haas"


def test_threads_of_somebody_else_are_not_there() -> None:
    far = Far()
    far.visitor().say()
    stranger = far.visitor("stranger")
    for event in ("RecoverThread", "LoadThreadMetadata", "ArchiveThread", "UpdateThread", "MessageSeenByCustomer"):
        assert names(stranger.ask(event, stranger.thread())) == ["error"]
    assert "somebody else" in stranger.say()[0]["error"]["errorMessage"]
    end = {**stranger.thread(), "contact": {"id": "48000001"}}
    assert names(stranger.ask("EndContact", end)) == ["error"]
    letter = {"consumerContact": {"id": "48000001"}, "consumerRecipients": [{"idOnExternalPlatform": "x@e.test"}]}
    assert names(stranger.ask("SendTranscript", letter)) == ["error"]


def test_a_closed_live_chat_takes_no_more_or_starts_anew() -> None:
    for setting, answer in (
        ("refuse", ["error"]),
        ("reopen", ["ack", "CaseCreated", "MessageCreated", "SetPositionInQueue"]),
    ):
        visitor = Far(mode="live", closed_live_chat=setting).visitor()
        visitor.say()
        assert names(visitor.ask("EndContact", visitor.thread())) == ["ack", "CaseStatusChanged"]
        assert names(visitor.ask("EndContact", visitor.thread())) == ["ack"], "closed once"
        assert names(visitor.say()) == answer


@pytest.mark.parametrize("mode", ["single", "multi"])
def test_a_closed_contact_of_a_messaging_thread_is_followed_by_another(mode: str) -> None:
    far = Far(mode=mode)
    visitor = far.visitor()
    first = visitor.say()[1]["data"]["case"]["id"]
    far.do(CloseContact())
    second = visitor.say()[1]["data"]["case"]["id"]
    assert int(second) == int(first) + 1
    assert names(visitor.ask("EndContact", {**visitor.thread(), "contact": {"id": first}})) == ["error"]


def test_other_statuses_end_nothing() -> None:
    far = Far(mode="live")
    visitor = far.visitor()
    visitor.say()
    visitor.frames()
    for status in ("pending", "escalated", "resolved", "trashed"):
        far.do(ContactStatus(status=status))
    assert [f["data"]["case"]["status"] for f in visitor.frames()] == ["pending", "escalated", "resolved", "trashed"]
    assert names(visitor.say()) == ["ack", "MessageCreated"]


CONTENT = {"type": "TEXT", "payload": {"text": "x"}}


@pytest.mark.parametrize(
    "data",
    [
        {"messageContent": {"type": "TEXT", "payload": {"text": ""}}},
        {"messageContent": {"type": "TEXT"}},
        {"messageContent": {"payload": {"text": "x"}}},
        {"messageContent": "x"},
        {"attachments": [{"friendlyName": "without url"}]},
        {"accessToken": {"token": "at.false"}},
        {"thread": {}},
    ],
)
def test_messages_that_are_refused(data: dict[str, Any]) -> None:
    visitor = Far().visitor()
    assert names(visitor.say(**data)) == ["error"]
    assert visitor.far.center.overview()["threads"] == []


def test_messages_of_every_kind_come_back() -> None:
    visitor = Far().visitor()
    file = {"url": "https://files.example.test/a1", "friendlyName": "mug.jpg", "mimeType": "image/jpeg"}
    (sent,) = visitor.say("", attachments=[file])[2]["data"]["message"]["attachments"]
    assert sent["fileName"] == "mug.jpg"
    assert sent["securedPermanentUrl"] == file["url"]
    content = {
        "type": "TEXT",
        "payload": {"text": "Early"},
        "postback": "slot:early",
        "parameters": {"isInitialMessage": True},
    }
    message = visitor.say(messageContent=content, deviceFingerprint={"os": "iOS"})[1]["data"]["message"]
    assert message["messageContent"]["postback"] == message["messageContent"]["payload"]["postback"] == "slot:early"
    assert message["messageContent"]["parameters"] == {"isInitialMessage": True}
    assert message["deviceFingerprint"] == {"os": "iOS"}
    old = {"type": "POSTBACK", "payload": {"text": "x", "postback": "p"}}
    message = visitor.say(messageContent=old)[1]["data"]["message"]
    assert message["messageContent"] == {
        "type": "POSTBACK",
        "payload": {"text": "x", "postback": "p"},
        "postback": "p",
        "fallbackText": "Unsupported message content",
        "parameters": [],
        "isAutoTranslated": False,
    }


@pytest.mark.parametrize(
    ("setting", "answer", "stored"),
    [("store", ["ack", "MessageCreated"], 2), ("drop", ["ack"], 1), ("refuse", ["error"], 1)],
)
def test_a_message_that_is_known_already(setting: str, answer: list[str], stored: int) -> None:
    visitor = Far(repeated_message=setting).visitor()
    message = visitor.far.uuid()
    visitor.say(message=message)
    assert names(visitor.say(message=message)) == answer
    assert len(visitor.far.center.overview()["threads"][0]["messages"]) == stored
    assert names(visitor.say()) == ["ack", "MessageCreated"]


def test_lenient_ids() -> None:
    visitor = Far(strict_ids=False).visitor()
    assert names(visitor.say(on="my-thread", message="1")) == ["ack", "CaseCreated", "MessageCreated"]
    assert names(visitor.say(on="")) == ["error"]


def test_the_welcome_goes_first_and_is_the_agents() -> None:
    visitor = Far().visitor()
    welcome = {**visitor.thread(), "messageContent": CONTENT, "idOnExternalPlatform": visitor.far.uuid()}
    frames = visitor.ask("SendOutbound", welcome)
    assert names(frames) == ["ack", "CaseCreated", "MessageCreated"]
    message = frames[2]["data"]["message"]
    assert (message["direction"], message["authorUser"]["id"]) == ("outbound", 70112)
    assert message["authorEndUserIdentity"] is None
    assert names(visitor.say()) == ["ack", "MessageCreated"]


def test_seen_and_read_are_told_once_per_message() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    far.do(AgentSays(text="one"))
    far.do(AgentSays(text="two"))
    visitor.frames()
    seen = visitor.ask("MessageSeenByCustomer", visitor.thread())
    assert names(seen) == ["ack", "MessageSeenChanged", "MessageSeenChanged"]
    message = seen[1]["data"]["message"]
    assert message["customerStatistics"]["seenAt"] == message["seen"][0]["seenAt"] == "2026-03-04T10:20:05+00:00"
    assert message["seen"][0]["endUserId"] == f"chat_{CUSTOMER}"
    assert names(visitor.ask("MessageSeenByCustomer", visitor.thread())) == ["ack"]


def test_typing_may_be_echoed() -> None:
    visitor = Far(echo_typing=True).visitor()
    visitor.say()
    ack, echo = visitor.ask("SenderTypingStarted", visitor.thread())
    assert ack == {"eventId": visitor.event_id}
    assert (echo["data"]["user"], echo["data"]["direction"]) == (None, "inbound")
    assert visitor.far.center.overview()["threads"][0]["typing"] is True
    visitor.ask("SenderTypingEnded", visitor.thread())
    assert visitor.far.center.overview()["threads"][0]["typing"] is False
    assert names(visitor.ask("SenderTypingEnded", visitor.thread("nowhere"))) == ["ack"]


def test_chatty_channels_send_what_accompanies() -> None:
    far = Far(chatty=True)
    visitor = far.visitor()
    message = ["MessageSent", "MessageCreated", "MessageAddedIntoCase"]
    opening = ["ack", "CaseCreated", *message, "CaseToRoutingQueueAssignmentChanged"]
    assert names(visitor.say()) == opening
    visitor.frames()
    far.do(AgentSays(text="Hello"))
    assert names(visitor.frames()) == ["MessageSent", "MessageCreated", "MessageAddedIntoCase"]
    seen = ["ack", "MessageSeenChanged", "MessageSeenByEndUser"]
    assert names(visitor.ask("MessageSeenByCustomer", visitor.thread())) == seen


def test_names_are_taken_from_the_frames() -> None:
    visitor = Far().visitor()
    who = {"idOnExternalPlatform": CUSTOMER, "firstName": "Kit", "lastName": "Marlow", "image": "https://e.test/k.png"}
    visitor.ask("FetchThreadList", {}, customerIdentity=who)
    author = visitor.say()[2]["data"]["message"]["authorEndUserIdentity"]
    assert (author["fullName"], author["image"]) == ("Kit Marlow", "https://e.test/k.png")


def test_frames_for_another_channel_are_refused() -> None:
    visitor = Far().visitor()
    assert names(visitor.ask("FetchThreadList", {}, brand={"id": 1})) == ["error"]
    assert names(visitor.ask("FetchThreadList", {}, channel={"id": "chat_other"})) == ["error"]
    assert names(visitor.ask("FetchThreadList", {}, brand={}, channel={})) == ["ThreadListFetched"]


def test_large_frames_of_the_client() -> None:
    visitor = Far(inbound_limit=2000).visitor()
    assert names(visitor.say("x" * 900)) == ["ack", "CaseCreated", "MessageCreated"]
    assert visitor.say("x" * 2000) == []
    assert visitor.dropped is not None
    assert visitor.dropped.code == 1009


def test_a_second_channel_is_another_world() -> None:
    far = Far()
    visitor = Visitor(far)
    assert visitor.connect(channelId="chat_unknown") == 404
