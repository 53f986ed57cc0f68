"""The vendor-neutral words for where a chat, a thread and a message stand: what an app sees.

The leaf states that a vendor's tables run through are finer; each vendor says how they project on these.
"""

from enum import StrEnum

__all__ = ["ChatState", "EndReason", "Intent", "MessageStatus", "ThreadState", "Visibility"]


class Visibility(StrEnum):
    """Whether the app is in front of its user. Background withdraws the effect of the user's intent, not the intent.

    Lingering: out of sight for no longer than the policy's ``background_grace``, in which all goes on.
    """

    ACTIVE = "active"
    LINGERING = "lingering"
    BACKGROUND = "background"


class Intent(StrEnum):
    """What the user wants: only the app changes it."""

    DETACHED = "detached"
    WANTED = "wanted"


class ChatState(StrEnum):
    """Where the whole chat stands.

    - ``INITIAL``: nothing is known of the site: at the beginning, after signing out, and when preparing failed.
    - ``PREPARING``: what the site can do and asks for is fetched, and the visitor registered where it knows visitors.
    - ``PREPARED``: both is done and nothing connects: not wanted, in the background, or a login is needed.
    - ``OFFLINE``: a live chat that nobody serves now, or a site out of its hours; it stays so while a message is left
      with nobody there.
    - ``CONNECTING``: a connection is being made; also the wait for the next attempt after a loss (reference
      RECONNECT_WAIT).
    - ``CONNECTED``: the far side answers; authorizing and recovering go on.
    - ``READY``: all threads are known, nothing is still to be read back, and the chat can be used.
    - ``ENDING``: the customer asked to end a live chat, and the far side has not confirmed it yet.
    - ``LOST``: no further attempt is made: they are used up, or the credentials are (S33).
    - ``SIGNING_OUT``: everything is closed and then forgotten; ``INITIAL`` follows.
    - ``UNSUPPORTED``: the far side refuses this version of the client, for good.
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
    """Where one conversation stands (reference READY is ``OPEN``, CLOSED is ``ENDED``).

    - ``NONE``: it has not begun; no app is shown such a thread.
    - ``PENDING``: it was begun here, and the far side does not know it yet.
    - ``RECEIVED``: the far side listed it, in a multi-thread channel; no more than its name is known.
    - ``LOADED``: its last message and its agent are known, too; its history is not: open it.
    - ``RECOVERING``: its history is loaded, or read back after a loss.
    - ``OPEN``: all of it is there.
    - ``ARCHIVING``: the far side was asked to archive it.
    - ``ENDED``: over for good, for an :class:`EndReason`; it can still be read.
    """

    NONE = "none"
    PENDING = "pending"
    RECEIVED = "received"
    LOADED = "loaded"
    RECOVERING = "recovering"
    OPEN = "open"
    ARCHIVING = "archiving"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why a thread ended, as far as it is known.

    - ``CUSTOMER``: the customer ended it, or left a conversation of several customers.
    - ``INACTIVITY``: it was closed by nobody in particular after a warning, or the answer to one was to end it.
    - ``AGENT``: an agent closed it; or the far side did, which does not say who, after an agent had been there.
    - ``ARCHIVED``: it was archived, now or in an earlier run: the far side lists it, and takes no more messages.
    - ``REPLACED``: a new live chat was started while the end of this one was not confirmed yet.
    - ``FAILED``: a live chat could not be begun, the far side says that it failed or refuses the site amid it, or knows
      no such thread when it is recovered.
    - ``LOST``: the far side does not have it any more, and does not say why; or the chat was signed out, or logged in
      as someone else.
    - ``UNKNOWN``: the far side closed it, and does not say why or by whom; also when it was found closed after a loss.
    """

    CUSTOMER = "customer"
    INACTIVITY = "inactivity"
    AGENT = "agent"
    ARCHIVED = "archived"
    REPLACED = "replaced"
    FAILED = "failed"
    LOST = "lost"
    UNKNOWN = "unknown"


class MessageStatus(StrEnum):
    """Where one message stands. The rank only rises, but for ``FAILED`` and ``UNCERTAIN``: a server copy lifts them.

    - ``QUEUED``: in the outbox; it waits for the connection, or for its turn.
    - ``UPLOADING``: its files are on their way, and it is not.
    - ``SENDING``: it was handed to the network, and nobody has answered.
    - ``UNCERTAIN``: it may have been written; the history will tell, or nobody can.
    - ``SENT``: the far side accepted it; no copy of it came yet, or none ever does.
    - ``DELIVERED``: the far side's copy is there, or its word that an agent has it. What the other side writes begins
      so.
    - ``SEEN``: the other side has seen it.
    - ``FAILED``: the far side refused it, or does not have it: retry or discard it.
    """

    QUEUED = "queued"
    UPLOADING = "uploading"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    DELIVERED = "delivered"
    SEEN = "seen"
    FAILED = "failed"
