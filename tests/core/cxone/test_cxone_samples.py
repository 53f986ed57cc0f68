"""Every sample line is read by the decoder it belongs to, to the value that stands here."""

from operator import attrgetter
from typing import Any, get_args

import msgspec
import pytest

from deskline_core.cxone import wire
from deskline_core.cxone.decode import decode_answer_body
from tests.core.cxone.cxone_samples import (
    LIMIT,
    LIVE_THREAD,
    OUR_THREAD,
    SOURCE,
    body,
    compact,
    decode,
    frame,
    samples,
)

Expected = tuple[type, dict[str, Any]]

CUSTOMER = "c1a0f1de-7b7e-4d43-8c1b-5b8b0c9e2d01"
OAUTH_CUSTOMER = "b74f194fc24fe84f054f6d4faa4f314f774f904fde4f2b4f8c4f134ff44f064f"
MUG, SORRY = "9d2c7c11-5f0a-4a8e-b0b4-6a7c8d9e0f06", "09058ed0-cc1d-4c62-a5f2-daa3607fc5d7"
HELLO = "8f2525d6-884e-4205-a5ff-61bd6509e219"


def ids(*expected: str) -> list[str]:
    return list(expected)


def error(code: str, text: str, transaction: str, thread: str = "") -> Expected:
    return wire.OperationError, {"code": code, "text": text, "transaction": transaction, "thread": thread}


PLAIN: dict[str, Expected] = {
    "raw.pong": (wire.Pong, {}),
    "authorizationStatus.assumedForm": (wire.Ack, {"event_id": "", "authorization_status": "authorized"}),
    "ack": (wire.Ack, {"authorization_status": ""}),
    "ack.withStatus": (wire.Ack, {"authorization_status": ""}),
    "gatewayError": (
        wire.GatewayError,
        {
            "message": "Internal server error",
            "connection_id": "Qx7YexampleAA=",
            "request_id": "Qx7ZreqExample=",
        },
    ),
}

ERRORS: dict[str, Expected] = {
    "error.CustomerAuthorizationFailed": error(
        "CustomerAuthorizationFailed",
        "The authorization code was not accepted",
        "59df3032-a172-4eab-baa3-803bb9b66ce5",
    ),
    "error.ConsumerAuthorizationFailed": error(
        "ConsumerAuthorizationFailed",
        "The authorization code was not accepted",
        "c8439cac-4473-4348-97e2-24fc86d25513",
    ),
    "error.CustomerReconnectionFailed": error(
        "CustomerReconnectionFailed", "The access token is not valid", "7f231dd1-b879-466f-b0e7-3f4e49392282"
    ),
    "error.ConsumerReconnectionFailed": error(
        "ConsumerReconnectionFailed", "The access token is not valid", "9606ce50-8019-49ea-aef4-542a80058fe1"
    ),
    "error.TokenRefreshingFailed": error(
        "TokenRefreshingFailed", "The access token cannot be renewed", "55f18100-0257-4dc8-8f4d-78a17614d1d3"
    ),
    "error.RecoveringThreadFailed": error(
        "RecoveringThreadFailed",
        "There is no thread to restore",
        "d7ab7d95-40a1-4895-8bda-6f0f9dd6388c",
        OUR_THREAD,
    ),
    "error.RecoveringLivechatFailed": error(
        "RecoveringLivechatFailed", "There is no live chat to restore", "be9a6c56-78f8-4478-9174-b1f350859442"
    ),
    "error.InconsistentData": error(
        "InconsistentData", "Internal server error", "071edc98-5238-4f16-beec-6f51042f1068", OUR_THREAD
    ),
    "error.SendingMessageFailed": error(
        "SendingMessageFailed", "The message was not stored", "5fb8a3a9-553d-4883-a87f-36485f8a9a89"
    ),
    "error.SendingOutboundFailed": error(
        "SendingOutboundFailed", "The message was not stored", "380dfc9a-e11e-498b-9ce5-c9629905d059"
    ),
    "error.UpdatingThreadFailed": error(
        "UpdatingThreadFailed", "The thread was not changed", "4c19334c-901f-4882-9425-a12d25d9c54c"
    ),
    "error.ArchivingThreadFailed": error(
        "ArchivingThreadFailed", "The thread was not archived", "88906ffb-f338-45df-b4a2-51c92f42fe41"
    ),
    "error.SendingTranscriptFailed": error(
        "SendingTranscriptFailed", "The transcript was not sent", "270c4d81-2b3f-45a0-862f-9d336060e86b"
    ),
    "error.SendingOfflineMessageFailed": error(
        "SendingOfflineMessageFailed", "The message was not sent", "332ee677-a513-47eb-8d29-9a894cea42af"
    ),
    "error.SdkVersionNotSupported": error(
        "SdkVersionNotSupported", "This SDK release is no longer accepted", "a3312f19-4881-4dda-b4d6-44e5d506b368"
    ),
    "error.withoutEventId": (
        wire.OperationError,
        {
            "event_id": "",
            "code": "RecoveringLivechatFailed",
            "text": "",
            "transaction": "e160ab6a-a6b9-4773-912c-bcc1a490b0c9",
        },
    ),
    "error.unknownCode": error("SomethingElseFailed", "A code no client knows", "40ae77b7-eef0-4615-8717-84ac89c1415a"),
}

