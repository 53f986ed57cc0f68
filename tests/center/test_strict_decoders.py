"""A whole chat in each mode and session style, every frame of it taken by the strictest decoders."""

import json
from typing import Any

import msgspec
import pytest

from deskline_center import Push
from deskline_center.controls import (
    AgentJoins,
    AgentLeaves,
    AgentReads,
    AgentReceives,
    AgentRewrites,
    AgentSays,
    AgentStatus,
    AgentStreams,
    AgentTypes,
    AlertAgent,
    CloseContact,
    ContactStatus,
    MoveContact,
    NameThread,
    PreferAgent,
    ProactiveAction,
    ViaUrl,
    WarnInactive,
)
from deskline_center.cxone import contents
from tests.center.strict import check
from tests.center.strict_content import Content
from tests.center.visitor import Far, Visitor, data_of

QUICK_REPLIES = {
    "type": "QUICK_REPLIES",
    "fallbackText": "Early or late?",
    "payload": {"text": {"content": "When?"}, "actions": [{"type": "REPLY_BUTTON", "text": "Early", "postback": "e"}]},
}


def pushed(far: Far) -> list[Any]:
    """Everything that the center has sent over any socket."""
    return [json.loads(c.text) for c in far.commands if isinstance(c, Push)]


def customer_side(visitor: Visitor) -> None:
    visitor.text('{"action":"heartbeat"}')
    file = {"url": "https://files.example.test/a1", "friendlyName": "mug.jpg"}
    for recover in ("RecoverThread", "RecoverLivechat"):
        visitor.ask(recover, {})
    field = {"ident": "email", "value": "kit@example.test", "updatedAt": "2026-03-04T10:20:00+00:00"}
    visitor.say(customer={"customFields": [field]}, contact={"customFields": [{"ident": "topic", "value": "mug"}]})
    visitor.say("With a picture", attachments=[file])
    visitor.say("")
    for event in ("SenderTypingStarted", "SenderTypingEnded", "FetchThreadList", "LoadThreadMetadata"):
        visitor.ask(event, visitor.thread())


def agents_side(far: Far, visitor: Visitor) -> None:
    for control in (
        AgentJoins(),
        AgentReads(),
        AgentTypes(),
        AgentTypes(typing=False),
        AgentSays(text="Sorry to hear that."),
        AgentSays(content=QUICK_REPLIES),
        AgentJoins(agent=70113),
        AgentLeaves(),
        AgentJoins(agent=70199),
        ContactStatus(status="pending"),
        ProactiveAction(text="Need a hand?", fields={"source": "welcome"}),
        ViaUrl(match="MessageCreated"),
        AgentSays(text="By another way."),
    ):
        far.do(control)
    visitor.ask("MessageSeenByCustomer", visitor.thread())


def history_and_end(far: Far, visitor: Visitor, recover: str) -> None:
    data = data_of(visitor.ask(recover, visitor.thread())[0])
    more = {**visitor.thread(), "scrollToken": data["messagesScrollToken"], "oldestMessageDatetime": ""}
    visitor.ask("LoadMoreMessages", more)
    visitor.ask("UpdateThread", visitor.thread(threadName="Broken mug"))
    far.do(WarnInactive(seconds=30))
    far.later(30)
    visitor.ask(recover, visitor.thread())
    visitor.say("One more thing")
    visitor.ask("ArchiveThread", visitor.thread())
    visitor.say("And another")


@pytest.mark.parametrize("session", ["legacy", "secured"])
@pytest.mark.parametrize("mode", ["single", "multi", "live"])
def test_whole_chat(mode: str, session: str) -> None:
    far = Far(mode=mode, session=session, page_size=3)
    visitor = far.visitor()
    recover = "RecoverLivechat" if mode == "live" else "RecoverThread"
    customer_side(visitor)
    agents_side(far, visitor)
    history_and_end(far, visitor, recover)
    frames = pushed(far)
    seen = {check(frame) for frame in frames}
    expected = {"pong", "ack", "error", "CaseCreated", "MessageCreated", "MessageReadChanged", "MessageSeenChanged"}
    expected |= {"CaseInboxAssigneeChanged", "CaseStatusChanged", "SenderTypingStarted", "SenderTypingEnded"}
    expected |= {"ThreadListFetched", "ThreadMetadataLoaded", "MoreMessagesLoaded", "ThreadArchived", "EventInS3"}
    expected |= {"FireProactiveAction", "LivechatRecovered" if mode == "live" else "ThreadRecovered"}
    expected |= {"SetPositionInQueue"} if mode == "live" else set()
    expected |= {"ConsumerAuthorized"} if session == "legacy" else set()
    assert seen == expected
    for notice in frames:
        if isinstance(notice, dict) and notice.get("eventType") == "EventInS3":
            path = notice["data"]["s3Object"]["url"].removeprefix("http://center.test").partition("?")[0]
            assert check(json.loads(far.rest("GET", path).body)) == "MessageCreated"


