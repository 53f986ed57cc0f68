"""The page for those who come from CXone's SDKs names what there is, all of it, and nothing else."""

import re

import pytest

import deskline
from tests.docs.mapping import ERRORS, EVENTS, HANDLES, METHODS, Page, found

PAGE = Page("from-the-vendor-sdks.md")

WIRE_NAMES = """
    RefreshToken TokenRefreshed AuthorizeCustomer ConsumerAuthorized ReconnectCustomer ConsumerReconnected SendMessage
    Postback MessageCreated LoadMoreMessages MoreMessagesLoaded MessageSeenByCustomer MessageSeenChanged
    MessageReadChanged SendOutbound RecoverThread ThreadRecovered FetchThreadList ThreadListFetched ArchiveThread
    ThreadArchived LoadThreadMetadata ThreadMetadataLoaded UpdateThread ThreadUpdated CaseCreated CaseStatusChanged
    SetPositionInQueue EndContact LivechatRecovered RecoverLivechat SendTranscript TranscriptSent
    CaseInboxAssigneeChanged SetContactCustomFields SetCustomerCustomFields SenderTypingStarted SenderTypingEnded
    ExecuteTrigger FireProactiveAction StoreVisitorEvents Custom EventInS3 ReconnectConsumer MessageSeenByUser
    SendPageViews SendOfflineMessage SetConsumerCustomFields SetConsumerContactCustomFields MessageSeenByConsumer
    AuthorizeConsumer StoreVisitor CreateInvitationToGroupChat SendEmailInvitationToGroupChat JoinGroupChat
    LeaveGroupChat GenerateAuthorizationToken AddVisitorTags RemoveVisitorTags SendMessagePreview OfflineMessageSent
    InvitationToGroupChatCreated EmailInvitationToGroupChatSent GroupChatJoined AuthorizationTokenGenerated
    CaseToRoutingQueueAssignmentChanged ConsumerContactInboxPreAssigneeChanged ContactPreferredUserChanged
    ContactRecipientsChanged MessageAddedIntoCase MessageDeliveryStatusChanged MessageSent MessageUpdated
    PageViewCreated UserStatusChanged MessageDeliveredToEndUser MessageDeliveredToUser MessageSeenByEndUser
    ContactProficiencyChanged ContactPriorityChanged ContactSync ChannelCreated ChannelDeleted ChannelUpdated
    RoutingQueueCreated RoutingQueueDeleted RoutingQueueUpdated SubqueueAssignedToRoutingQueue
    SubqueueUnassignedFromRoutingQueue UserAssignedToRoutingQueue UserUnassignedFromRoutingQueue MessageNoteCreated
    MessageNoteUpdated MessageNoteDeleted AgentContactStarted AgentContactEnded MessagePreviewCreated
""".split()  # noqa: SIM905 - so they can be compared with the reference at a glance
SDK_NAMES = """
    AgentTypingStarted AgentTypingEnded AssignedAgentChanged ContactCreated ContactStatusChanged
    ContactToRoutingQueueAssignmentChanged StreamedMessageStarted StreamedMessageDelta StreamedMessageCompleted
    StreamedMessageFailed CustomerAuthorized CustomerReconnected
""".split()  # noqa: SIM905
ANALYTICS = """
    VisitorVisit PageView TimeSpentOnPage ChatWindowOpened Conversion ProactiveActionDisplayed ProactiveActionClicked
    ProactiveActionSuccess ProactiveActionFailed Custom
""".split()  # noqa: SIM905
CODES = """
    CustomerAuthorizationFailed ConsumerAuthorizationFailed CustomerReconnectionFailed ConsumerReconnectionFailed
    TokenRefreshingFailed RecoveringThreadFailed RecoveringLivechatFailed InconsistentData SendingMessageFailed
    SendingOutboundFailed UpdatingThreadFailed ArchivingThreadFailed SendingTranscriptFailed
    SendingOfflineMessageFailed SdkVersionNotSupported MetadataLoadFailed S3EventLoadFailed CreateOrUpdateVisitorFailed
""".split()  # noqa: SIM905
CONTENT = """
    TEXT QUICK_REPLIES LIST_PICKER RICH_LINK TIME_PICKER PLUGIN INACTIVITY_POPUP POSTBACK ADAPTIVE_CARD STREAMED FILE
    FORM
""".split()  # noqa: SIM905
IN_FRAMES = """
    register chatWindowEvent outbound heartbeat Case Channel Message PageView RoutingQueue SenderAction UserStatus
    ChatWindow CustomerContact ConsumerContact Contact MessageNote MessagePreview S3Object Thread
""".split()  # noqa: SIM905


@pytest.mark.parametrize("name", sorted(set(PAGE.ours)))
def test_a_name_of_ours_is_one(name: str) -> None:
    assert name.split(".", maxsplit=1)[0] in {*HANDLES, *deskline.__all__}
    assert found(name) is not None


def test_every_row_has_a_name_of_ours_or_says_why_not() -> None:
    assert PAGE.poor() == []


@pytest.mark.parametrize("all_", [EVENTS, METHODS, ERRORS], ids=["events", "methods", "errors"])
def test_everything_of_ours_is_named(all_: set[str]) -> None:
    assert all_ - set(PAGE.ours) == set()


def test_an_event_among_the_errors_is_marked_as_one() -> None:
    titles = ("Errors", "Codes of errors")
    assert len(PAGE.parts(*titles)) == 4
    told = PAGE.events_among_errors(*titles)
    assert told != []
    assert [row for row in told if "event" not in row[2]] == []


def test_what_only_we_have_is_named_nowhere_else() -> None:
    assert set(PAGE.ours_there) & set(PAGE.ours_only) == set()


@pytest.mark.parametrize("sdk", ["Swift", "Kotlin", "JavaScript"])
def test_each_sdk_has_its_part(sdk: str) -> None:
    part = PAGE.text.partition(f"\n## {sdk}\n")[2].partition("\n## ")[0]
    titles = re.findall(r"^### (.+)$", part, re.MULTILINE)
    assert {"States", "The chat", "Threads and messages", "What the app is told", "Errors"} <= set(titles)


@pytest.mark.parametrize("names", [WIRE_NAMES, SDK_NAMES, ANALYTICS, CODES, CONTENT, IN_FRAMES])
def test_the_vendors_names_are_all_there(names: list[str]) -> None:
    assert [name for name in names if name not in PAGE.named] == []