ANSWERS: dict[str, Expected] = {
    "ConsumerAuthorized": (
        wire.ConsumerAuthorized,
        {
            "data.consumer_identity.id_on_external_platform": CUSTOMER,
            "data.consumer_identity.first_name": "Kit",
            "data.consumer_identity.last_name": "Marlow",
            "data.access_token": None,
        },
    ),
    "ConsumerAuthorized.oauth": (
        wire.ConsumerAuthorized,
        {
            "data.consumer_identity.id_on_external_platform": OAUTH_CUSTOMER,
            "data.access_token": wire.Token(token="Lt|3c9d-example", expires_in=3600),
        },
    ),
    "ConsumerAuthorized.withChannel": (
        wire.ConsumerAuthorized,
        {"data.consumer_identity.id_on_external_platform": CUSTOMER, "data.access_token": None},
    ),
    "ConsumerReconnected": (wire.ConsumerReconnected, {}),
    "CustomerReconnected.legacyName": (wire.ConsumerReconnected, {}),
    "TokenRefreshed": (
        wire.TokenRefreshed,
        {"data.access_token": wire.Token(token="Lt|a7c2-example", expires_in=3600)},
    ),
    "ThreadRecovered": (
        wire.ThreadRecovered,
        {
            "data.thread.id_on_external_platform": OUR_THREAD,
            "data.thread.thread_name": "Broken mug",
            "data.thread.can_add_more_messages": True,
            "data.contact.id": "48215077",
            "data.contact.status": "open",
            "data.contact.custom_fields": (
                wire.CustomField(ident="topic", value="ship-late", updated_at="2026-03-04T10:19:40+00:00"),
            ),
            "data.consumer_contact": None,
            "data.inbox_assignee.id": 70112,
            "data.messages_scroll_token": (
                "Ozs5NGNlN2U4OC0yYzQwLTRlMjQtOWMwOS1mOTc3NTcwMmVjOGQ7OzE3NzI2MTk2MDA7OzE3NzI2MTk2MDE="
            ),
            "messages": ids(SORRY, MUG, HELLO),
        },
    ),
    "ThreadRecovered.minimal": (
        wire.ThreadRecovered,
        {
            "data.thread.id_on_external_platform": OUR_THREAD,
            "data.inbox_assignee": None,
            "data.messages_scroll_token": "",
            "messages": ids(),
        },
    ),
    "ThreadRecovered.oldVocabulary": (
        wire.ThreadRecovered,
        {
            "data.contact": None,
            "data.consumer_contact.id": "48215077",
            "data.consumer_contact.status": "resolved",
            "data.consumer_contact.created_at": "2026-03-04T11:20:05+0100",
            "messages": ids(SORRY, MUG, HELLO),
        },
    ),
    "LivechatRecovered": (
        wire.LivechatRecovered,
        {
            "data.thread.id_on_external_platform": LIVE_THREAD,
            "data.contact.id": "48215120",
            "data.contact.status": "open",
            "data.inbox_assignee.id": 70112,
            "messages": ids("c4db539c-e29a-4808-87f4-052288fccb36", "a7c6f9b6-4c91-4834-b221-6df6c9c36ccf"),
        },
    ),
    "LivechatRecovered.closed": (
        wire.LivechatRecovered,
        {"data.contact.id": "48215120", "data.contact.status": "closed"},
    ),
    "LivechatRecovered.nothingToRecover": (
        wire.LivechatRecovered,
        {"data.thread": None, "data.contact": None, "messages": ids()},
    ),
    "ThreadListFetched": (wire.ThreadListFetched, {"threads": [(OUR_THREAD, "Broken mug", True)]}),
    "ThreadListFetched.empty": (wire.ThreadListFetched, {"threads": []}),
    "ThreadMetadataLoaded": (
        wire.ThreadMetadataLoaded,
        {"data.owner_assignee.id": 70112, "data.last_message.id_on_external_platform": SORRY},
    ),
    "ThreadMetadataLoaded.unassigned": (
        wire.ThreadMetadataLoaded,
        {"data.owner_assignee": None, "data.last_message.id_on_external_platform": MUG},
    ),
    "MoreMessagesLoaded": (wire.MoreMessagesLoaded, {}),
    "MoreMessagesLoaded.end": (wire.MoreMessagesLoaded, {"data.scroll_token": "", "messages": ids()}),
    "ThreadArchived": (wire.ThreadArchived, {}),
    "TranscriptSent": (wire.TranscriptSent, {}),
    "AuthorizationTokenGenerated": (
        wire.AuthorizationTokenGenerated,
        {"data.authorization_token.token": "mt.example.51a0"},
    ),
    "ThreadUpdated.assumedForm": (wire.ThreadUpdated, {}),
    "OfflineMessageSent.dataNotShown": (wire.OfflineMessageSent, {}),
    "InvitationToGroupChatCreated.dataNotShown": (wire.InvitationToGroupChatCreated, {"data": msgspec.Raw(b"{}")}),
    "EmailInvitationToGroupChatSent.dataNotShown": (wire.EmailInvitationToGroupChatSent, {}),
    "GroupChatJoined.dataNotShown": (wire.GroupChatJoined, {"data": msgspec.Raw(b"{}")}),
    "s3body.ThreadRecovered": (
        wire.ThreadRecovered,
        {"data.thread.id_on_external_platform": OUR_THREAD, "messages": ids(SORRY, MUG, HELLO)},
    ),
}


