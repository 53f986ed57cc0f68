"""Conversations of several customers: invitations, joining, leaving, whose message is whose (rows D150-D159)."""

import json
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.events import MessageReceived
from deskline_core.model import PartyRole
from deskline_core.policy import Policy
from tests.core.cxone.alone import (
    CONTACT,
    CUSTOMER,
    THREAD,
    Alone,
    Mode,
    case_changed,
    nothing_to_recover,
    reach,
    recovered_thread,
    with_thread,
)

GROUP = {"isGroupChatAllowed": True, "canCustomerInviteToGroupChat": True}
OTHERS = "77777777-0000-4000-8000-000000000001"
"""Someone else's conversation."""
INVITED: dict[str, Any] = {"thread": THREAD, "code": "H7Q2ZD", "emails": ("ana@example.test", "bo@example.test")}
MODES: tuple[Mode, ...] = ("single", "multi", "live")


def grouped(mode: Mode = "live", **rest: Any) -> Alone:
    """Return a session with an open thread, in a channel with group conversations."""
    return with_thread(mode, settings=GROUP, **rest)


def ready(mode: Mode = "live", **rest: Any) -> Alone:
    """Return a session that is ready and has no thread, in such a channel."""
    return reach(S.SERVING, mode, settings=GROUP, **rest)


def asked(chat: Alone, kind: str) -> tuple[str, dict[str, Any]]:
    """Return under which key the newest frame of a type names the customer, and its data."""
    payload = chat.frame(kind)["payload"]
    return next(key for key in payload if key.endswith("Identity")), payload["data"]


# --- invitations ---


@pytest.mark.parametrize("mode", MODES)
def test_an_invitation_is_made_and_sent(mode: Mode) -> None:
    chat = grouped(mode)
    assert chat.ask(i.CreateInvitation, thread=THREAD) == ["frame CreateInvitationToGroupChat"]
    assert asked(chat, "CreateInvitationToGroupChat") == ("consumerIdentity", {"contact": {"id": CONTACT}})
    words = chat.answer("CreateInvitationToGroupChat", "InvitationToGroupChatCreated", {"invitation": {"code": "H7"}})
    assert (words, chat.answers[chat.asked]) == (["CreateInvitation answered"], "H7")
    assert chat.ask(i.SendInvitation, **INVITED) == ["frame SendEmailInvitationToGroupChat"]
    assert asked(chat, "SendEmailInvitationToGroupChat") == (
        "consumerIdentity",
        {
            "contact": {"id": CONTACT},
            "invitation": {"code": "H7Q2ZD"},
            "recipients": [
                {"idOnExternalPlatform": "ana@example.test"}, {"idOnExternalPlatform": "bo@example.test"},
            ],
        },
    )  # fmt: skip
    assert chat.answer("SendEmailInvitationToGroupChat", "EmailInvitationToGroupChatSent", {}) == [
        "SendInvitation answered"
    ]


@pytest.mark.parametrize(
    "data", [{"invitation": {"code": "H7"}}, {"code": "H7"}, {"invitationCode": "H7"}, {"invitation": "H7"}]
)
def test_the_code_is_found_wherever_it_stands(data: dict[str, Any]) -> None:
    chat = grouped()
    chat.ask(i.CreateInvitation, thread=THREAD)
    chat.answer("CreateInvitationToGroupChat", "InvitationToGroupChatCreated", data)
    assert chat.answers[chat.asked] == "H7"


