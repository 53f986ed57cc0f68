"""A whole chat in each mode and session style, every frame of it taken by the strictest decoders."""

import json
from typing import Any

import pytest

from deskline_center import Push
from deskline_center.controls import (
    AgentJoins,
    AgentLeaves,
    AgentReads,
    AgentSays,
    AgentTypes,
    CloseContact,
    ContactStatus,
    ProactiveAction,
    ViaUrl,
    WarnInactive,
)
from tests.center.strict import check
from tests.center.visitor import Far, Visitor, data_of

QUICK_REPLIES = {
    "type": "QUICK_REPLIES",
    "fallbackText": "Early or late?",
    "payload": {"text": {"content": "When?"}, "actions": [{"type": "REPLY_BUTTON", "text": "Early", "postback": "e"}]},
}


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
    frames: list[Any] = [json.loads(c.text) for c in far.commands if isinstance(c, Push)]
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