def created(id: str, direction: str, type_: str, author: int | None, thread: str = OUR_THREAD) -> Expected:
    facts: dict[str, Any] = {
        "data.message.id_on_external_platform": id,
        "data.message.direction": direction,
        "data.message.message_content.type": type_,
        "data.message.thread_id_on_external_platform": thread,
        "data.thread.id_on_external_platform": thread,
        "data.case.thread_id_on_external_platform": thread,
        "data.case.id": "48215120" if thread == LIVE_THREAD else "48215077",
    }
    if author is None:
        facts["data.message.author_end_user_identity.id_on_external_platform"] = CUSTOMER
    else:
        facts["data.message.author_user.id"] = author
    return wire.MessageCreated, facts


AGENT, BOT = 70112, 70900
MESSAGES: dict[str, Expected] = {
    "MessageCreated.inbound": created(MUG, "inbound", "TEXT", None),
    "MessageCreated.outbound": created(SORRY, "outbound", "TEXT", AGENT),
    "MessageCreated.withVisitor": created(MUG, "inbound", "TEXT", None),
    "MessageCreated.attachment": created("e1b85f71-", "inbound", "TEXT", None),
    "MessageCreated.bot": created(HELLO, "outbound", "TEXT", BOT),
    "MessageCreated.aiGenerated": created("790d1139-", "outbound", "TEXT", BOT),
    "MessageCreated.privacyModeAgent": created("7bfffaf2-", "outbound", "TEXT", AGENT),
    "MessageCreated.additionalContent": created("655525d1-", "outbound", "TEXT", AGENT),
    "MessageCreated.content.TEXT": created("e06e7bb8-", "outbound", "TEXT", BOT),
    "MessageCreated.content.TEXT.postbackReply": created("f0019656-", "inbound", "TEXT", None),
    "MessageCreated.content.TEXT.initialMessage": created("bf2e723e-", "inbound", "TEXT", None, LIVE_THREAD),
    "MessageCreated.content.TEXT.unsupportedAnswer": created("23debf33-", "inbound", "TEXT", None),
    "MessageCreated.content.TEXT.inactivityAnswer": created("0b9539bc-", "inbound", "TEXT", None, LIVE_THREAD),
    "MessageCreated.content.QUICK_REPLIES": created("5b34025e-", "outbound", "QUICK_REPLIES", BOT),
    "MessageCreated.content.LIST_PICKER": created("2a6133d7-", "outbound", "LIST_PICKER", BOT),
    "MessageCreated.content.RICH_LINK": created("b5ef4104-", "outbound", "RICH_LINK", BOT),
    "MessageCreated.content.TIME_PICKER": created("38edf40a-", "outbound", "TIME_PICKER", BOT),
    "MessageCreated.content.PLUGIN.INACTIVITY_POPUP": created("d90726bd-", "outbound", "PLUGIN", BOT, LIVE_THREAD),
    "MessageCreated.content.INACTIVITY_POPUP.topLevel": created(
        "f22e8bfe-", "outbound", "INACTIVITY_POPUP", BOT, LIVE_THREAD
    ),
    "MessageCreated.content.PLUGIN.MENU.legacy": created("40667c4f-", "outbound", "PLUGIN", BOT),
    "MessageCreated.content.PLUGIN.GALLERY.legacy": created("e7578534-", "outbound", "PLUGIN", BOT),
    "MessageCreated.content.PLUGIN.SATISFACTION_SURVEY.legacy": created("2ad3b652-", "outbound", "PLUGIN", BOT),
    "MessageCreated.content.POSTBACK": created("911ca3b7-", "inbound", "POSTBACK", None),
    "MessageCreated.content.ADAPTIVE_CARD": created("1f8d3777-", "outbound", "ADAPTIVE_CARD", BOT),
    "MessageCreated.content.STREAMED": created("a14d6ca8-", "outbound", "STREAMED", BOT),
    "MessageCreated.content.FILE.payloadNotShown": created("61e1da04-", "outbound", "FILE", BOT),
    "MessageCreated.content.FORM.payloadNotShown": created("afd9c271-", "outbound", "FORM", BOT),
    "MessageCreated.content.UNKNOWN": created("f7cf7dc5-", "outbound", "HOLOGRAM", BOT),
    "MessageCreated.content.UNKNOWN.noFallback": created("0a958be3-", "outbound", "HOLOGRAM", BOT),
    "unknown.eventObject": created(MUG, "inbound", "TEXT", None),
    # ids are opaque: a far side that sends upper case gets upper case back
    "MessageCreated.upperCaseIds": (
        wire.MessageCreated,
        {
            "data.message.id_on_external_platform": MUG.upper(),
            "data.message.thread_id_on_external_platform": OUR_THREAD.upper(),
        },
    ),
    "MessageReadChanged": (
        wire.MessageReadChanged,
        {
            "data.message.id_on_external_platform": MUG,
            "data.message.user_statistics.read_at": "2026-03-04T10:24:10+00:00",
            "data.contact.id": "48215077",
        },
    ),
    "MessageSeenChanged": (
        wire.MessageSeenChanged,
        {
            "data.message.id_on_external_platform": SORRY,
            "data.message.user_statistics.seen_at": None,
            "data.contact.id": "48215077",
        },
    ),
}