def test_an_invitation_without_a_code_is_none() -> None:
    chat = grouped()
    for data in ({}, {"invitation": {"code": ""}}, {"invitation": [1]}, {"x": {"y": "H7"}}):
        chat.ask(i.CreateInvitation, thread=THREAD)
        words = chat.answer("CreateInvitationToGroupChat", "InvitationToGroupChatCreated", data)
        assert words == ["CreateInvitation refused timeout"]
    chat.ask(i.CreateInvitation, thread=THREAD)
    assert chat.accept("CreateInvitationToGroupChat") == ["CreateInvitation refused timeout"]
    assert chat.refusal[1] == "its answer names no code"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"code": ""}, "the invitation's code is empty"),
        ({"code": " "}, "the invitation's code is empty"),
        ({"code": "x" * 257}, "the invitation's code is longer than 256 characters"),
        ({"emails": ()}, "an invitation needs an e-mail address to go to"),
        ({"emails": ("ana@example.test", "bo")}, "one of the addresses is no e-mail address, such as kit@example.com"),
    ],
)
def test_an_invitation_that_cannot_be_sent_is_refused(changes: dict[str, Any], says: str) -> None:
    chat = grouped()
    assert chat.ask(i.SendInvitation, **{**INVITED, **changes}) == ["SendInvitation refused invalid_value"]
    assert chat.refusal[1] == says


@pytest.mark.row("D150")
def test_a_channel_may_let_nobody_be_invited() -> None:
    for settings in ({}, {"isGroupChatAllowed": True}, {"canCustomerInviteToGroupChat": True}):
        chat = with_thread("live", settings=settings)
        assert chat.ask(i.CreateInvitation, thread=THREAD) == ["CreateInvitation refused not_supported"]
        assert chat.ask(i.SendInvitation, **INVITED) == ["SendInvitation refused not_supported"]


REQUESTS: tuple[tuple[type[i.AppRequest], dict[str, Any], str], ...] = (
    (i.CreateInvitation, {"thread": THREAD}, "CreateInvitationToGroupChat"),
    (i.SendInvitation, INVITED, "SendEmailInvitationToGroupChat"),
    (i.LeaveThread, {"thread": THREAD}, "LeaveGroupChat"),
    (i.JoinThread, {"code": "H7"}, "JoinGroupChat"),
)


@pytest.mark.parametrize(("kind", "fields", "frame"), REQUESTS, ids=lambda value: getattr(value, "__name__", ""))
def test_each_may_be_refused_unanswered_or_lost(kind: type[i.AppRequest], fields: dict[str, Any], frame: str) -> None:
    name = kind.__name__
    chat = grouped(policy=Policy(heartbeat=3600))
    assert chat.ask(kind, **fields) == [f"frame {frame}"]
    assert chat.deny(frame, "InconsistentData", "No") == [f"{name} refused refused_by_center"]
    assert (chat.refusals[-1].remote_code, chat.refusals[-1].transaction) == ("InconsistentData", "t-1")
    chat.ask(kind, **fields)
    assert chat.wait(10) == [f"{name} refused timeout"]
    for unwritten, cause in ((False, "the answer"), (True, "it was sent")):
        chat = grouped()
        chat.ask(kind, **fields)
        words = chat.closed(unwritten=(chat.last_frame,) if unwritten else ())
        assert f"{name} refused connection_lost" in words
        assert chat.refusal[1] == f"the connection was lost before {cause}"
    chat = grouped()
    chat.ask(kind, **fields)
    assert chat.put(i.Withdraw(request=chat.asked)) == []
    words = chat.accept(frame)
    assert not [word for word in words if word.startswith(name)]


@pytest.mark.row("D167")
@pytest.mark.parametrize("mode", MODES)
def test_where_there_are_no_group_conversations_none_is_left(mode: Mode) -> None:
    chat = with_thread(mode)
    assert "LeaveThread" not in chat.session.capabilities
    assert chat.ask(i.LeaveThread, thread=THREAD) == ["LeaveThread refused not_supported"]
    assert chat.session.threads[THREAD].state == "open"
    assert dict(chat.frames).get("LeaveGroupChat") is None


@pytest.mark.row("D151", "D155")
def test_a_contact_that_is_not_known_yet_can_neither_be_shared_nor_left() -> None:
    chat = grouped("multi")
    chat.leaf.desk.threads[THREAD].contact = ""
    for kind, fields, _ in REQUESTS[:3]:
        assert chat.ask(kind, **fields) == [f"{kind.__name__} refused illegal_state"]


