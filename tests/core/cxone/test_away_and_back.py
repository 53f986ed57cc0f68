"""Out of sight and back, and what ended meanwhile: attempts, who may be asked for, and why a thread ended."""

from typing import Any

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Policy
from tests.core.cxone.alone import THREAD, Alone, case_changed, reach, recovered_thread, towards_socket, with_thread
from tests.core.cxone.test_honest_outcomes import popup, warning

QUIET = Policy(heartbeat=10**6)


def away(chat: Alone) -> None:
    """Go out of sight, and have the socket closed."""
    chat.ask(i.EnterBackground)
    chat.closed(1000)


def recover(chat: Alone, **data: Any) -> list[str]:
    """Come back after a loss, and find this."""
    chat.wait_next()
    towards_socket(chat)
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    return chat.answer("RecoverLivechat", "LivechatRecovered", data or closed())


def closed() -> dict[str, Any]:
    """Return a recovered live chat whose contact is closed."""
    data = recovered_thread()
    data["contact"]["status"] = "closed"
    return data


# --- out of sight ---


def test_an_open_conversation_goes_on_whoever_is_available() -> None:
    chat = with_thread("live", policy=QUIET)
    away(chat)
    chat.wait(3600)
    assert chat.ask(i.EnterActive) == ["chat connecting", "open 2", "EnterActive answered"]


def test_a_chat_without_a_conversation_asks_whether_anyone_is_available() -> None:
    chat = with_thread("live", policy=QUIET)
    chat.hear(case_changed("closed"))
    away(chat)
    chat.wait(3600)
    assert chat.ask(i.EnterActive) == ["chat connecting", "GET availability", "EnterActive answered"]


def test_the_first_attempt_after_coming_back_is_retried() -> None:
    for mode in ("single", "live"):
        chat = with_thread(mode, policy=QUIET)
        away(chat)
        chat.ask(i.EnterActive)
        assert chat.closed() == []
        assert chat.state is S.RECONNECT_WAIT
        assert chat.wait_next()[-1] == "open 3"


def test_after_a_disconnect_the_next_attempt_is_a_first_one() -> None:
    chat = with_thread("live", policy=QUIET)
    chat.ask(i.Disconnect)
    chat.closed(1000)
    chat.wait(3600)
    assert chat.ask(i.Connect) == ["chat connecting", "GET availability", "Connect answered"]


# --- credentials ---


def test_asking_whether_anyone_is_available_forgets_an_old_refusal() -> None:
    chat = reach(S.AVAILABILITY, secured=True)
    chat.reply("GET availability")
    assert chat.reply("POST token", status=401) == ["chat prepared", "ReauthenticationNeeded"]
    assert chat.ask(i.AwaitReady) == ["AwaitReady refused authorization_failed"]
    chat.wait(3600)
    chat.ask(i.Open)
    assert chat.state is S.AVAILABILITY
    assert chat.ask(i.AwaitReady) == []
    assert chat.reply("GET availability", {"status": "offline"}) == ["chat offline", "AwaitReady refused offline"]


# --- why a thread ended ---


def test_an_end_that_was_asked_for_before_a_loss_is_the_customers() -> None:
    founds: tuple[dict[str, Any], ...] = (closed(), {"messages": []})
    for found in founds:
        chat = reach(S.ENDING, policy=QUIET)
        assert chat.closed() == ["chat connecting", "EndThread refused connection_lost"]
        words = recover(chat, **found)
        assert "ended customer" in words
        assert chat.session.threads[THREAD].reason == "customer"


def test_a_warning_that_stood_when_the_connection_was_lost_is_the_reason_of_an_end_meanwhile() -> None:
    chat = with_thread("live", policy=QUIET)
    chat.hear(warning("w"))
    assert chat.closed() == ["chat connecting", "InactivityCleared"]
    assert "ended inactivity" in recover(chat)


def test_a_warning_that_ran_out_before_a_loss_is_the_reason_of_an_end_meanwhile() -> None:
    chat = with_thread("live", policy=QUIET)
    chat.hear(warning("w"))
    chat.wait(90)
    chat.closed()
    assert "ended inactivity" in recover(chat)


def test_an_answer_that_ends_it_before_a_loss_is_the_reason() -> None:
    chat = with_thread("live", policy=QUIET)
    chat.hear(warning("w"))
    chat.ask(i.AnswerInactivity, thread=THREAD, stay=False)
    chat.closed()
    assert "ended inactivity" in recover(chat)


def test_a_warning_that_was_over_when_the_chat_came_back_is_no_reason_any_more() -> None:
    chat = with_thread("live", policy=QUIET)
    chat.hear(warning("w"))
    chat.closed()
    later = popup("w2") | {"messageContent": {"type": "TEXT", "payload": {"text": "never mind"}}}
    recover(chat, **recovered_thread(messages=[later, popup("w")]))
    chat.closed()
    assert "ended unknown" in recover(chat)


# --- warnings ---


def test_a_warning_runs_out_and_cannot_be_answered_any_more() -> None:
    chat = with_thread("live", policy=QUIET)
    assert chat.hear(warning("w")) == ["InactivityWarned"]
    assert chat.wait(89.9) == []
    assert chat.wait(0.1) == ["InactivityCleared"]
    assert chat.session.threads[THREAD].inactivity is None
    assert chat.ask(i.AnswerInactivity, thread=THREAD, stay=True) == ["AnswerInactivity refused illegal_state"]
    assert "ended inactivity" in chat.hear(case_changed("closed"))