def typing(kind: type, user: int | None, direction: str | None) -> Expected:
    facts: dict[str, Any] = {"data.thread.id_on_external_platform": OUR_THREAD, "data.direction": direction}
    return kind, facts | ({"data.user": None} if user is None else {"data.user.id": user})


def status(value: str, contact: str = "48215077", thread: str = OUR_THREAD, initiator: str = "user") -> Expected:
    return wire.CaseStatusChanged, {
        "data.case.id": contact,
        "data.case.thread_id_on_external_platform": thread,
        "data.case.status": value,
        "context.initiator.type": initiator,
    }


def queue(position: int, *, online: bool, thread: str | None = None) -> Expected:
    return wire.SetPositionInQueue, {
        "data.consumer_contact.id": "48215120",
        "data.consumer_contact.thread_id_on_external_platform": thread,
        "data.position_in_queue": position,
        "data.is_any_agent_online_for_queue": online,
    }


CONTACTS: dict[str, Expected] = {
    "SenderTypingStarted.agent": typing(wire.SenderTypingStarted, AGENT, "outbound"),
    "SenderTypingEnded.agent": typing(wire.SenderTypingEnded, AGENT, "outbound"),
    "SenderTypingStarted.withoutDirection": typing(wire.SenderTypingStarted, AGENT, None),
    "SenderTypingStarted.customerElsewhere": typing(wire.SenderTypingStarted, None, "inbound"),
    "SenderTypingEnded.customerElsewhere": typing(wire.SenderTypingEnded, None, "inbound"),
    "CaseCreated": (
        wire.CaseCreated,
        {"data.case.id": "48215077", "data.case.status": "new", "data.thread.id_on_external_platform": OUR_THREAD},
    ),
    "CaseCreated.livechat": (
        wire.CaseCreated,
        {"data.case.id": "48215120", "data.thread.id_on_external_platform": LIVE_THREAD},
    ),
    "CaseStatusChanged.new": status("new"),
    "CaseStatusChanged.open": status("open"),
    "CaseStatusChanged.pending": status("pending"),
    "CaseStatusChanged.escalated": status("escalated"),
    "CaseStatusChanged.resolved": status("resolved"),
    "CaseStatusChanged.closed": status("closed", "48215120", LIVE_THREAD),
    "CaseStatusChanged.trashed": status("trashed", initiator="system"),
    "CaseInboxAssigneeChanged.assigned": (
        wire.CaseInboxAssigneeChanged,
        {"data.case.id": "48215120", "data.inbox_assignee.id": AGENT, "data.previous_inbox_assignee": None},
    ),
    "CaseInboxAssigneeChanged.transferred": (
        wire.CaseInboxAssigneeChanged,
        {"data.inbox_assignee.id": 70233, "data.previous_inbox_assignee.id": AGENT},
    ),
    "CaseInboxAssigneeChanged.unassigned": (
        wire.CaseInboxAssigneeChanged,
        {"data.inbox_assignee": None, "data.previous_inbox_assignee.id": 70233},
    ),
    "SetPositionInQueue": queue(3, online=True),
    "SetPositionInQueue.next": queue(1, online=True),
    "SetPositionInQueue.noAgentOnline": queue(7, online=False),
    "SetPositionInQueue.richContact": queue(2, online=True, thread=LIVE_THREAD),
    "EventInS3.ThreadRecovered": (
        wire.EventInS3,
        {
            "event_id": "64ffe175-c863-490f-ad1f-6c18c5dbd06d",
            "data.s3_object.url": (
                "https://bucket.example.test/chat/large-websocket-events/5150/"
                "22171243-6d19-4691-a622-a9a3d0be0152.json?X-Amz-Expires=900"
            ),
            "data.origin_event.event_type": "ThreadRecovered",
        },
    ),
    "EventInS3.MessageCreated": (wire.EventInS3, {"data.origin_event.event_type": "MessageCreated"}),
}

