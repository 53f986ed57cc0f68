"""The vendor-neutral words for where a chat, a thread and a message stand: what an app sees.

The leaf states that a vendor's tables run through are finer; each vendor says how they project on these.
"""

from enum import StrEnum

__all__ = ["ChatState", "EndReason", "Intent", "MessageStatus", "ThreadState", "Visibility"]


class Visibility(StrEnum):
    """Whether the app is in front of its user. Background withdraws the effect of the user's intent, not the intent."""

    ACTIVE = "active"
    BACKGROUND = "background"


class Intent(StrEnum):
    """What the user wants: only the app changes it."""

    DETACHED = "detached"
    WANTED = "wanted"


class ChatState(StrEnum):
    """Where the whole chat stands.

    ``OFFLINE`` is a live chat that nobody serves now; it stays so while a message is left with nobody there.

    Waiting for the next attempt after a loss shows as ``CONNECTING`` (reference RECONNECT_WAIT), signing out as
    ``ENDING``'s end: it goes to ``INITIAL``.
    """

    INITIAL = "initial"
    PREPARING = "preparing"
    PREPARED = "prepared"
    OFFLINE = "offline"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    READY = "ready"
    ENDING = "ending"
    LOST = "lost"
    SIGNING_OUT = "signing out"
    UNSUPPORTED = "unsupported"


class ThreadState(StrEnum):
    """Where one conversation stands (reference READY is ``OPEN``, CLOSED is ``ENDED``)."""

    NONE = "none"
    PENDING = "pending"
    RECEIVED = "received"
    LOADED = "loaded"
    RECOVERING = "recovering"
    OPEN = "open"
    ARCHIVING = "archiving"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why a thread ended."""

    CUSTOMER = "customer"
    INACTIVITY = "inactivity"
    AGENT = "agent"
    ARCHIVED = "archived"
    REPLACED = "replaced"
    FAILED = "failed"
    LOST = "lost"
    UNKNOWN = "unknown"


class MessageStatus(StrEnum):
    """Where one message stands. The rank only rises, but for ``FAILED`` and ``UNCERTAIN``: a server copy lifts them."""

    QUEUED = "queued"
    UPLOADING = "uploading"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    DELIVERED = "delivered"
    SEEN = "seen"
    FAILED = "failed"