@pytest.mark.parametrize("setting", ["text", "stream"])
@pytest.mark.parametrize("end", ["stop", "close", "cut", "open"])
def test_a_message_in_pieces_can_be_taken_while_it_comes_and_in_the_history(setting: str, end: Any) -> None:
    far = Far(streamed_history=setting)
    visitor = far.visitor()
    visitor.say()
    far.do(AgentStreams(pieces=("On its ", "way."), seconds=1, end=end))
    (running,) = visitor.ask("RecoverThread", visitor.thread())
    far.later(3)
    (over,) = visitor.ask("RecoverThread", visitor.thread())
    assert {check(frame) for frame in pushed(far)} >= {"MessageCreated", "ThreadRecovered"}
    contents = [data_of(frame)["messages"][0]["messageContent"] for frame in (running, over)]
    expected = "STREAMED" if setting == "stream" or end == "open" else "TEXT"
    assert [content["type"] for content in contents] == ["STREAMED", expected]
    assert contents[1].get("text", "On its way.") == "On its way."


def test_what_agents_do_around_a_conversation_can_be_taken() -> None:
    far = Far(mode="multi")
    visitor = far.visitor()
    visitor.say()
    for control in (
        AgentReceives(),
        AgentRewrites(text="another"),
        MoveContact(queue="Repairs"),
        MoveContact(queue=""),
        AlertAgent(),
        PreferAgent(),
        NameThread(),
    ):
        far.do(control)
    visitor.ask("RecoverThread", visitor.thread())
    assert {check(frame) for frame in pushed(far)} >= {
        "MessageUpdated", "MessageDeliveredToUser", "MessageDeliveryStatusChanged", "ThreadUpdated",
        "CaseToRoutingQueueAssignmentChanged", "ConsumerContactInboxPreAssigneeChanged", "ContactPreferredUserChanged",
    }  # fmt: skip


def test_live_chat_that_was_closed_by_the_agent() -> None:
    far = Far(mode="live")
    visitor = far.visitor()
    visitor.say()
    far.do(AgentJoins())
    far.do(CloseContact())
    (frame,) = visitor.ask("RecoverLivechat", {})
    assert check(frame) == "LivechatRecovered"
    assert data_of(frame)["contact"]["status"] == "closed"
    assert data_of(frame)["thread"]["canAddMoreMessages"] is False


def test_legacy_tokens() -> None:
    far = Far(anonymous_access_token=True)
    visitor = far.visitor(authorize=False)
    token = data_of(visitor.authorize()[0])["accessToken"]
    refreshed = visitor.ask("RefreshToken", {"accessToken": token})[0]
    reconnected = visitor.ask("ReconnectConsumer", {"accessToken": data_of(refreshed)["accessToken"]})[0]
    assert [check(refreshed), check(reconnected)] == ["TokenRefreshed", "ConsumerReconnected"]
    assert refreshed["eventType"] == "TokenRefreshed"


@pytest.mark.parametrize("mode", ["single", "multi", "live"])
def test_what_only_accompanies_can_be_taken_too(mode: str) -> None:
    far = Far(mode=mode, chatty=True, rich_queue_contact=True)
    visitor = far.visitor()
    customer_side(visitor)
    agents_side(far, visitor)
    far.do(AgentStatus(status="na", tell=True))
    seen = {check(frame) for frame in pushed(far)}
    assert seen >= {
        "CaseToRoutingQueueAssignmentChanged", "MessageSent", "MessageAddedIntoCase", "MessageSeenByUser",
        "MessageSeenByEndUser", "UserStatusChanged",
    }  # fmt: skip