FROM_OUR_THREAD: dict[str, Any] = {
    "data.case.id": "48215077",
    "data.case.thread_id_on_external_platform": OUR_THREAD,
}
NOTICES: dict[str, Expected] = {
    "MessageSent": (
        wire.MessageSent,
        {
            "data.message.id": None,
            "data.message.id_on_external_platform": SORRY,
            "data.message.author_user.id": AGENT,
            "data.thread.id_on_external_platform": OUR_THREAD,
        },
    ),
    "MessageUpdated": (
        wire.MessageUpdated,
        {"data.message.id_on_external_platform": SORRY, "data.message.message_content.text": "", **FROM_OUR_THREAD},
    ),
    "MessageAddedIntoCase": (
        wire.MessageAddedIntoCase,
        {"data.message.id_on_external_platform": MUG, **FROM_OUR_THREAD},
    ),
    "MessageDeliveryStatusChanged": (
        wire.MessageDeliveryStatusChanged,
        {"data.message.id_on_external_platform": SORRY, "data.contact.id": "48215077"},
    ),
    "MessageSeenByUser": (
        wire.MessageSeenByUser,
        {
            "data.message.id_on_external_platform": MUG,
            "data.message_seen.seen_at": "2026-03-04T10:24:09+00:00",
            **FROM_OUR_THREAD,
        },
    ),
    "MessageSeenByEndUser": (
        wire.MessageSeenByEndUser,
        {"data.message.id_on_external_platform": SORRY, "data.message_seen.seen_at": "2026-03-04T10:25:01+00:00"},
    ),
    "MessageDeliveredToUser": (
        wire.MessageDeliveredToUser,
        {
            "data.message.id_on_external_platform": MUG,
            "data.message_delivered.delivered_at": "2026-03-04T10:20:07+00:00",
        },
    ),
    "MessageDeliveredToEndUser": (
        wire.MessageDeliveredToEndUser,
        {
            "data.message.id_on_external_platform": SORRY,
            "data.message_delivered.delivered_at": "2026-03-04T10:24:41+00:00",
        },
    ),
    "CaseToRoutingQueueAssignmentChanged": (
        wire.CaseToRoutingQueueAssignmentChanged,
        {
            "data.routing_queue.id": "67bc7d48-431b-4db1-8b5a-1c2ed98eef8f",
            "data.routing_queue.name": "Repairs",
            **FROM_OUR_THREAD,
        },
    ),
    "ConsumerContactInboxPreAssigneeChanged": (
        wire.ConsumerContactInboxPreAssigneeChanged,
        {"data.consumer_contact.id": "48215077", "data.inbox_pre_assignee.id": AGENT},
    ),
    "ContactPreferredUserChanged": (
        wire.ContactPreferredUserChanged,
        {"data.preferred_user_for_next_assign.id": AGENT, **FROM_OUR_THREAD},
    ),
    "ContactRecipientsChanged": (
        wire.ContactRecipientsChanged,
        {
            "data.contact.id": "48215120",
            "data.contact.thread_id_on_external_platform": LIVE_THREAD,
            "data.contact.recipients": (
                wire.Recipient(id_on_external_platform=CUSTOMER, name="Kit Marlow"),
                wire.Recipient(id_on_external_platform="8bbcf733-7e78-49a9-9f62-8fc83fbfcc89", name="Ana Reed"),
            ),
        },
    ),
    "UserStatusChanged.online": (
        wire.UserStatusChanged,
        {"data.user.id": AGENT, "data.user_status": wire.UserStatus(type="online", name="Available")},
    ),
    "UserStatusChanged.offline": (
        wire.UserStatusChanged,
        {"data.user.id": AGENT, "data.user_status": wire.UserStatus(type="offline", name="Gone home")},
    ),
    "UserStatusChanged.na": (
        wire.UserStatusChanged,
        {"data.user.id": AGENT, "data.user_status": wire.UserStatus(type="na", name="Lunch")},
    ),
    "PageViewCreated": (
        wire.PageViewCreated,
        {
            "data.page_view": wire.PageView(page_title="Cart", page_url="app://cart"),
            "data.thread.id_on_external_platform": OUR_THREAD,
        },
    ),
}


