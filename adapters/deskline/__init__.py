"""deskline: chat with a contact center from trio and asyncio programs.

::

    async with deskline.trio.open_chat(CXone(environment="EU1", brand_id=1386, channel_id="chat_5f1d")) as chat:
        events = chat.events()  # hears what happens from now on
        thread = await chat.thread()
        await thread.send("Where is order 4711?")
        async for event in events:
            ...

``deskline.trio``, ``deskline.asyncio`` and ``deskline.center`` are loaded when they are first touched.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from deskline.chat import Answers, Chat
from deskline.listeners import Events, EventsSkipped
from deskline.store import KeyringStore, MemoryStore, SqliteStore, Store
from deskline.thread import MessageHandle, Thread
from deskline_core.brightpattern.site import BrightPattern
from deskline_core.cxone.site import CXone
from deskline_core.errors import (
    AddressBlocked,
    AuthorizationFailed,
    ChatClosed,
    ChatOffline,
    ConnectionLost,
    DeliveryUncertain,
    DesklineError,
    IllegalState,
    InvalidValue,
    JournalError,
    LimitReached,
    LocalError,
    NotConnected,
    NotSupported,
    RemoteError,
    ResponseTimeout,
    SiteRefused,
    StorageFailed,
    StoreInUse,
    TransportError,
    VersionRefused,
)
from deskline_core.events import (
    CaseChanged,
    ChatStateChanged,
    CustomerFieldsChanged,
    CustomerIdentified,
    DepartmentNamed,
    ErrorReceived,
    Event,
    FormClosed,
    FormRequested,
    HistoryLoaded,
    InactivityCleared,
    InactivityWarned,
    MessageDeleted,
    MessageReceived,
    MessageStatusChanged,
    MessageUpdated,
    OfferReceived,
    PageViewed,
    ParticipantsChanged,
    PartyAlerted,
    PartyJoined,
    PartyLeft,
    PartyPreferred,
    PartyStatusChanged,
    QueueChanged,
    QueuePositionChanged,
    ReauthenticationNeeded,
    SaveLost,
    SignalReceived,
    StageChanged,
    StreamFailed,
    TextAppended,
    ThreadEnded,
    ThreadFieldsChanged,
    ThreadRenamed,
    ThreadStateChanged,
    TypingStarted,
    TypingStopped,
    UndecodableReceived,
    UnknownReceived,
    UploadFailed,
    UploadProgressed,
)
from deskline_core.lifecycle import ChatState, EndReason, MessageStatus, ThreadState
from deskline_core.model import (
    Attachment,
    Availability,
    Choice,
    ContentKind,
    Download,
    FileLimits,
    Form,
    IceServer,
    Inactivity,
    Link,
    Location,
    Message,
    Offer,
    OfferKind,
    OfferOutcome,
    Party,
    PartyRole,
    PushNetwork,
    Question,
    QueuePosition,
    SignalKind,
    Stage,
    Upload,
)
from deskline_core.policy import DEFAULT_POLICY, Backoff, Policy
from deskline_core.snapshot import Snapshot
from deskline_core.values import Secret
from deskline_transports.base import Network

if TYPE_CHECKING:
    from deskline import asyncio as asyncio
    from deskline import center as center
    from deskline import trio as trio

__all__ = [
    "DEFAULT_POLICY",
    "AddressBlocked",
    "Answers",
    "Attachment",
    "AuthorizationFailed",
    "Availability",
    "Backoff",
    "BrightPattern",
    "CXone",
    "CaseChanged",
    "Chat",
    "ChatClosed",
    "ChatOffline",
    "ChatState",
    "ChatStateChanged",
    "Choice",
    "ConnectionLost",
    "ContentKind",
    "CustomerFieldsChanged",
    "CustomerIdentified",
    "DeliveryUncertain",
    "DepartmentNamed",
    "DesklineError",
    "Download",
    "EndReason",
    "ErrorReceived",
    "Event",
    "Events",
    "EventsSkipped",
    "FileLimits",
    "Form",
    "FormClosed",
    "FormRequested",
    "HistoryLoaded",
    "IceServer",
    "IllegalState",
    "Inactivity",
    "InactivityCleared",
    "InactivityWarned",
    "InvalidValue",
    "JournalError",
    "KeyringStore",
    "LimitReached",
    "Link",
    "LocalError",
    "Location",
    "MemoryStore",
    "Message",
    "MessageDeleted",
    "MessageHandle",
    "MessageReceived",
    "MessageStatus",
    "MessageStatusChanged",
    "MessageUpdated",
    "Network",
    "NotConnected",
    "NotSupported",
    "Offer",
    "OfferKind",
    "OfferOutcome",
    "OfferReceived",
    "PageViewed",
    "ParticipantsChanged",
    "Party",
    "PartyAlerted",
    "PartyJoined",
    "PartyLeft",
    "PartyPreferred",
    "PartyRole",
    "PartyStatusChanged",
    "Policy",
    "PushNetwork",
    "Question",
    "QueueChanged",
    "QueuePosition",
    "QueuePositionChanged",
    "ReauthenticationNeeded",
    "RemoteError",
    "ResponseTimeout",
    "SaveLost",
    "Secret",
    "SignalKind",
    "SignalReceived",
    "SiteRefused",
    "Snapshot",
    "SqliteStore",
    "Stage",
    "StageChanged",
    "StorageFailed",
    "Store",
    "StoreInUse",
    "StreamFailed",
    "TextAppended",
    "Thread",
    "ThreadEnded",
    "ThreadFieldsChanged",
    "ThreadRenamed",
    "ThreadState",
    "ThreadStateChanged",
    "TransportError",
    "TypingStarted",
    "TypingStopped",
    "UndecodableReceived",
    "UnknownReceived",
    "Upload",
    "UploadFailed",
    "UploadProgressed",
    "VersionRefused",
]
# Not among them: `asyncio`, `center`, `trio`. A star import would load both runtimes, and hide their namesakes.

_LAZY = frozenset({"asyncio", "center", "trio"})


def __getattr__(name: str) -> ModuleType:
    if name in _LAZY:
        return import_module(f"deskline.{name}")
    raise AttributeError(f"module 'deskline' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