def test_a_group_can_be_taken() -> None:
    far = Far(mode="live")
    visitor, guest = far.visitor(), far.visitor("guest")
    contact = {"contact": {"id": data_of(visitor.say()[1])["case"]["id"]}}
    code = data_of(visitor.ask("CreateInvitationToGroupChat", contact)[0])
    mails = {"recipients": [{"idOnExternalPlatform": "ana@example.test"}]}
    visitor.ask("SendEmailInvitationToGroupChat", {**contact, **code, **mails})
    guest.ask("JoinGroupChat", code)
    guest.ask("LeaveGroupChat", contact)
    seen = {check(frame) for frame in pushed(far)}
    assert seen >= {
        "InvitationToGroupChatCreated", "EmailInvitationToGroupChatSent", "GroupChatJoined", "ContactRecipientsChanged",
    }  # fmt: skip


@pytest.mark.parametrize("never_fails", [True, False])
def test_nothing_to_recover(never_fails: bool) -> None:
    visitor = Far(mode="live", recover_never_fails=never_fails).visitor()
    (frame,) = visitor.ask("RecoverLivechat", {})
    assert check(frame) == ("LivechatRecovered" if never_fails else "error")


def test_a_login_brings_an_access_token() -> None:
    visitor = Far(authentication="oauth").visitor(authorize=False)
    (frame,) = visitor.authorize(authorization={"authorizationCode": "ac-1"})
    assert check(frame) == "ConsumerAuthorized"
    token = data_of(frame)["accessToken"]
    assert (bool(token["token"]), token["expiresIn"]) == (True, 3600)


def test_full_content_and_what_is_left_behind() -> None:
    far = Far(mode="live")
    visitor = far.visitor()
    visitor.say()
    mail = {"idOnExternalPlatform": "kit@example.test", "firstName": "Kit", "lastName": "Marlow"}
    content = {"type": "TEXT", "payload": {"text": "Please call me."}}
    visitor.ask("SendOfflineMessage", {"messageContent": content, "authorCustomerIdentity": mail})
    visitor.ask("GenerateAuthorizationToken", {**visitor.thread(), "url": "/chat/1.0/brand/5150/messages/1"})
    assert {check(frame) for frame in pushed(far)} >= {"OfflineMessageSent", "AuthorizationTokenGenerated"}


RICH = [
    contents.unknown("HOLOGRAM", "look up"),
    QUICK_REPLIES,
    {
        "type": "LIST_PICKER",
        "fallbackText": "Choose a colour",
        "payload": {"title": {"content": "Colours"}, "text": {"content": "Which?"}, "actions": []},
    },
    {
        "type": "RICH_LINK",
        "fallbackText": "https://shop.example.test/mug",
        "payload": {
            "media": {"fileName": "mug.jpg", "mimeType": "image/jpeg", "url": "https://files.example.test/mug.jpg"},
            "title": {"content": "Mug"},
            "url": "https://shop.example.test/mug",
        },
    },
    {
        "type": "TIME_PICKER",
        "fallbackText": "Choose a time",
        "payload": {
            "title": {"content": "Visit"},
            "event": {
                "title": {"content": "Pick a slot"},
                "timeSlots": [{"id": "t1", "duration": 1800, "startTime": "2026-03-06T09:00:00+00:00"}],
            },
        },
    },
]


@pytest.mark.parametrize("content", RICH, ids=[str(each["type"]) for each in RICH])
def test_rich_content_can_be_taken_as_a_push_and_in_the_history(content: dict[str, Any]) -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    far.do(AgentSays(content=content))
    (recovered,) = visitor.ask("RecoverThread", visitor.thread())
    assert check(recovered) == "ThreadRecovered"
    assert data_of(recovered)["messages"][0]["messageContent"]["type"] == content["type"]
    assert {check(frame) for frame in pushed(far)} >= {"MessageCreated", "ThreadRecovered"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "TEXT", "payload": {}, "fallbackText": "x"},
        {"type": "TEXT", "payload": {"text": "x"}},
        {"type": "QUICK_REPLIES", "payload": {"text": {"content": "x"}}, "fallbackText": "x"},
        {"type": "PLUGIN", "payload": {"elements": []}, "fallbackText": "x"},
        {"type": "FORM", "payload": {"elements": []}, "fallbackText": "x"},
        {"type": "STREAMED", "payload": {"protocol": "sse", "sourceUrl": "https://s.test"}, "fallbackText": "x"},
        {"type": "ADAPTIVE_CARD", "payload": {"elements": [{"type": "x"}]}, "fallbackText": "x"},
    ],
)
def test_the_strict_decoders_do_refuse(wrong: dict[str, Any]) -> None:
    with pytest.raises((msgspec.ValidationError, ValueError)):
        msgspec.convert(wrong, Content)