def offer(action: str, name: str, type_: str) -> Expected:
    return wire.FireProactiveAction, {
        "data.destination.id": "f5d3a0c1-12bb-4f60-8e04-3a3f4b5c6d03",
        "data.proactive_action.action.action_id": action,
        "data.proactive_action.action.action_name": name,
        "data.proactive_action.action.action_type": type_,
    }


OFFERS: dict[str, Expected] = {
    "FireProactiveAction.WelcomeMessage": offer("83455e89-", "First hello", "WelcomeMessage"),
    "FireProactiveAction.PopupBox": offer("7e6b0bd2-", "Spring glaze", "PopupBox"),
    "FireProactiveAction.PopupBox.webDesign": offer("85db5ec2-", "Spring glaze", "PopupBox"),
    "FireProactiveAction.CustomPopupBox": offer("97457ffd-", "Help box", "CustomPopupBox"),
    "FireProactiveAction.PushNotification": offer("bc8104bc-", "Parcel news", "PushNotification"),
    "FireProactiveAction.GuideTemplate": offer("64c5a5e0-", "Tour", "GuideTemplate"),
}

UNKNOWN = {"unknown.eventType": "SomethingNew", "unknown.agentSideName": "AgentContactStarted", "unknown.typeless": ""}

FRAMES = PLAIN | ERRORS | ANSWERS | MESSAGES | CONTACTS | NOTICES | OFFERS
ELSEWHERE = ("rest.", "sse.")  # test_cxone_rest.py, test_cxone_sse.py


def fact(value: Any, path: str) -> Any:
    if path == "messages":
        return [message.id_on_external_platform for message in value.data.messages]
    if path == "threads":
        return [(t.id_on_external_platform, t.thread_name, t.can_add_more_messages) for t in value.data.threads][:1]
    return attrgetter(path)(value)


