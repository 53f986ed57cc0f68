"""The page for those who come from a vendor's SDK names what there is, all of it, and nothing else."""

import inspect
import re
from typing import get_args

import pytest

import deskline
from deskline.thread import MessageHandle
from tests.docs.snippets import ROOT

PAGE = (ROOT / "docs" / "from-the-vendor-sdks.md").read_text("utf-8")
HANDLES = {"chat": deskline.Chat, "thread": deskline.Thread, "message": MessageHandle}
CODE = re.compile(r"`([^`]+)`")

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


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def ours(*, only: bool = False) -> list[str]:
    """Return what stands in the columns "Here", and in the list of what only we have."""
    vendors, _, own = PAGE.partition("## Ours only")
    cells = [] if only else [row[1] for row in rows(vendors) if len(row) > 1]
    return [name for cell in [*cells, *(row[0] for row in rows(own))] for name in CODE.findall(cell)]


def found(name: str) -> object:
    first, *rest = name.split(".")
    thing: object = HANDLES.get(first) or getattr(deskline, first)
    for part in rest:
        thing = getattr(thing, part)
    return thing


@pytest.mark.parametrize("name", sorted(set(ours())))
def test_a_name_of_ours_is_one(name: str) -> None:
    assert name.split(".", maxsplit=1)[0] in {*HANDLES, *deskline.__all__}
    assert found(name) is not None


def test_every_row_has_a_name_of_ours_or_says_why_not() -> None:
    poor = [
        row
        for row in rows(PAGE.partition("## Ours only")[0])
        if row[0] != "There" and not (CODE.search(row[1]) or (row[1] == "not there" and len(row) > 2 and row[2]))
    ]
    assert poor == []


EVENTS = {kind.__name__ for kind in get_args(deskline.Event)} | {"EventsSkipped"}
METHODS = {
    f"{word}.{name}"
    for word, handle in HANDLES.items()
    for name, member in vars(handle).items()
    if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property))
}
ERRORS = {
    name
    for name in deskline.__all__
    if inspect.isclass(getattr(deskline, name)) and issubclass(getattr(deskline, name), deskline.DesklineError)
}


@pytest.mark.parametrize("all_", [EVENTS, METHODS, ERRORS], ids=["events", "methods", "errors"])
def test_everything_of_ours_is_named(all_: set[str]) -> None:
    assert all_ - set(ours()) == set()


def test_an_event_among_the_errors_is_marked_as_one() -> None:
    parts = re.findall(r"^### (?:Errors|Codes of errors)\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert len(parts) == 4
    told = [row for part in parts for row in rows(part) if EVENTS.intersection(CODE.findall(row[1]))]
    assert told != []
    assert [row for row in told if "event" not in row[2]] == []


def test_what_only_we_have_is_named_nowhere_else() -> None:
    vendors = PAGE.partition("## Ours only")[0]
    cells = {name for row in rows(vendors) if len(row) > 1 for name in CODE.findall(row[1])}
    assert cells & set(ours(only=True)) == set()


@pytest.mark.parametrize("sdk", ["Swift", "Kotlin", "JavaScript"])
def test_each_sdk_has_its_part(sdk: str) -> None:
    part = PAGE.partition(f"\n## {sdk}\n")[2].partition("\n## ")[0]
    titles = re.findall(r"^### (.+)$", part, re.MULTILINE)
    assert {"States", "The chat", "Threads and messages", "What the app is told", "Errors"} <= set(titles)


@pytest.mark.parametrize("names", [WIRE_NAMES, SDK_NAMES, ANALYTICS, CODES, CONTENT, IN_FRAMES])
def test_the_vendors_names_are_all_there(names: list[str]) -> None:
    named = set(CODE.findall(PAGE))
    assert [name for name in names if name not in named] == []
