"""Everything that enters a session: app requests, transport reports, time. A closed union.

App requests are imperative and carry a ``request`` number, chosen by whoever asks and settled by exactly one
:class:`~deskline_core.commands.Answer` or :class:`~deskline_core.commands.Refuse` that repeats it. Reports are in the
past tense and repeat the number of the command they belong to.
"""

from .chat_requests import (
    AppRequest,
    Authenticate,
    AwaitReady,
    CheckAvailability,
    Connect,
    Disconnect,
    EnterActive,
    EnterBackground,
    ExecuteTrigger,
    FetchConfiguration,
    FetchIceServers,
    FetchMenu,
    FetchVersion,
    JoinThread,
    LeavePage,
    NotePush,
    Open,
    Prepare,
    RegisterDevice,
    ReportConversion,
    ReportOffer,
    ReportVisitorEvent,
    ReportWindowOpened,
    SendOfflineMessage,
    SetCustomer,
    SetCustomerFields,
    SignOut,
    ViewPage,
)
from .reports import (
    FrameReceived,
    LineReceived,
    NetworkReturned,
    Report,
    RequestFailed,
    RequestProgressed,
    ResponseReceived,
    Saved,
    SaveFailed,
    SocketClosed,
    SocketOpened,
)
from .thread_requests import (
    AnswerInactivity,
    ArchiveThread,
    AwaitSettled,
    CancelForm,
    CloseCase,
    CreateInvitation,
    DiscardMessage,
    EndThread,
    FetchFile,
    FetchPhoto,
    LeaveThread,
    LoadMore,
    MarkRead,
    OpenThread,
    PreviewText,
    RenameThread,
    RetryMessage,
    SendInvitation,
    SendLocation,
    SendMessage,
    SendSignal,
    SendTranscript,
    SetThreadFields,
    StartThread,
    StartTyping,
    StopTyping,
    SubmitForm,
    WrapUp,
)
from .values import Value

__all__ = [
    "AnswerInactivity",
    "AppRequest",
    "ArchiveThread",
    "Authenticate",
    "AwaitReady",
    "AwaitSettled",
    "CancelForm",
    "CheckAvailability",
    "CloseCase",
    "Connect",
    "CreateInvitation",
    "DiscardMessage",
    "Disconnect",
    "EndThread",
    "EnterActive",
    "EnterBackground",
    "ExecuteTrigger",
    "FetchConfiguration",
    "FetchFile",
    "FetchIceServers",
    "FetchMenu",
    "FetchPhoto",
    "FetchVersion",
    "FrameReceived",
    "Input",
    "JoinThread",
    "LeavePage",
    "LeaveThread",
    "LineReceived",
    "LoadMore",
    "MarkRead",
    "NetworkReturned",
    "NotePush",
    "Open",
    "OpenThread",
    "Prepare",
    "PreviewText",
    "RegisterDevice",
    "RenameThread",
    "Report",
    "ReportConversion",
    "ReportOffer",
    "ReportVisitorEvent",
    "ReportWindowOpened",
    "RequestFailed",
    "RequestProgressed",
    "ResponseReceived",
    "RetryMessage",
    "SaveFailed",
    "Saved",
    "SendInvitation",
    "SendLocation",
    "SendMessage",
    "SendOfflineMessage",
    "SendSignal",
    "SendTranscript",
    "SetCustomer",
    "SetCustomerFields",
    "SetThreadFields",
    "SignOut",
    "SocketClosed",
    "SocketOpened",
    "StartThread",
    "StartTyping",
    "StopTyping",
    "SubmitForm",
    "Tick",
    "ViewPage",
    "Withdraw",
    "WrapUp",
]


class Withdraw(Value, frozen=True, kw_only=True):
    """The caller of a request is gone: it is settled no more, and what only it waited for is dropped."""

    request: int


# --- time ---


class Tick(Value, frozen=True, kw_only=True):
    """Time has passed; serve what is due, and nothing else."""


Input = (
    Prepare
    | Connect
    | Open
    | Disconnect
    | SignOut
    | EnterBackground
    | EnterActive
    | AwaitReady
    | SetCustomer
    | ExecuteTrigger
    | Authenticate
    | RegisterDevice
    | SetCustomerFields
    | SendOfflineMessage
    | FetchMenu
    | JoinThread
    | ViewPage
    | LeavePage
    | ReportWindowOpened
    | ReportConversion
    | ReportOffer
    | ReportVisitorEvent
    | StartThread
    | OpenThread
    | SendMessage
    | SendLocation
    | RetryMessage
    | DiscardMessage
    | AwaitSettled
    | StartTyping
    | StopTyping
    | PreviewText
    | MarkRead
    | LoadMore
    | EndThread
    | AnswerInactivity
    | RenameThread
    | ArchiveThread
    | SendTranscript
    | SetThreadFields
    | CreateInvitation
    | SendInvitation
    | LeaveThread
    | CheckAvailability
    | FetchConfiguration
    | FetchIceServers
    | FetchVersion
    | NotePush
    | CancelForm
    | CloseCase
    | FetchFile
    | FetchPhoto
    | SendSignal
    | SubmitForm
    | WrapUp
    | Withdraw
    | Report
    | Tick
)
"""Anything that :meth:`deskline_core.session.Session.handle` takes."""