@pytest.mark.row("D153", "D154", "D157", "D158")
def test_only_an_open_conversation_is_shared_or_left() -> None:
    for kind, fields, _ in REQUESTS[:3]:
        chat = ready()
        chat.ask(i.StartThread)
        (thread,) = chat.session.threads
        assert chat.ask(kind, **{**fields, "thread": thread}) == [f"{kind.__name__} refused illegal_state"]
        assert chat.ask(kind, **{**fields, "thread": "nowhere"}) == [f"{kind.__name__} refused unknown_thread"]
        chat = grouped("multi")
        chat.ask(i.ArchiveThread, thread=THREAD)
        assert chat.ask(kind, **fields) == [f"{kind.__name__} refused illegal_state"]
        chat = grouped()
        chat.hear(case_changed("closed"))
        ended = "answered" if kind is i.LeaveThread else "refused thread_ended"
        assert chat.ask(kind, **fields) == [f"{kind.__name__} {ended}"]
        chat.closed()
        connectionless = "answered" if kind is i.LeaveThread else "refused not_connected"
        assert chat.ask(kind, **fields) == [f"{kind.__name__} {connectionless}"]


# --- joining ---


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "data",
    [
        {"thread": {"idOnExternalPlatform": OTHERS}, "contact": {"id": "7"}},
        {"contact": {"id": "7", "threadIdOnExternalPlatform": OTHERS}},
        {"consumerContact": {"id": 7, "threadIdOnExternalPlatform": OTHERS}},
        {"case": {"id": "7", "threadIdOnExternalPlatform": OTHERS}},
    ],
)
def test_what_is_joined_is_recovered_and_is_a_thread_like_any_other(mode: Mode, data: dict[str, Any]) -> None:
    chat = ready(mode)
    assert chat.ask(i.JoinThread, code="H7Q2ZD") == ["frame JoinGroupChat"]
    assert asked(chat, "JoinGroupChat") == ("consumerIdentity", {"invitation": {"code": "H7Q2ZD"}})
    read = "RecoverLivechat" if mode == "live" else "RecoverThread"
    words = chat.answer("JoinGroupChat", "GroupChatJoined", data)
    assert words == ["thread recovering", f"frame {read}", "JoinThread answered"]
    assert chat.frame(read)["payload"]["data"] == {"thread": {"idOnExternalPlatform": OTHERS}}
    assert chat.leaf.desk.threads[OTHERS].contact == "7"
    words = chat.answer(read, "LivechatRecovered", recovered_thread("7", OTHERS))
    assert words == ["HistoryLoaded", "thread open"]
    assert "thread" not in chat.session.kept  # it is not kept
    assert chat.ask(i.SendMessage, thread=OTHERS, text="Hello all")[-1] == "frame SendMessage"


@pytest.mark.parametrize("data", [None, {}, {"thread": []}])
@pytest.mark.parametrize(
    ("mode", "read"), [("single", "RecoverThread"), ("live", "RecoverLivechat"), ("multi", "FetchThreadList")]
)
def test_an_answer_that_names_no_thread_is_looked_up(data: Any, mode: Mode, read: str) -> None:
    chat = ready(mode)
    chat.ask(i.JoinThread, code="H7Q2ZD")
    words = chat.answer("JoinGroupChat", "GroupChatJoined", data)
    assert words == [f"frame {read}", "JoinThread answered"]
    assert chat.frame(read)["payload"]["data"] == {}
    if mode == "multi":
        listed = {"id": "1", "idOnExternalPlatform": OTHERS, "canAddMoreMessages": True}
        chat.answer(read, "ThreadListFetched", {"threads": [listed]})
    else:
        chat.answer(read, "ThreadRecovered", recovered_thread("7", OTHERS))
    assert list(chat.session.threads) == [OTHERS]


