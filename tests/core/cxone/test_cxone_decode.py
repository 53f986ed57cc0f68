"""The order of the shapes, and what is forgiven."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from deskline_core.cxone import wire
from deskline_core.cxone.decode import decode_answer_body, decode_frame
from deskline_core.cxone.parts import Fields
from tests.core.cxone.cxone_samples import LIMIT, SOURCE, compact, decode, frame, samples

EVENT = "1c6b7a4e-2a30-4b7d-8a4f-0a9f3b1f5e05"


def changed(name: str, change: Callable[[Any], object]) -> str:
    message = copy.deepcopy(samples()[name])
    change(message)
    return compact(message)


# --- shapes and their order ---


def test_an_error_wins_over_a_push_and_an_answer() -> None:
    for name in ("MessageCreated.inbound", "ThreadListFetched"):
        text = changed(name, lambda frame: frame.update(error={"errorCode": "InconsistentData"}))
        received = decode(text)
        assert isinstance(received, wire.OperationError)
        assert (received.event_id, received.code) == (samples()[name]["eventId"], "InconsistentData")


def test_an_error_that_is_null_is_none() -> None:
    text = changed("ThreadListFetched.empty", lambda frame: frame.update(error=None))
    assert isinstance(decode(text), wire.Postback)


@pytest.mark.parametrize(
    ("error", "text"), [("refused", "refused"), (7, "7"), ([1], ""), (False, ""), ({}, ""), ({"errorCode": 4}, "")]
)
def test_an_error_of_any_form_fails_its_request(error: object, text: str) -> None:
    received = decode(compact({"eventId": EVENT, "error": error}))
    assert isinstance(received, wire.OperationError)
    assert (received.event_id, received.text) == (EVENT, text)


def test_the_type_decides_before_the_place() -> None:
    push = samples()["SetPositionInQueue"]
    assert isinstance(
        decode(compact({"eventId": EVENT, "postback": {"eventType": "x"}, **push})), wire.SetPositionInQueue
    )
    data = {"accessToken": {"token": "t", "expiresIn": 1}}
    received = decode(compact({"eventId": EVENT, "eventType": "TokenRefreshed", "data": data}))
    assert isinstance(received, wire.Postback)
    assert received.postback == wire.TokenRefreshed(
        data=wire.RefreshedData(access_token=wire.Token(token="t", expires_in=1))
    )


def test_the_top_level_type_wins_over_the_postback_s() -> None:
    text = compact({"eventId": EVENT, "eventType": "Other", "postback": {"eventType": "ThreadArchived"}})
    assert decode(text) == wire.Unknown(kind="Other", source=text, event_id=EVENT)


def test_a_gateway_error_needs_all_three_texts() -> None:
    whole = {"message": "no", "connectionId": "c", "requestId": "r"}
    assert decode(compact(whole)) == wire.GatewayError(message="no", connection_id="c", request_id="r")
    for broken in (whole | {"message": ""}, whole | {"requestId": 4}, {"message": "no"}, {}):
        assert decode(compact(broken)) == wire.Unknown(kind="", source=compact(broken))


def test_pong_with_space_around_it() -> None:
    assert decode(' "pong"\n') == wire.Pong()


@pytest.mark.parametrize("text", ["[]", "17", "null", "true", '"other"', "", "pong", "{", '{"eventId":'])
def test_what_is_no_object_is_undecodable(text: str) -> None:
    received = decode(text)
    assert isinstance(received, wire.Undecodable)
    assert received.reason
    assert received.source == text


# --- what is forgiven ---


def forgiven(name: str, change: Callable[[Any], object]) -> Any:
    received = decode(changed(name, change))
    if isinstance(received, wire.Postback):
        return received.postback
    return received


def test_numbers_stand_for_ids() -> None:
    def change(frame: Any) -> None:
        frame["eventId"] = 12
        frame["data"]["case"].update(id=48215077, threadIdOnExternalPlatform=5)

    received = forgiven("CaseStatusChanged.closed", change)
    assert received.event_id == "12"
    assert (received.data.case.id, received.data.case.thread_id_on_external_platform) == ("48215077", "5")


def test_an_agent_s_id_keeps_its_kind() -> None:
    for id_ in (70112, "70112"):

        def change(frame: Any, id_: object = id_) -> None:
            frame["data"]["inboxAssignee"]["id"] = id_
            frame["data"]["case"]["id"] = 5

        assert forgiven("CaseInboxAssigneeChanged.assigned", change).data.inbox_assignee.id == id_


def test_null_stands_for_a_default() -> None:
    def change(frame: Any) -> None:
        frame["postback"]["data"].update(messages=None, scrollToken=None)

    assert forgiven("MoreMessagesLoaded", change).data == wire.MoreData(messages=())


def test_empty_lists_and_objects_stand_for_one_another() -> None:
    def change(frame: Any) -> None:
        data = frame["postback"]["data"]
        data.update(messages={}, inboxAssignee=[], thread=[], customer={"customFields": {}})

    data = forgiven("ThreadRecovered", change).data
    assert (data.messages, data.inbox_assignee, data.thread, data.customer) == ((), None, None, Fields())


def test_quoted_numbers_and_flags() -> None:
    def change(frame: Any) -> None:
        frame["data"].update(positionInQueue="3", isAnyAgentOnlineForQueue="false")

    data = forgiven("SetPositionInQueue", change).data
    assert (data.position_in_queue, data.is_any_agent_online_for_queue) == (3, False)


def test_a_quoted_or_broken_number_of_seconds() -> None:
    def life(value: object) -> Any:
        def change(frame: Any) -> None:
            frame["postback"]["data"]["accessToken"]["expiresIn"] = value

        return forgiven("TokenRefreshed", change)

    assert life("3600").data.access_token.expires_in == 3600
    assert life(None).data.access_token.expires_in == 0
    hopeless: list[object] = ["soon", "nan", "inf", [], {}, 10**400, "9" * 400]
    for broken in hopeless:
        assert isinstance(life(broken), wire.Undecodable)


@pytest.mark.parametrize("value", [1.5, "x", True, [3]])
def test_a_place_that_is_no_whole_number_is_undecodable(value: object) -> None:
    def change(frame: Any) -> None:
        frame["data"]["positionInQueue"] = value

    received = decode(changed("SetPositionInQueue", change))
    assert isinstance(received, wire.Undecodable)
    assert "positionInQueue" in received.reason
    assert received.event_id == samples()["SetPositionInQueue"]["eventId"]


def test_a_place_may_be_a_whole_float() -> None:
    assert forgiven(
        "SetPositionInQueue", lambda frame: frame["data"].update(positionInQueue=3.0)
    ).data == wire.QueueData(consumer_contact=wire.QueueContact(id="48215120"), position_in_queue=3)


@pytest.mark.parametrize("context", [[], {}, None, [1, 2], "x", {"initiator": "user"}, {"initiator": []}])
def test_a_context_of_any_form_does_not_lose_the_end_of_a_chat(context: object) -> None:
    received = forgiven("CaseStatusChanged.closed", lambda frame: frame.update(context=context))
    if isinstance(received, wire.Partial):
        received = received.received
    assert isinstance(received, wire.CaseStatusChanged)
    assert received.data.case.status == "closed"


def test_a_message_survives_an_author_that_cannot_be_read() -> None:
    received = forgiven("MessageCreated.outbound", lambda frame: frame["data"]["message"].update(authorUser={"id": {}}))
    assert isinstance(received, wire.Partial)
    assert isinstance(received.received, wire.MessageCreated)
    assert received.received.data.message.author_user is None
    assert [(part.reason, part.source) for part in received.left_out] == [
        ("data.message.authorUser.id is not a text", '{"id":{}}')
    ]


def test_a_contact_may_hold_numbers_in_its_custom_fields() -> None:
    def change(frame: Any) -> None:
        frame["data"]["case"]["customFields"] = [{"ident": "age", "value": 30}, {"value": "no ident"}, 4]

    received = forgiven("CaseCreated", change)
    assert isinstance(received, wire.Partial)
    assert isinstance(received.received, wire.CaseCreated)
    assert received.received.data.case.custom_fields == (wire.CustomField(ident="age", value="30"),)
    assert [part.reason for part in received.left_out] == [
        "data.case.customFields.1 lacks ident",
        "data.case.customFields.2 is not an object",
    ]


def test_a_history_keeps_its_good_messages_and_names_the_bad() -> None:
    def change(frame: Any) -> None:
        messages = frame["postback"]["data"]["messages"]
        messages[1] = {"idOnExternalPlatform": "x"}
        messages.append("nonsense")

    received = decode(changed("ThreadRecovered", change))
    assert isinstance(received, wire.Partial)
    assert isinstance(received.received, wire.Postback)
    assert isinstance(received.received.postback, wire.ThreadRecovered)
    assert len(received.received.postback.data.messages) == 2
    request = samples()["ThreadRecovered"]["eventId"]
    assert received.left_out == (
        wire.Undecodable(
            reason="data.messages.1 lacks messageContent", source='{"idOnExternalPlatform":"x"}', event_id=request
        ),
        wire.Undecodable(reason="data.messages.3 is not an object", source='"nonsense"', event_id=request),
    )


def test_a_history_of_nonsense_is_given_up() -> None:
    received = decode(changed("ThreadRecovered", lambda frame: frame["postback"]["data"].update(messages=[0] * 90)))
    assert isinstance(received, wire.Undecodable)
    assert received.reason == "data.messages has too many parts that cannot be read"
    assert received.event_id == samples()["ThreadRecovered"]["eventId"]


def test_a_list_that_is_none_is_undecodable() -> None:
    received = decode(changed("ThreadRecovered", lambda frame: frame["postback"]["data"].update(messages="all")))
    assert isinstance(received, wire.Undecodable)
    assert received.reason == "data.messages is not a list"


def test_a_message_without_dates_is_still_a_message() -> None:
    def change(frame: Any) -> None:
        del frame["data"]["message"]["createdAt"], frame["data"]["message"]["createdAtWithMilliseconds"]

    received = forgiven("MessageCreated.inbound", change)
    assert isinstance(received, wire.MessageCreated)
    assert received.data.message.created_at == ""


@pytest.mark.parametrize("flag", [True, False, "true", "false", 1, 0, "1", "0"])
def test_flags_in_every_dress(flag: str | int) -> None:
    def change(frame: Any) -> None:
        frame["postback"]["data"]["thread"].update(canAddMoreMessages=flag, id=7)

    thread = forgiven("ThreadRecovered", change).data.thread
    assert thread.can_add_more_messages is (flag in {True, "true", "1"})


def test_a_flag_that_is_none_is_undecodable() -> None:
    received = decode(
        changed("ThreadRecovered", lambda frame: frame["postback"]["data"]["thread"].update(canAddMoreMessages="maybe"))
    )
    assert isinstance(received, wire.Undecodable)
    assert received.reason == "data.thread.canAddMoreMessages is not true or false"


def test_a_push_without_data_is_undecodable() -> None:
    received = decode(compact({"eventId": EVENT, "eventType": "MessageCreated"}))
    assert received == wire.Undecodable(
        reason="it lacks data",
        source=compact({"eventId": EVENT, "eventType": "MessageCreated"}),
        event_id=EVENT,
    )


def test_an_answer_without_an_event_id_is_still_an_answer() -> None:
    assert decode('{"postback":{"eventType":"ThreadArchived"}}') == wire.Postback(postback=wire.ThreadArchived())


# --- half characters ---


def test_half_an_emoji_does_not_lose_the_message() -> None:
    for cut in ("\\ud83d", "\ud83d", "\\uDE00 \\\\ud83d"):
        text = frame("MessageCreated.outbound").replace("Noor", f"N{cut}", 1).replace('"id":"48215077"', '"id":4', 1)
        received = decode(text)
        assert isinstance(received, wire.MessageCreated)
        user = received.data.message.author_user
        assert user is not None
        assert received.data.case is not None


def test_half_an_emoji_becomes_the_replacement_character() -> None:
    def received(name: str) -> str:
        text = compact({"eventId": EVENT, "eventType": "CaseCreated", "data": {"case": {"id": "?"}}}).replace("?", name)
        value = decode(text)
        assert isinstance(value, wire.CaseCreated)
        return value.data.case.id

    assert received("a\\ud83d") == "a\ufffd"
    assert received("\\ude00b") == "\ufffdb"
    assert received("\ud83d") == "\ufffd"
    assert received("\ud83d\ude00") == "\U0001f600"
    assert received("\\ud83d\\ude00") == "\U0001f600"
    assert received("\\ud83d\\n\\\\ud83d\\ud83d\\ude00") == "\ufffd\n\\ud83d\U0001f600"


# --- bodies of large events ---


def test_a_body_may_have_a_byte_order_mark_and_broken_bytes() -> None:
    body = b"\xef\xbb\xbf" + compact({"eventId": EVENT, "x": "?"}).encode().replace(b"?", b"\xff\xfe")
    assert decode_answer_body(body, limit=LIMIT, max_source=SOURCE) == wire.Ack(event_id=EVENT)


def test_a_large_event_may_not_refer_to_another() -> None:
    body = compact(samples()["EventInS3.ThreadRecovered"]).encode()
    received = decode_answer_body(body, limit=LIMIT, max_source=20)
    assert received == wire.Undecodable(
        reason="a large event that refers to another", source="", event_id="64ffe175-c863-490f-ad1f-6c18c5dbd06d"
    )


# --- sizes ---


def test_the_limit_is_counted_in_bytes() -> None:
    for letter, width in (("a", 1), ("\u00e9", 2), ("\u20ac", 3), ("\U0001f600", 4)):
        text = json.dumps({"eventId": EVENT, "x": letter * 50}, ensure_ascii=False)
        size = len(text) - 50 + 50 * width
        assert len(text.encode()) == size
        assert isinstance(decode(text, limit=size), wire.Ack)
        assert decode(text, limit=size - 1, max_source=8) == wire.Undecodable(
            reason=f"larger than {size - 1} bytes", source=text[:8], event_id=EVENT, oversize=True
        )


def test_the_id_of_what_is_too_large_or_broken_is_found_at_its_head() -> None:
    for head in (
        f'{{"eventId":"{EVENT}","postback":',
        f' {{ "status" : "success", "eventId" : "{EVENT}" , ',
        f'{{"eventType":"MessageCreated","eventId":"{EVENT}","data":[',
    ):
        received = decode(head)
        assert isinstance(received, wire.Undecodable)
        assert received.event_id == EVENT
    inner = decode(f'{{"data":{{"eventId":"{EVENT}"')
    assert isinstance(inner, wire.Undecodable)
    assert inner.event_id == ""


def test_a_name_or_a_reason_is_kept_short() -> None:
    received = decode_frame(compact({"eventType": "x" * 9999}), limit=LIMIT, max_source=5)
    assert received == wire.Unknown(kind="x" * 200, source='{"eve')
    broken = decode(changed("SetPositionInQueue", lambda frame: frame["data"].update({"positionInQueue": "y" * 9999})))
    assert isinstance(broken, wire.Undecodable)
    assert len(broken.reason) <= 200
