"""What the center sends has the keys of the composed samples: nothing a client may have come to know is missing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deskline_center.controls import (
    AgentJoins,
    AgentReads,
    AgentSays,
    AgentStatus,
    AgentTypes,
    CloseContact,
    ProactiveAction,
    ViaUrl,
)
from deskline_center.cxone import FieldDefinition, Survey
from tests.center.visitor import CHANNEL, Far, Visitor, Wire, data_of

SAMPLES = {
    line["name"]: line["message"]
    for line in map(json.loads, (Path(__file__).parents[1] / "core/cxone/samples.jsonl").read_text().splitlines())
}
# Keys of captures which no client reads and this center has no value for.
LEFT_OUT = {"traceId"}
# A fingerprint is the client's own; the pushes in a history are those that happened.
SKIPPED = {"userFingerprint", "deviceFingerprint", "contactHistory"}


def missing(sample: Any, sent: Any, path: str = "") -> list[str]:
    """Return the paths of keys that the sample has and the sent value has not. Lists count by their first items."""
    if isinstance(sample, dict) and isinstance(sent, dict):
        here = [f"{path}.{key}" for key in sample if key not in sent and key not in LEFT_OUT]
        keys = [key for key in sample if key in sent and key not in SKIPPED]
        return here + [lost for key in keys for lost in missing(sample[key], sent[key], f"{path}.{key}")]
    if isinstance(sample, list) and isinstance(sent, list) and sample and sent:
        return missing(sample[0], sent[0], f"{path}[]")
    return []


def frame_of(visitor: Visitor, name: str) -> Wire:
    return next(f for f in reversed(visitor.frames()) if f.get("eventType") == name)


def opened(**settings: Any) -> tuple[Far, Visitor]:
    far = Far(**settings)
    visitor = far.visitor()
    file = {"url": "https://files.example.test/a1", "friendlyName": "mug.jpg"}
    visitor.say(attachments=[file], contact={"customFields": [{"ident": "topic", "value": "mug"}]})
    return far, visitor


def after(name: str, *controls: Any, **settings: Any) -> Wire:
    far, visitor = opened(**settings)
    for control in controls:
        far.do(control)
    return frame_of(visitor, name)


def answer(event_type: str, **settings: Any) -> Wire:
    far, visitor = opened(**settings)
    far.do(AgentJoins())
    far.do(AgentSays(text="Hello"))
    return visitor.ask(event_type, visitor.thread())[0]


def more() -> Wire:
    _far, visitor = opened(page_size=1)
    visitor.say("Again")
    token = data_of(visitor.ask("RecoverThread", {})[0])["messagesScrollToken"]
    return visitor.ask("LoadMoreMessages", {**visitor.thread(), "scrollToken": token})[0]


def seen() -> Wire:
    far, visitor = opened()
    far.do(AgentSays(text="Hello"))
    visitor.ask("MessageSeenByCustomer", visitor.thread())
    return frame_of(visitor, "MessageSeenChanged")


def configuration(mode: str) -> Wire:
    survey = Survey(name="Before", fields=(FieldDefinition(ident="email", label="E-mail", type="email"),))
    far = Far(mode=mode, survey=survey)
    body: Wire = json.loads(far.rest("GET", f"/chat/1.0/brand/5150/channel/{CHANNEL}").body)
    return body


def oauth_token() -> Wire:
    far = Far(session="secured", authentication="oauth")
    grant = {"grant_type": "authorization_code", "authorization_code": "ac"}
    return far.token({"thirdParty": grant})


CASES: dict[str, Callable[[], Wire]] = {
    "CaseCreated": lambda: after("CaseCreated"),
    "CaseInboxAssigneeChanged.assigned": lambda: after("CaseInboxAssigneeChanged", AgentJoins()),
    "CaseInboxAssigneeChanged.transferred": lambda: after(
        "CaseInboxAssigneeChanged", AgentJoins(), AgentJoins(agent=70113)
    ),
    "CaseStatusChanged.closed": lambda: after("CaseStatusChanged", AgentJoins(), CloseContact()),
    "CaseToRoutingQueueAssignmentChanged": lambda: after("CaseToRoutingQueueAssignmentChanged", chatty=True),
    "MessageAddedIntoCase": lambda: after("MessageAddedIntoCase", AgentJoins(), AgentSays(text="x"), chatty=True),
    "MessageCreated.inbound": lambda: after("MessageCreated"),
    "MessageCreated.attachment": lambda: after("MessageCreated"),
    "MessageCreated.outbound": lambda: after("MessageCreated", AgentJoins(), AgentSays(text="Hello")),
    "MessageReadChanged": lambda: after("MessageReadChanged", AgentJoins(), AgentReads()),
    "MessageSeenByUser": lambda: after("MessageSeenByUser", AgentJoins(), AgentReads(), chatty=True),
    "MessageSeenChanged": seen,
    "MessageSent": lambda: after("MessageSent", AgentSays(text="Hello"), chatty=True),
    "SenderTypingStarted.agent": lambda: after("SenderTypingStarted", AgentTypes()),
    "SenderTypingEnded.agent": lambda: after("SenderTypingEnded", AgentTypes(typing=False)),
    "SetPositionInQueue": lambda: after("SetPositionInQueue", mode="live"),
    "SetPositionInQueue.richContact": lambda: after("SetPositionInQueue", mode="live", rich_queue_contact=True),
    "UserStatusChanged.na": lambda: after("UserStatusChanged", AgentStatus(status="na", tell=True)),
    "FireProactiveAction.WelcomeMessage": lambda: after("FireProactiveAction", ProactiveAction(fields={"source": "w"})),
    "EventInS3.MessageCreated": lambda: after("EventInS3", ViaUrl(match="MessageCreated"), AgentSays(text="x")),
    "ThreadRecovered": lambda: answer("RecoverThread"),
    "LivechatRecovered": lambda: answer("RecoverLivechat", mode="live"),
    "ThreadListFetched": lambda: answer("FetchThreadList", mode="multi"),
    "ThreadMetadataLoaded": lambda: answer("LoadThreadMetadata", mode="multi"),
    "MoreMessagesLoaded": more,
    "rest.channel.multiThread.legacy": lambda: configuration("multi"),
    "rest.channel.liveChat.securedCookie": lambda: configuration("live"),
    "rest.token.refresh.union": oauth_token,
}
# One sample lists every capability flag of the channel; clients read the channel's id only.
CAPABILITIES: tuple[str, ...] = (
    ".data.channel.has",
    ".data.channel.is",
    ".data.channel.can",
    ".data.channel.channelIntegration",
)
CAPABILITIES += (".data.channel.nickname", ".data.channel.owner", ".data.channel.reply", ".data.channel.wysiwyg")
# In the sample the acceptance of the offer by the agent is on; here it is not, and the value is null.
KNOWN = {
    "CaseInboxAssigneeChanged.assigned": {".data.acceptRejectFlow"},
    "CaseInboxAssigneeChanged.transferred": {".data.acceptRejectFlow"},
}


@pytest.mark.parametrize("name", CASES)
def test_keys_of_the_sample_are_there(name: str) -> None:
    lost = set(missing(SAMPLES[name], CASES[name]())) - KNOWN.get(name, set())
    assert {path for path in lost if not path.startswith(CAPABILITIES)} == set()


def test_missing_keys_are_found() -> None:
    assert missing({"a": [{"b": 1, "c": {"d": 2}}]}, {"a": [{"c": {}}]}) == [".a[].b", ".a[].c.d"]