def test_a_bare_acknowledgement_is_enough() -> None:
    chat = ready()
    chat.ask(i.JoinThread, code="H7Q2ZD")
    assert chat.accept("JoinGroupChat") == ["frame RecoverLivechat", "JoinThread answered"]
    assert nothing_to_recover(chat) == []


def test_who_takes_part_already_joins_nothing_new_and_who_left_begins_anew() -> None:
    chat = grouped()
    joined = {"thread": {"idOnExternalPlatform": THREAD}}
    chat.ask(i.JoinThread, code="H7Q2ZD")
    assert chat.answer("JoinGroupChat", "GroupChatJoined", joined) == ["JoinThread answered"]
    old = chat.session.threads[THREAD]
    chat.ask(i.LeaveThread, thread=THREAD)
    chat.accept("LeaveGroupChat")
    chat.ask(i.JoinThread, code="H7Q2ZD")
    words = chat.answer("JoinGroupChat", "GroupChatJoined", joined)
    assert words == ["thread recovering", "frame RecoverLivechat", "JoinThread answered"]
    assert (old.state, chat.session.threads[THREAD].state) == ("ended", "recovering")


def test_without_room_nothing_is_joined() -> None:
    chat = grouped(policy=Policy(threads=1))
    chat.ask(i.JoinThread, code="H7Q2ZD")
    words = chat.answer("JoinGroupChat", "GroupChatJoined", {"thread": {"idOnExternalPlatform": OTHERS}})
    assert words == ["JoinThread refused limit_reached"]
    assert list(chat.session.threads) == [THREAD]


@pytest.mark.parametrize("mode", MODES)
def test_a_loss_brings_back_the_own_conversation_and_the_joined_one(mode: Mode) -> None:
    chat = grouped(mode)
    read = "RecoverLivechat" if mode == "live" else "RecoverThread"
    chat.ask(i.JoinThread, code="H7Q2ZD")
    chat.answer("JoinGroupChat", "GroupChatJoined", {"thread": {"idOnExternalPlatform": OTHERS}})
    chat.answer(read, "LivechatRecovered", recovered_thread("7", OTHERS))
    chat.closed()
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    reads = [(kind, frame) for kind, frame in chat.frames if kind in (read, "FetchThreadList")][-2:]
    if mode == "multi":
        reads = [(kind, frame) for kind, frame in chat.frames if kind == read][-2:]
        listed = [{"id": id, "idOnExternalPlatform": id, "canAddMoreMessages": True} for id in (THREAD, OTHERS)]
        chat.answer("FetchThreadList", "ThreadListFetched", {"threads": listed})
    assert {frame["payload"]["data"]["thread"]["idOnExternalPlatform"] for _, frame in reads} == {THREAD, OTHERS}
    for _, frame in reads:
        id = frame["payload"]["data"]["thread"]["idOnExternalPlatform"]
        data = recovered_thread({THREAD: CONTACT, OTHERS: "7"}[id], id)
        chat.hear({"eventId": frame["eventId"], "postback": {"eventType": "ThreadRecovered", "data": data}})
    assert {id: thread.state for id, thread in chat.session.threads.items()} == {THREAD: "open", OTHERS: "open"}
    assert chat.state is S.SERVING


def test_joining_waits_for_the_chat_and_needs_a_connection() -> None:
    chat = reach(S.RECOVERING, "live", settings=GROUP)
    assert chat.ask(i.JoinThread, code="H7Q2ZD") == []
    assert nothing_to_recover(chat) == ["chat ready", "frame JoinGroupChat"]
    assert reach(S.LOST, settings=GROUP).ask(i.JoinThread, code="H7Q2ZD") == ["JoinThread refused not_connected"]


@pytest.mark.parametrize(
    ("code", "says"),
    [("", "the invitation's code is empty"), ("x" * 257, "the invitation's code is longer than 256 characters")],
)
def test_a_code_that_cannot_be_one_is_refused(code: str, says: str) -> None:
    chat = ready()
    assert chat.ask(i.JoinThread, code=code) == ["JoinThread refused invalid_value"]
    assert chat.refusal[1] == says


