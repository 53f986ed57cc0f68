"""A Bright Pattern chat channel (a scenario entry): its settings, and every choice where the reference is silent.

Each choice is a field of :class:`BrightPatternChannel` with its default; the docstring says what it decides.
"""

from typing import Literal

import msgspec

from ..model import Channel

__all__ = ["APP_ID", "BrightPatternChannel", "IceServer", "Parameter", "default_channel"]

APP_ID = "harbour-chat"
PushKind = Literal["ios_apns_device_token", "ios_firebase_device_token", "android_firebase_device_token"]


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter that the entry expects when a chat is requested (section 3.2)."""

    name: str
    type: Literal["PHONE", "TEXT", "EMAIL", "FIRST_NAME", "LAST_NAME", "ACCOUNT", "COMPANY"] = "TEXT"


class IceServer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One server for calls (section 3.15)."""

    url: str
    username: str = ""
    credential: str = ""


class BrightPatternChannel(Channel, frozen=True, kw_only=True):
    """One scenario entry; ``id`` is its ``appId``. Durations are seconds.

    Sections are those of the Bright Pattern reference. The defaults are those of its section 21, but for ``numbering``
    and ``aborted_poll``, where the vendor's web client demands more (section 23, 10 and 18).

    What the entry is:

    - ``tenant``: the domain that ``tenantUrl`` has to name; empty takes any. A scheme in front of it is passed over.
    - ``expected``: the parameters that it expects; ``ice_servers``: the servers for calls, never encrypted.
    - ``ewt``: the estimated wait, None when there is no estimate.
    - ``greeting``: what the scenario says first, empty for nothing; ``announced``: the scenario joins as a party.
    - ``first_stage``: a new chat waits in the queue, or stays with the scenario (``ivr``) until the operator moves it.
    - ``survey``: the form behind a disconnect, empty for none, with ``survey_seconds`` for it; ``thanks`` follows it.
    - ``warning_text``, ``timeout_text``: what the customer is told; an empty warning is none, as when it is disabled.
    - ``accept_seconds``: how long an agent may take to accept before the chat is queued again (section 10).
    - ``push_kinds``: the kinds of push subscription that are configured; others are refused with 5603.
    - ``case_history_allowed``: whether the scenario allows to ask for the past chats of a case; else 403.

    Where the reference is silent, by the rows of section 21:

    - ``empty_poll``: an empty poll is ``{"events":[]}``, no body at all, or 5511 with status 404 or 200.
    - ``hold``: how long a poll without events is held.
    - ``aborted_poll``: events whose answer got lost are lost, or come again. What happens after the connection broke
      waits for the next poll (23, 18), unless the break goes unnoticed: then it goes the same way until the hold is
      over, and a poll meanwhile is a parallel one.
    - ``parallel_poll``: the second poll is refused with 429 or 400 (by v1 always 400), or ends the first.
    - ``statuses``: HTTP statuses by error code, laid over the default ones.
    - ``echo``: the poll brings the customer's own messages, too.
    - ``timestamps``: strings of seconds, strings of milliseconds, or numbers of seconds.
    - ``quoted_only``: the values in the header have to stand in quotes.
    - ``start_order``: after ``connecting`` the party joins and then the stage is connected, or the other way round, or
      there is no ``connecting``.
    - ``numbering``: ids of the center's messages are even and above all that the customer has numbered; just even, from
      0; or all numbers, from 0.
    - ``inactivity``: after how long a customer who does not write to an agent is given up, None for never;
      ``warned_at``: the part of it after which the warning comes; ``warns_again``: also after the clock was reset;
      ``resets``: the events of the customer that reset it. It runs as long as an agent is there.
    - ``after_timeout``: behind an inactivity timeout there is nothing, or ``chat_session_ended``.
    - ``after_end``: behind the customer's own end there is one ``chat_session_ended``, or silence.
    - ``after_disconnect``: behind a disconnect there is the survey, or the end at once; ``after_agent``: the same where
      the agent closed it. ``disconnect_alone``: without an agent a disconnect does the same, or nothing.
    - ``unresponsive``: after how long without a poll the session is gone, None for never.
    - ``history``: everything but signals and typing, or messages, files and parties only.
    - ``history_after_end``: how long the history of an ended chat can be read; 0 refuses it (23, 8).
    - ``receipts``: agents' receipts are sent; ``delivers``: a message is delivered as soon as an agent is there, or
      only by control; ``file_receipts``: files and locations get receipts, too.
    - ``v1_answer``: what waits is taken out of the queue by the answer to a v1 POST, or comes again in the poll.
    - ``repeated_message``: see :class:`~deskline_center.model.Channel`.

    Where sections 17 to 19 leave a choice:

    - ``closed_start``: a chat that is requested out of hours is refused with 5001, or starts.
    - ``second_chat``: who asks for a chat while one lives gets that one, or a second one.
    - ``several_events``: one bad event spoils its whole POST, or only what follows it.
    - ``foreign_client``: a chat is for its own client only, or for any that knows its id.
    - ``party_left_type``: ``party_left`` carries the type, too. ``transfer_order``: who joins or who leaves comes
      first.
    - ``status_after_form``: the stage is told again behind the answer to a form, a late one as well (23, 12);
      ``status_after_disconnect``: that the scenario is in charge again is told as ``ivr``.
    - ``late_form``: the answer to a form that is no longer open is taken and ignored, or refused with 404.
    - ``case_cleared``: a case that is taken away is an empty id, or none.
    - ``case_gone_after_close``: closing the case takes it from the chat.
    - ``current_in_case_history``: the chat that asks is among those of its case.
    - ``files_after_end``: the files of an ended chat can still be fetched.
    - ``push_while_polling``: pushes are sent also while a poll is held. ``push_keeps_alive``: a chat with a push
      subscription is never given up for want of polls.
    - ``error_codes``: strings, or bare numbers as in 3.x. ``is_new_chat``: a boolean, or quoted as on the page of v1.
    - ``v1_stage``: the state in the answer to a v1 request for a chat, empty for the stage that it has.
    - ``v1_is_full``: receipts and cases also for v1 (18, 25); without, they are absent there.
    - ``signals_in_history``: as in older servers. ``file_sender``: the key that says who sent a file.
    - ``file_ids``: any ``msg_id`` is taken in a file event, or only an empty one, others are answered with 500.
    - ``configuration``: one object as the web client wants it (23, 1), or a list of widgets as in section 3.16.
    """

    tenant: str = ""
    expected: tuple[Parameter, ...] = (
        Parameter(name="first_name", type="FIRST_NAME"),
        Parameter(name="last_name", type="LAST_NAME"),
        Parameter(name="email", type="EMAIL"),
    )
    ice_servers: tuple[IceServer, ...] = (IceServer(url="stun:stun.center.test:3478"),)
    ewt: int | None = 45
    greeting: str = "Thanks for writing. We are looking for a colleague."
    announced: bool = False
    first_stage: Literal["queued", "ivr"] = "queued"
    survey: str = "survey_form"
    survey_seconds: int = 60
    thanks: str = "Thank you. Goodbye."
    warning_text: str = "Are you still there?"
    timeout_text: str = "The chat was closed, since nobody answered."
    accept_seconds: float = 10.0
    push_kinds: tuple[PushKind, ...] = (
        "ios_apns_device_token",
        "ios_firebase_device_token",
        "android_firebase_device_token",
    )
    case_history_allowed: bool = True

    empty_poll: Literal["events", "no_body", "5511_404", "5511_200"] = "events"
    hold: float = 10.0
    aborted_poll: Literal["lost", "redelivered", "unnoticed"] = "lost"
    parallel_poll: Literal["second_429", "second_400", "first_ended"] = "second_429"
    statuses: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    echo: bool = False
    timestamps: Literal["seconds", "milliseconds", "number"] = "seconds"
    quoted_only: bool = False
    start_order: Literal["joined_first", "connected_first", "no_connecting"] = "joined_first"
    numbering: Literal["shared", "even", "plain"] = "shared"
    inactivity: float | None = 600.0
    warned_at: float = 0.5
    warns_again: bool = True
    resets: tuple[str, ...] = ("chat_session_message", "chat_session_file", "chat_session_location")
    after_timeout: Literal["nothing", "ended"] = "nothing"
    after_end: Literal["ended", "silent"] = "ended"
    after_disconnect: Literal["survey", "ended"] = "survey"
    after_agent: Literal["survey", "ended"] = "ended"
    disconnect_alone: Literal["goes_on", "ignored"] = "goes_on"
    unresponsive: float | None = 120.0
    history: Literal["all", "messages"] = "all"
    history_after_end: float = 0.0
    receipts: bool = True
    delivers: Literal["at_once", "by_control"] = "at_once"
    file_receipts: bool = False
    v1_answer: Literal["removed", "copies"] = "removed"

    closed_start: Literal["refuse", "start"] = "refuse"
    second_chat: Literal["same", "new"] = "same"
    several_events: Literal["atomic", "partial"] = "atomic"
    foreign_client: Literal["refuse", "accept"] = "refuse"
    party_left_type: bool = False
    transfer_order: Literal["joined_first", "left_first"] = "joined_first"
    status_after_form: bool = True
    status_after_disconnect: bool = False
    late_form: Literal["ignored", "refused"] = "ignored"
    case_cleared: Literal["empty", "absent"] = "empty"
    case_gone_after_close: bool = False
    current_in_case_history: bool = True
    files_after_end: bool = True
    push_while_polling: bool = False
    push_keeps_alive: bool = False
    error_codes: Literal["string", "number"] = "string"
    is_new_chat: Literal["boolean", "string"] = "boolean"
    v1_stage: Literal["", "establishing"] = ""
    v1_is_full: bool = True
    signals_in_history: bool = False
    file_sender: Literal["party_id", "session_id"] = "party_id"
    file_ids: Literal["any", "empty"] = "any"
    configuration: Literal["object", "widgets"] = "object"


def default_channel(*, script: str = "") -> BrightPatternChannel:
    """Return the channel that a center has by default, under the app id ``harbour-chat``."""
    return BrightPatternChannel(id=APP_ID, script=script)
