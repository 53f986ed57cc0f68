"""Whatever the far side does, or does not, every request is settled and no state is stuck."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone import wire
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.cxone.line import ANSWERS
from deskline_core.policy import Policy
from tests.core.cxone.alone import (
    CUSTOMER,
    THREAD,
    VERSION_REFUSED,
    Alone,
    case_changed,
    nothing_to_recover,
    reach,
    recovered_thread,
    with_thread,
)

QUIET = Policy(heartbeat=3600)
"""Nothing but what is looked at takes time."""

KINDS: dict[str, dict[str, Any] | None] = {
    "ConsumerAuthorized": {"consumerIdentity": {"idOnExternalPlatform": CUSTOMER}},
    "ConsumerReconnected": None,
    "TokenRefreshed": {"accessToken": {"token": "t", "expiresIn": 600}},
    "ThreadRecovered": recovered_thread(),
    "LivechatRecovered": recovered_thread(),
    "ThreadListFetched": {"threads": []},
    "ThreadMetadataLoaded": {},
    "MoreMessagesLoaded": {"messages": [], "scrollToken": ""},
    "ThreadArchived": None,
    "TranscriptSent": None,
    "ThreadUpdated": None,
    "OfflineMessageSent": {},
    "InvitationToGroupChatCreated": {"invitation": {"code": "H7Q2ZD"}},
    "EmailInvitationToGroupChatSent": {},
    "GroupChatJoined": {},
    "SomethingNew": {"x": 1},
}
"""Every kind of answer, and one of tomorrow."""


def others(frame: str) -> list[str]:
    """Return the answers that are not what a request waits for."""
    return [kind for kind in KINDS if kind not in ANSWERS.get(frame, ())]


def connect_again(chat: Alone) -> None:
    """Come back after a loss, as far as the recovery."""
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})


# --- answers of another kind ---


def test_every_kind_of_answer_is_tried() -> None:
    assert set(KINDS) - {"SomethingNew"} == {kind.__name__ for kind in wire.AnswerBody.__subclasses__()} - {
        "AuthorizationTokenGenerated"
    }


@pytest.mark.parametrize("kind", others("SendMessage"))
def test_any_answer_to_a_message_says_that_it_was_accepted(kind: str) -> None:
    chat = with_thread(policy=QUIET)
    chat.ask(i.SendMessage, thread=THREAD, text="hello")
    mine = chat.frame("SendMessage")["payload"]["data"]["idOnExternalPlatform"]
    chat.ask(i.AwaitSettled, message=mine)
    assert "message sent" in chat.answer("SendMessage", kind, KINDS[kind])
    assert chat.wait(10) == ["AwaitSettled answered"]
    assert chat.answers[chat.asked] == "sent"


@pytest.mark.parametrize("kind", others("ArchiveThread"))
def test_any_answer_to_an_archiving_says_that_it_was_done(kind: str) -> None:
    chat = with_thread("multi", policy=QUIET)
    chat.ask(i.ArchiveThread, thread=THREAD)
    assert chat.answer("ArchiveThread", kind, KINDS[kind])[-3:] == [
        "thread ended", "ended archived", "ArchiveThread answered",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", others("UpdateThread"))
def test_any_answer_to_a_renaming_says_that_it_was_done(kind: str) -> None:
    chat = with_thread("multi", policy=QUIET)
    chat.ask(i.RenameThread, thread=THREAD, name="Parcel")
    assert chat.answer("UpdateThread", kind, KINDS[kind])[-2:] == ["ThreadRenamed", "RenameThread answered"]


BESIDE = {"isGroupChatAllowed": True, "canCustomerInviteToGroupChat": True}


@pytest.mark.parametrize("kind", KINDS)
def test_any_answer_to_a_message_for_nobody_says_that_it_was_taken(kind: str) -> None:
    chat = reach(S.ERRAND)
    words = chat.answer("SendOfflineMessage", kind, KINDS[kind])
    assert words[-2:] == ["SendOfflineMessage answered", "close 1 1000"]


@pytest.mark.parametrize("kind", KINDS)
def test_any_answer_is_enough_where_it_says_nothing_more(kind: str) -> None:
    chat = with_thread("live", settings=BESIDE)
    chat.ask(i.SendInvitation, thread=THREAD, code="H7", emails=("ana@example.test",))
    assert chat.answer("SendEmailInvitationToGroupChat", kind, KINDS[kind])[-1] == "SendInvitation answered"
    chat.ask(i.JoinThread, code="H7")
    assert chat.answer("JoinGroupChat", kind, KINDS[kind])[-2:] == ["frame RecoverLivechat", "JoinThread answered"]
    chat.ask(i.LeaveThread, thread=THREAD)
    assert chat.answer("LeaveGroupChat", kind, KINDS[kind])[-1] == "LeaveThread answered"


@pytest.mark.parametrize("kind", others("CreateInvitationToGroupChat"))
def test_an_invitation_needs_its_own_answer(kind: str) -> None:
    chat = with_thread("live", settings=BESIDE)
    chat.ask(i.CreateInvitation, thread=THREAD)
    words = chat.answer("CreateInvitationToGroupChat", kind, KINDS[kind])
    assert words[-1] == "CreateInvitation refused timeout"


@pytest.mark.parametrize("kind", others("AuthorizeCustomer"))
def test_an_errand_needs_its_authorization(kind: str) -> None:
    chat = reach(S.ERRAND_AUTHORIZING)
    words = chat.answer("AuthorizeCustomer", kind, KINDS[kind])
    assert words[-2:] == ["close 1 1000", "SendOfflineMessage refused connection_lost"]
    assert (chat.state, chat.leaf.line.exchanges) == (S.OFFLINE, {})


@pytest.mark.parametrize("kind", others("AuthorizeCustomer"))
def test_an_authorization_needs_its_own_answer(kind: str) -> None:
    chat = reach(S.AUTHORIZING)
    words = chat.answer("AuthorizeCustomer", kind, KINDS[kind])
    assert words[-2:] == ["chat connecting", "close 1 1000"]
    assert not chat.session.threads


@pytest.mark.parametrize("kind", others("RecoverThread"))
def test_a_recovery_needs_its_own_answer(kind: str) -> None:
    chat = reach(S.RECOVERING)
    chat.ask(i.AwaitReady)
    words = chat.answer("RecoverThread", kind, KINDS[kind])
    assert words[-2:] == ["chat connecting", "close 1 1000"]
    chat.closed(1000)
    connect_again(chat)
    assert nothing_to_recover(chat)[-1] == "AwaitReady answered"


@pytest.mark.parametrize("kind", others("FetchThreadList"))
def test_a_list_of_threads_needs_its_own_answer(kind: str) -> None:
    chat = reach(S.RECOVERING, "multi")
    assert chat.answer("FetchThreadList", kind, KINDS[kind])[-2:] == ["chat connecting", "close 1 1000"]


@pytest.mark.parametrize("kind", others("LoadThreadMetadata"))
def test_metadata_of_another_kind_hold_nothing_up(kind: str) -> None:
    chat = reach(S.RECOVERING, "multi")
    listed = {"id": "1", "idOnExternalPlatform": THREAD, "canAddMoreMessages": True}
    chat.answer("FetchThreadList", "ThreadListFetched", {"threads": [listed]})
    assert chat.answer("LoadThreadMetadata", kind, KINDS[kind])[-1] == "chat ready"


@pytest.mark.parametrize("kind", others("RecoverThread"))
def test_opening_a_thread_needs_its_own_answer(kind: str) -> None:
    chat = reach(S.RECOVERING, "multi", policy=QUIET)
    listed = {"id": "1", "idOnExternalPlatform": THREAD, "canAddMoreMessages": True}
    chat.answer("FetchThreadList", "ThreadListFetched", {"threads": [listed]})
    chat.answer("LoadThreadMetadata", "ThreadMetadataLoaded", {})
    chat.ask(i.OpenThread, thread=THREAD)
    words = chat.answer("RecoverThread", kind, KINDS[kind])
    assert words[-2:] == ["thread loaded", "OpenThread refused timeout"]
    assert (chat.state, chat.leaf.line.exchanges) == (S.SERVING, {})


@pytest.mark.parametrize("kind", others("LoadMoreMessages"))
def test_older_messages_need_their_own_answer(kind: str) -> None:
    chat = reach(S.RECOVERING, policy=QUIET)
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messagesScrollToken="more"))
    chat.ask(i.LoadMore, thread=THREAD)
    assert chat.answer("LoadMoreMessages", kind, KINDS[kind])[-1] == "LoadMore refused timeout"
    assert chat.ask(i.LoadMore, thread=THREAD) == ["frame LoadMoreMessages"]


# --- the end of a contact ---


def test_an_end_that_is_never_confirmed_and_cannot_be_looked_up_is_refused() -> None:
    chat = reach(S.ENDING, policy=QUIET)
    chat.accept("EndContact")
    assert chat.wait(10) == ["thread recovering", "frame RecoverLivechat"]
    assert chat.wait(10) == ["thread open", "EndThread refused timeout", "chat ready"]
    assert chat.state is S.SERVING
    assert chat.ask(i.EndThread, thread=THREAD) == ["chat ending", "frame EndContact"]


def test_an_end_that_did_not_happen_is_refused_and_the_conversation_goes_on() -> None:
    chat = reach(S.ENDING, policy=QUIET)
    chat.accept("EndContact")
    chat.wait(10)
    words = chat.answer("RecoverLivechat", "LivechatRecovered", recovered_thread())
    assert words == ["thread open", "EndThread refused timeout", "chat ready"]
    assert chat.ask(i.SendMessage, thread=THREAD, text="still there?")[-1] == "frame SendMessage"


def test_an_end_after_which_there_is_nothing_to_recover_is_confirmed() -> None:
    chat = reach(S.ENDING, policy=QUIET)
    chat.accept("EndContact")
    chat.wait(10)
    words = chat.deny("RecoverLivechat", "RecoveringLivechatFailed")
    assert [word for word in words if word not in ("forget thread", "ErrorReceived")] == [
        "thread ended", "ended customer", "chat ready", "EndThread answered",
    ]  # fmt: skip
    assert chat.state is S.SERVING
    chat.saved()
    assert "StartThread answered" in chat.ask(i.StartThread)


def test_an_end_after_which_the_recovery_is_refused_for_another_reason_is_not_confirmed() -> None:
    chat = reach(S.ENDING, policy=QUIET)
    chat.accept("EndContact")
    chat.wait(10)
    words = chat.deny("RecoverLivechat", "SomethingElse")
    assert words == ["ErrorReceived", "thread open", "EndThread refused timeout", "chat ready"]


@pytest.mark.parametrize("way", ["recovery", "metadata", "push", "sign out"])
def test_whatever_ends_the_thread_ends_the_ending(way: str) -> None:
    chat = reach(S.ENDING, policy=QUIET)
    match way:
        case "recovery":
            chat.wait(10)
            chat.answer("RecoverLivechat", "LivechatRecovered", {"messages": []})
        case "metadata":
            chat.wait(10)
            closed = recovered_thread()
            closed["contact"]["status"] = "closed"
            chat.answer("RecoverLivechat", "LivechatRecovered", closed)
        case "push":
            chat.hear(case_changed("closed"))
        case _:
            chat.ask(i.SignOut)
            chat.closed(1000)
            chat.saved()
    assert chat.state is (S.INITIAL if way == "sign out" else S.SERVING)
    assert not chat.session.threads or chat.session.threads[THREAD].reason == "customer"


# --- one intention after another ---


def test_a_chat_that_is_wanted_again_while_it_signs_out_begins_anew() -> None:
    chat = reach(S.SERVING)
    assert chat.ask(i.SignOut) == ["chat signing out", "close 1 1000"]
    assert chat.ask(i.Open) == ["Open answered"]
    assert chat.ask(i.AwaitReady) == []
    assert chat.closed(1000) == ["chat initial", "forget identity credentials thread visit fields welcome"]
    assert chat.saved() == ["SignOut answered", "chat preparing", "GET configuration"]
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert nothing_to_recover(chat) == ["chat ready", "AwaitReady answered"]


def test_who_waits_for_a_chat_that_signs_out_and_is_not_wanted_is_told() -> None:
    chat = reach(S.SERVING)
    chat.ask(i.SignOut)
    chat.ask(i.AwaitReady)
    chat.closed(1000)
    assert chat.saved() == ["SignOut answered", "AwaitReady refused not_connected"]


def test_a_sign_out_waits_for_neither_the_socket_nor_the_store_for_ever() -> None:
    chat = reach(S.SERVING)
    chat.store_answers = False
    chat.ask(i.SignOut)
    chat.ask(i.Open)
    assert chat.wait(2) == ["chat initial", "forget identity credentials thread visit fields welcome"]
    assert chat.wait(10) == ["SaveLost", "SignOut answered", "chat preparing", "GET configuration"]


def test_a_chat_that_is_out_of_sight_begins_anew_when_it_is_seen() -> None:
    chat = reach(S.SERVING)
    chat.ask(i.SignOut)
    chat.ask(i.EnterBackground)
    chat.ask(i.Open)
    chat.closed(1000)
    assert chat.saved() == ["SignOut answered"]
    assert chat.ask(i.EnterActive) == ["chat preparing", "GET configuration", "EnterActive answered"]


def test_a_disconnect_is_answered_when_the_old_socket_is_gone_though_a_new_one_is_wanted() -> None:
    for reported in (True, False):
        chat = reach(S.SERVING)
        assert chat.ask(i.Disconnect) == ["chat prepared", "close 1 1000"]
        assert chat.ask(i.Open) == ["Open answered", "chat connecting"]
        words = chat.closed(1000) if reported else chat.wait(2)
        assert words == ["Disconnect answered", "open 2"]


# --- preparing fails ---


def test_a_thread_that_waits_for_a_chat_that_cannot_be_prepared_is_refused() -> None:
    chat = Alone()
    chat.ask(i.Open)
    assert chat.ask(i.StartThread) == []
    assert chat.ask(i.AwaitReady) == []
    words = chat.reply("GET configuration", status=404)
    assert words == ["chat initial", "AwaitReady refused connection_lost", "StartThread refused connection_lost"]
    assert chat.ask(i.StartThread) == []  # waits for the next try
    chat.ask(i.Open)
    words = chat.reply("GET configuration", VERSION_REFUSED, status=403)
    assert words == ["chat unsupported", "StartThread refused version_refused"]


def test_messages_wait_on_when_a_chat_cannot_be_prepared_again() -> None:
    chat = with_thread()
    chat.ask(i.Disconnect)
    chat.closed(1000)
    chat.ask(i.Prepare)
    chat.ask(i.SendMessage, thread=THREAD, text="later")
    chat.reply("GET configuration", status=404)
    assert [message.status for message in chat.session.threads[THREAD].messages] == ["queued"]
    assert chat.state is S.INITIAL


# --- out of place ---


def test_only_a_live_chat_ends_by_inactivity() -> None:
    for mode in ("single", "multi"):
        chat = with_thread(mode)
        assert chat.ask(i.AnswerInactivity, thread=THREAD, stay=True) == ["AnswerInactivity refused not_supported"]
    chat = with_thread("live")
    assert chat.ask(i.AnswerInactivity, thread="elsewhere", stay=True) == ["AnswerInactivity refused unknown_thread"]


def test_older_messages_for_which_there_is_no_room_are_refused() -> None:
    chat = reach(S.RECOVERING, policy=Policy(history=2))
    messages = [said(f"m{number}", number) for number in (9, 8, 7)]
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=messages, messagesScrollToken="more"))
    assert chat.ask(i.LoadMore, thread=THREAD) == ["LoadMore refused limit_reached"]
    assert [message.id for message in chat.session.threads[THREAD].messages] == ["m8", "m9"]


def said(id: str, second: int) -> dict[str, Any]:
    """Return a message of the other side."""
    return {
        "idOnExternalPlatform": id,
        "threadIdOnExternalPlatform": THREAD,
        "createdAt": f"2026-05-28T20:30:{second:02}+00:00",
        "messageContent": {"type": "TEXT", "payload": {"text": id}},
        "direction": "outbound",
    }


def test_a_row_that_refuses_where_nobody_asked_says_nothing() -> None:
    chat = with_thread()
    chat.leaf.desk.threads[THREAD].fire("archive")
    assert chat.put(i.Tick()) == []
    assert chat.session.threads[THREAD].state == "open"