def test_a_warning_that_ran_out_and_is_repeated_is_not_told_again() -> None:
    chat = with_thread("live", policy=QUIET)
    chat.hear(warning("w"))
    chat.wait(90)
    assert chat.hear(warning("w")) == []
    assert chat.session.threads[THREAD].inactivity is None


def test_an_agent_who_closes_long_after_a_warning_ran_out_is_the_reason() -> None:
    chat = with_thread("live", policy=QUIET)
    chat.hear(warning("w"))
    chat.wait(600)
    closed = {**case_changed("closed"), "context": {"initiator": {"type": "user", "id": "70112"}}}
    assert "ended agent" in chat.hear(closed)


def warned_after_a_restart(**rest: Any) -> float | None:
    """Return how many seconds a warning has left that a new session finds in the history; None if it finds none."""
    chat = reach(S.RECOVERING, "live", policy=QUIET)
    messages = [popup("w", 90, "2026-05-28T20:30:00+00:00", **rest)]
    chat.answer("RecoverLivechat", "LivechatRecovered", recovered_thread(messages=messages))
    inactivity = chat.session.threads[THREAD].inactivity
    return None if inactivity is None else inactivity.ends_at - chat.now


def test_a_warning_found_in_the_history_has_as_much_less_time_as_the_far_side_tells() -> None:
    assert warned_after_a_restart() == 90
    assert warned_after_a_restart(createdAt="2026-05-28T20:30:20+00:00") == 70
    assert warned_after_a_restart(userStatistics={"readAt": "2026-05-28T20:30:25+00:00"}) == 65
    assert warned_after_a_restart(userStatistics={"seenAt": "2026-05-28T20:30:25+00:00"}) == 65
    assert warned_after_a_restart(createdAt="yesterday") == 90
    assert warned_after_a_restart(createdAt="2026-05-28T20:29:00+00:00") == 90


# --- a contact that was closed meanwhile ---


def told(kind: str, second: int, *, by: str | None = None, **data: Any) -> dict[str, Any]:
    """Return a push of a contact's history."""
    context = {"context": {"initiator": {"type": by, "id": "1"}}} if by else {}
    return {"eventType": kind, "createdAt": f"2026-05-28T20:30:{second:02}+00:00", "data": data, **context}


def changed(status: str, second: int, by: str | None = None) -> dict[str, Any]:
    """Return that a contact's status changed."""
    return told("CaseStatusChanged", second, by=by, case={"id": "48215077", "status": status})


def back_with(mode: Any, *, policy: Policy = QUIET, **data: Any) -> tuple[Alone, list[str]]:
    """Return a chat whose open thread an agent served, which is recovered with a closed contact; and what it said."""
    noor = {"id": 70112, "firstName": "Noor", "surname": "Haas"}
    chat = with_thread(mode, policy=policy)
    joined = {"case": case_changed("open")["data"]["case"], "inboxAssignee": noor}
    chat.hear({"eventId": "e-1", "eventType": "CaseInboxAssigneeChanged", "data": joined})
    away(chat)
    chat.ask(i.EnterActive)
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    found = closed() | {"ownerAssignee": noor} | data
    kind = "Livechat" if mode == "live" else "Thread"
    return chat, chat.answer(f"Recover{kind}", f"{kind}Recovered", found)


def test_a_contact_that_was_closed_meanwhile_is_over_for_a_thread_that_goes_on() -> None:
    for mode in ("single", "multi"):
        chat, words = back_with(mode, messages=[popup("w")])
        assert words[:2] == ["PartyLeft", "thread open"], mode
        assert "InactivityWarned" not in words
        thread = chat.leaf.desk.threads[THREAD]
        assert (thread.agent, thread.contact, thread.inactivity, thread.state) == (None, "", None, "open")


def test_a_contact_that_was_closed_meanwhile_ends_a_thread_of_many_if_the_policy_says_so() -> None:
    policy = Policy(heartbeat=10**6, closed_case_ends_multi_thread=True)
    _, words = back_with("multi", policy=policy)
    assert words == ["thread ended", "ended unknown"]


def test_who_closed_a_live_chat_meanwhile_stands_in_the_history_of_its_contact() -> None:
    by_agent = [changed("closed", 9, "user"), changed("open", 3, "system")]
    for history, reason in (
        (by_agent, "agent"),
        (by_agent[::-1], "agent"),
        ([changed("closed", 9, "workflowJob")], "unknown"),
        ([changed("closed", 3, "user"), changed("open", 9, "user")], "unknown"),
        ([told("CaseCreated", 1, by="user")], "unknown"),
        ("nonsense", "unknown"),
    ):
        _, words = back_with("live", contactHistory=history)
        assert f"ended {reason}" in words, history


def test_a_warning_that_came_and_ran_out_meanwhile_is_the_reason() -> None:
    later = popup("w2", started="2026-05-28T20:30:09+00:00") | {
        "messageContent": {"type": "TEXT", "payload": {"text": "no"}}
    }
    for messages, history, reason in (
        ([popup("w")], [changed("closed", 9, "workflowJob")], "inactivity"),
        ([popup("w")], [], "inactivity"),
        ([popup("w")], [changed("closed", 9, "user")], "agent"),
        ([later, popup("w")], [], "unknown"),
    ):
        _, words = back_with("live", messages=messages, contactHistory=history)
        assert f"ended {reason}" in words
