"""All durations, limits and vendor quirks of a session, as one frozen value."""

from typing import Final, Literal

import msgspec

from .errors import InvalidValue

__all__ = ["DEFAULT_POLICY", "Backoff", "Policy"]

_MOST_GROWTH: Final = 100
"""More would leave the range of numbers before the ceiling is looked at."""
_MAY_BE_NONE: Final = frozenset({"background_grace"})


class Backoff(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait between attempts: first ``first + U(jitter)`` seconds, then times ``growth``, up to ``ceiling``.

    The defaults are the suggestion of the CXone lifecycle reference, section 4. ``attempts`` ends it (S32); the count
    starts anew after ``stable`` seconds in ready.

    Raises :class:`~deskline_core.errors.InvalidValue` when a pause could be negative, endless or no number.
    """

    first: float = 1.0
    jitter: tuple[float, float] = (1.0, 5.0)
    growth: float = 1.3
    ceiling: float = 30.0
    attempts: int = 20
    stable: float = 5.0

    def __post_init__(self) -> None:
        low, high = self.jitter
        grows = 1 <= self.growth <= _MOST_GROWTH
        if not (self.first > 0 and 0 <= low <= high and grows and self.ceiling > 0):
            raise InvalidValue(f"no sensible pauses in a backoff: {self!r}", hint=f"growth is 1 to {_MOST_GROWTH}")
        if not (self.attempts >= 0 and self.stable >= 0):
            raise InvalidValue(f"attempts and stable of a backoff must not be negative: {self!r}")


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Durations in seconds, sizes in bytes unless said otherwise.

    The defaults are the vendors' (section 4 of the CXone lifecycle reference), or ours where it says so.

    Raises :class:`~deskline_core.errors.InvalidValue` when a duration or a limit is not positive; only
    ``background_grace`` may be 0.
    """

    connect_timeout: float = 5.0
    request_timeout: float = 10.0
    rest_timeout: float = 40.0
    token_timeout: float = 30.0
    close_timeout: float = 2.0
    save_timeout: float = 10.0
    keep_pause: float = 1.0
    """How long what the app was told of a thread may wait to be noted in the store: after a crash it is told again."""
    heartbeat: float = 10.0
    heartbeat_answer: float = 5.0
    availability_age: float = 60.0
    token_margin: float = 30.0
    """How long before its end a token is renewed."""
    token_share: float = 0.5
    """Which share of an access token's life passes before it is renewed, where the margin would take more of it."""
    shortest_token_life: float = 2.0
    """The least that an access token is taken to live; while lives are below it, renewals come as after failures."""
    token_life: float = 600.0
    """How long a transaction token lives where the far side does not say (CXone wire reference, section 7.5)."""
    visit: float = 1800.0
    typing_idle: float = 1.5
    agent_typing: float = 10.0
    end_confirmation: float = 10.0
    """How long the last news of a conversation are waited for: when the far side took the customer's end, or, of Bright
    Pattern, when a post or a history finds no conversation any more while a poll is open."""
    download_timeout: float = 30.0
    upload_timeout: float = 120.0
    stream_silence: float = 30.0
    """How long a message that comes in pieces may say nothing before it counts as failed."""
    stream_timeout: float = 600.0
    """How long it may take in all; ours, as no source tells."""
    typing_repeat: float = 3.0
    """How often it is said again that the customer types, while they do, where each such word fades by itself (Bright
    Pattern reference, section 9.5)."""
    preview_interval: float = 1.25
    poll_timeout: float = 30.0
    """How long a long poll may be held: clearly above the 15 s of the vendor (Bright Pattern reference, 11.1)."""
    poll_quick: float = 1.0
    """A long poll that brings nothing new is answered too fast below this; the second such in a row gets a pause."""
    poll_pause: float = 1.0
    """That pause (B47)."""
    crowded_poll: float = 20.0
    """How long to wait when the far side says that another poll is open: longer than it holds one (B49)."""
    background_poll: float = 30.0
    """The pause between polls while the app is out of sight and no pushes come instead (B52)."""
    background_grace: float = 0.0
    """How long a wanted chat goes on as if nothing were after the app has left its user's sight; 0, as the vendors have
    it, is not at all (CXone lifecycle reference, section 10, region B). Who is back by then missed nothing."""
    wrap_up: float = 60.0
    """How long a conversation that was wrapped up may bring nothing more before it is ended (flow F2); ours."""
    welcome_gap: float = 1.5
    """How long the first message waits behind a welcome text whose acknowledgement does not come."""

    backoff: Backoff = Backoff()
    rest_attempts: int = 4
    rest_retry: Backoff = Backoff(first=0.2, jitter=(0.0, 0.2), growth=2.0, ceiling=5.0, attempts=3)
    retry_first_availability: bool = True
    """Whether a failed availability request is retried on the first connect (S14: yes)."""
    retry_first_open: bool = False
    """Whether a socket that does not open on the first attempt is retried (S22: no)."""
    closed_case_ends_multi_thread: bool = False
    """Whether a closed case ends a thread of a multi-thread channel (T21: off)."""
    resend_uncertain: bool = False
    """Whether a message that may have been written is sent again by itself, for sites known to drop repeats."""
    reconnect_event: Literal["ReconnectConsumer", "ReconnectCustomer"] = "ReconnectConsumer"
    """The wire name of the legacy reconnect (CXone wire reference, section 8, row 4)."""
    identity_by: Literal["cookie", "token"] = "cookie"
    """What proves who it is in a channel with secured cookies: the cookie, or the token that can stand in for it."""
    custom_events: Literal["rest", "socket"] = "rest"
    """How a visitor event of the app's own travels: the sources show both (CXone wire reference, section 3.5.21)."""
    attachment_failure: Literal["fail", "drop"] = "fail"
    """What a file that is not taken does to its message: the message fails, or goes with what is left."""
    unsupported_text: str = "This message could not be shown."
    """What the other side is told, hidden from the customer, of content that cannot be shown; "" to tell nothing."""
    stay_text: str = "I am still here."
    """The message that answers an inactivity warning where any message does; "" leaves it to the app to send one."""
    receipts: bool = True
    """Whether the other side is told, message by message, what arrived and was read, where the site knows that."""
    free_text_forms: Literal["both", "form", "message"] = "both"
    """How the text that answers a form without a name travels: as its data, as a message, or both, as the vendor's
    web client does (Bright Pattern reference, section 9.6)."""
    text_directives: bool = True
    """Whether directives in a text, such as ``/buttons [A][B]``, become choices and files (section 6.5 there)."""
    begin_text: str = "Begin Conversation"
    """The text of the hidden message that opens a live chat (T1)."""

    max_frame: int = 1024 * 1024
    max_body: int = 16 * 1024 * 1024
    max_events: int = 10_000
    """How many events one answer of the far side may carry; what is more is told as undecodable."""
    max_download: int = 32 * 1024 * 1024
    """The largest file that is fetched, in bytes."""
    max_source: int = 4096
    """How much of an unknown or undecodable source an event carries, in characters."""
    max_text: int = 32 * 1024
    """The longest text of one message, in characters."""
    max_field: int = 1024
    """The longest value of a custom field, in characters; a longer one of the far side's is left out and counted."""
    max_fields: int = 200
    """How many custom fields are kept of the customer, and of each conversation."""
    offers: int = 50
    """How many offers are remembered, to be reported about."""
    max_uploads: int = 10
    """How many files one message may carry."""
    upload_memory: int = 256 * 1024 * 1024
    """How many bytes of files may wait in the outbox, over all messages, as base64, which takes a third more.

    They are held in memory until uploaded.
    """
    history: int = 1000
    """How many messages of one thread are kept; the oldest go first."""
    remembered_ids: int = 10_000
    """How many ids are remembered of what came, so that a repeat is no news: as many as one answer may carry events."""
    forms: int = 20
    """How many forms may be asked for at a time in one conversation; the oldest makes room."""
    outbox: int = 200
    threads: int = 200
    early_receipts: int = 200
    parties: int = 200
    """How many people of the other side take part in one conversation at a time; the first ones make room."""
    oversize_memory: float = 3600.0
    """How long a frame over the limit is remembered: another one within it is not told again, and ends a recovery."""
    retry_after: float = 60.0
    """The longest wait that a far side's Retry-After is granted."""
    rate_limit: tuple[int, float] = (100, 5.0)
    """How many frames in how many seconds; further ones wait their turn."""
    foreign_urls: Literal["any_https", "same_host"] = "any_https"
    """Which hosts large events and messages in pieces may come from, besides the site's own."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            amount = getattr(self, name)
            if not isinstance(amount, int | float) or isinstance(amount, bool):
                continue
            if name in _MAY_BE_NONE:
                if not amount >= 0:
                    raise InvalidValue(f"policy {name} must not be negative, but is {amount!r}")
            elif not amount > 0:
                raise InvalidValue(f"policy {name} must be positive, not {amount!r}")
        frames, period = self.rate_limit
        if not (frames > 0 and period > 0):
            raise InvalidValue(f"policy rate_limit must be a number of frames and of seconds, not {self.rate_limit!r}")


DEFAULT_POLICY = Policy()
