"""Answers that come when their thread is gone, and threads for which there is no room."""

from typing import Any

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Policy
from tests.core.cxone.alone import THREAD, Alone, reach, recovered_thread, with_thread

QUIET = Policy(heartbeat=10**6)


def said(id: str, second: int) -> dict[str, Any]:
    """Return a message of the other side."""
    return {
        "idOnExternalPlatform": id,
        "threadIdOnExternalPlatform": THREAD,
        "createdAt": f"2026-05-28T20:30:{second:02}+00:00",
        "messageContent": {"type": "TEXT", "payload": {"text": id}},
        "direction": "outbound",
    }


def listed(chat: Alone, *ids: str) -> list[str]:
    """Answer the request for the list of threads."""
    threads = [{"id": id, "idOnExternalPlatform": id, "canAddMoreMessages": True} for id in ids]
    return chat.answer("FetchThreadList", "ThreadListFetched", {"threads": threads})


def test_a_page_of_a_thread_that_is_gone_is_dropped() -> None:
    for refused in (True, False):
        chat = reach(S.RECOVERING, policy=QUIET)
        chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messagesScrollToken="more"))
        chat.ask(i.LoadMore, thread=THREAD)
        chat.leaf.desk.threads.clear()
        if refused:
            assert chat.deny("LoadMoreMessages", "LoadingMoreMessagesFailed") == []
        else:
            page = {"messages": [said("m", 1)], "scrollToken": ""}
            assert chat.answer("LoadMoreMessages", "MoreMessagesLoaded", page) == []


def test_metadata_of_a_thread_that_is_gone_complete_the_recovery() -> None:
    chat = reach(S.RECOVERING, "multi")
    listed(chat, THREAD)
    chat.leaf.desk.threads.clear()
    assert chat.answer("LoadThreadMetadata", "ThreadMetadataLoaded", {}) == ["chat ready"]


def test_listed_threads_for_which_there_is_no_room_are_counted() -> None:
    chat = reach(S.RECOVERING, "multi", policy=Policy(threads=1))
    assert listed(chat, "a", "b", "c") == ["thread received", "frame LoadThreadMetadata"]
    assert list(chat.session.threads) == ["a"]
    assert chat.session.counts["threads over the limit"] == 2


def test_a_thread_may_be_recovered_without_a_contact() -> None:
    chat = reach(S.RECOVERING)
    data = recovered_thread()
    del data["contact"]
    chat.answer("RecoverThread", "ThreadRecovered", data)
    assert (chat.session.threads[THREAD].state, chat.state) == ("open", S.SERVING)


def test_a_thread_that_cannot_be_recovered_while_connecting_asks_for_no_second_list() -> None:
    chat = with_thread("multi", policy=QUIET)
    chat.closed()
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert chat.deny("RecoverThread", "RecoveringThreadFailed") == ["thread ended", "ended failed"]
    assert listed(chat, THREAD) == ["chat ready"]


def test_a_recovery_that_is_refused_for_another_reason_says_nothing_about_the_thread() -> None:
    chat = with_thread(policy=QUIET)
    chat.ask(i.SendMessage, thread=THREAD, text="did you get this?")
    chat.closed()
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    words = chat.deny("RecoverThread", "InconsistentData")
    assert (words[0], chat.state) == ("ErrorReceived", S.RECONNECT_WAIT)
    thread = chat.session.threads[THREAD]
    assert (thread.state, thread.messages[-1].status) == ("recovering", "uncertain")


def test_an_app_that_opens_a_thread_is_told_that_it_was_refused() -> None:
    chat = reach(S.RECOVERING, "multi", policy=QUIET)
    listed(chat, THREAD)
    chat.answer("LoadThreadMetadata", "ThreadMetadataLoaded", {})
    chat.ask(i.OpenThread, thread=THREAD)
    words = chat.deny("RecoverThread", "InconsistentData")
    assert words == ["ErrorReceived", "thread loaded", "OpenThread refused refused_by_center"]


def test_a_page_that_closes_a_gap_and_never_comes_leaves_the_thread_open() -> None:
    chat = with_thread(policy=QUIET)
    chat.ask(i.SendMessage, thread=THREAD, text="did you get this?")
    mine = chat.session.threads[THREAD].messages[-1].id
    chat.ask(i.AwaitSettled, message=mine)
    assert chat.wait(10)[-1] == "frame RecoverThread"
    data = recovered_thread(messages=[said("m9", 9)], messagesScrollToken="more")
    assert chat.answer("RecoverThread", "ThreadRecovered", data) == ["frame LoadMoreMessages"]
    assert chat.wait(9.9) == []
    assert chat.wait(0.1) == ["MessageReceived", "AwaitSettled answered", "thread open"]
    assert (chat.answers[chat.asked], chat.state) == ("uncertain", S.SERVING)


def test_who_waits_for_a_thread_that_makes_room_is_told() -> None:
    chat = reach(S.RECOVERING, "multi", policy=Policy(threads=1, heartbeat=10**6))
    listed(chat, THREAD)
    chat.answer("LoadThreadMetadata", "ThreadMetadataLoaded", {})
    chat.ask(i.OpenThread, thread=THREAD)
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messagesScrollToken="more"))
    chat.ask(i.ArchiveThread, thread=THREAD)
    chat.answer("ArchiveThread", "ThreadArchived")
    assert chat.ask(i.LoadMore, thread=THREAD) == ["frame LoadMoreMessages"]
    assert chat.ask(i.StartThread) == ["LoadMore refused unknown_thread", "thread pending", "StartThread answered"]