def same(found: Any, expected: Any) -> bool:
    """Compare; an expected id that ends in a hyphen is the beginning of one."""
    if isinstance(expected, str) and expected.endswith("-"):
        return isinstance(found, str) and found.startswith(expected) and len(found) == 36
    return type(found) is type(expected) and bool(found == expected)


def check(value: object, expected: Expected) -> None:
    kind, facts = expected
    assert type(value) is kind
    found = {path: fact(value, path) for path in facts}
    assert {path: found[path] for path in facts if not same(found[path], facts[path])} == {}


ERROR_CODES = {
    "CustomerAuthorizationFailed", "ConsumerAuthorizationFailed", "CustomerReconnectionFailed",
    "ConsumerReconnectionFailed", "TokenRefreshingFailed", "RecoveringThreadFailed", "RecoveringLivechatFailed",
    "InconsistentData", "SendingMessageFailed", "SendingOutboundFailed", "UpdatingThreadFailed",
    "ArchivingThreadFailed", "SendingTranscriptFailed", "SendingOfflineMessageFailed", "SdkVersionNotSupported",
}  # fmt: skip
"""Every code that is known to travel (section 3.6.1)."""


def test_every_error_code_and_every_shape_has_a_sample() -> None:
    assert {name.removeprefix("error.") for name in ERRORS} == ERROR_CODES | {"withoutEventId", "unknownCode"}
    shapes = {type(decode(frame(name))) for name in FRAMES}
    assert shapes >= {wire.Pong, wire.GatewayError, wire.OperationError, wire.Postback, wire.Ack}
    assert shapes >= set(get_args(wire.Push)) - {wire.ThreadUpdate}  # shown from no server
    answers = {ANSWERS[name][0] for name in ANSWERS}
    assert answers == set(get_args(wire.AnyAnswer))


def test_a_renaming_may_be_pushed_too() -> None:
    text = compact({"eventId": "e", "eventType": "ThreadUpdated", "data": {"thread": {"idOnExternalPlatform": "t"}}})
    push = decode(text)
    assert isinstance(push, wire.ThreadUpdate)
    assert push.data.thread.id_on_external_platform == "t"
    sloppy = decode(text.replace('"e"', "7"))
    assert isinstance(sloppy, wire.ThreadUpdate)
    bare = decode('{"eventId":7,"eventType":"ThreadUpdated"}')
    assert isinstance(bare, wire.Postback)
    assert isinstance(bare.postback, wire.ThreadUpdated)


def test_every_sample_has_an_expectation() -> None:
    frames = {name for name in samples() if not name.startswith(ELSEWHERE)}
    assert frames == set(FRAMES) | set(UNKNOWN)


@pytest.mark.parametrize("name", sorted(FRAMES.keys() - ANSWERS.keys()))
def test_a_frame_is_read(name: str) -> None:
    received = decode(frame(name))
    check(received, FRAMES[name])
    sent_id = samples()[name].get("eventId", "")
    assert getattr(received, "event_id", "") == sent_id


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_read_under_its_request(name: str) -> None:
    received = decode(frame(name))
    assert isinstance(received, wire.Postback)
    assert received.event_id == samples()[name]["eventId"]
    check(received.postback, ANSWERS[name])
    assert decode_answer_body(body(name), limit=LIMIT, max_source=SOURCE) == received


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_is_named_and_kept(name: str) -> None:
    text = frame(name)
    assert decode(text, max_source=40) == wire.Unknown(
        kind=UNKNOWN[name], source=text[:40], event_id=samples()[name]["eventId"]
    )


def test_older_messages_come_newest_first_with_a_token_for_more() -> None:
    received = decode(frame("MoreMessagesLoaded"))
    assert isinstance(received, wire.Postback)
    assert isinstance(received.postback, wire.MoreMessagesLoaded)
    data = received.postback.data
    sent = samples()["MoreMessagesLoaded"]["postback"]["data"]
    assert [entry.message_content.text for entry in data.messages] == ["Older line two", "Older line one"]
    assert data.scroll_token == sent["scrollToken"] != ""


def test_tokens_and_signed_urls_do_not_show() -> None:
    shown = repr([decode(frame(name)) for name in ("TokenRefreshed", "AuthorizationTokenGenerated")])
    shown += repr(decode(frame("EventInS3.ThreadRecovered")))
    assert "Lt|" not in shown
    assert "mt.example" not in shown
    assert "bucket" not in shown