def test_a_channel_without_group_conversations_joins_none() -> None:
    assert reach(S.SERVING, "live").ask(i.JoinThread, code="H7") == ["JoinThread refused not_supported"]


def test_joining_is_within_the_limits() -> None:
    chat = ready(policy=Policy(outbox=1, rate_limit=(2, 60.0), heartbeat=3600))  # both are used
    assert chat.ask(i.JoinThread, code="H7") == []
    assert chat.ask(i.JoinThread, code="H7") == ["JoinThread refused limit_reached"]


# --- leaving ---


@pytest.mark.row("D156", "D159")
def test_leaving_ends_the_thread_here_when_the_far_side_has_agreed() -> None:
    chat = grouped()
    assert chat.ask(i.LeaveThread, thread=THREAD) == ["frame LeaveGroupChat"]
    assert asked(chat, "LeaveGroupChat") == ("consumerIdentity", {"contact": {"id": CONTACT}})
    words = chat.accept("LeaveGroupChat")
    assert words == ["thread ended", "ended customer", "forget thread", "LeaveThread answered"]
    chat.saved()
    assert chat.ask(i.SendMessage, thread=THREAD, text="x") == ["SendMessage refused thread_ended"]


def test_a_thread_that_is_gone_meanwhile_can_still_be_left() -> None:
    chat = grouped()
    chat.ask(i.LeaveThread, thread=THREAD)
    chat.leaf.desk.threads.clear()
    assert chat.accept("LeaveGroupChat") == ["LeaveThread answered"]


# --- whose message is whose ---


def written(by: str, id: str = "m-1") -> dict[str, Any]:
    """Return a message that some customer wrote."""
    return {
        "idOnExternalPlatform": id,
        "threadIdOnExternalPlatform": THREAD,
        "createdAt": "2026-05-28T20:30:00+00:00",
        "messageContent": {"type": "TEXT", "payload": {"text": "hi"}},
        "direction": "inbound",
        "authorEndUserIdentity": {"idOnExternalPlatform": by, "firstName": "Ana", "lastName": "Bell"},
    }


def hear_message(chat: Alone, message: dict[str, Any]) -> list[str]:
    """Let a message arrive."""
    data = {"message": message, "thread": {"idOnExternalPlatform": THREAD}, "case": {"id": CONTACT}}
    return chat.hear(json.dumps({"eventId": "e-1", "eventType": "MessageCreated", "data": data}))


def test_what_another_customer_writes_is_a_guest_s() -> None:
    chat = grouped()
    own = chat.leaf.identity.customer
    assert hear_message(chat, written("ana")) == ["MessageReceived"]
    received = chat.told[-1]
    assert isinstance(received, MessageReceived)
    assert (received.party.role, received.party.name, received.message.mine) == (PartyRole.GUEST, "Ana Bell", False)
    hear_message(chat, written(own, "m-2"))
    hear_message(chat, written("", "m-3"))
    assert [message.mine for message in chat.session.threads[THREAD].messages] == [False, True, True]


def test_a_recovered_history_tells_customers_apart_too() -> None:
    chat = reach(S.RECOVERING, "live", settings=GROUP)
    mine = written(chat.leaf.identity.customer, "m-2")
    chat.answer("RecoverLivechat", "LivechatRecovered", recovered_thread(messages=[mine, written("ana")]))
    roles = {message.id: message.party.role for message in chat.session.threads[THREAD].messages}
    assert roles == {"m-1": PartyRole.GUEST, "m-2": PartyRole.CUSTOMER}


def test_where_there_are_no_groups_every_customer_is_the_customer() -> None:
    chat = with_thread("live")
    hear_message(chat, written(CUSTOMER))
    assert [message.mine for message in chat.session.threads[THREAD].messages] == [True]
