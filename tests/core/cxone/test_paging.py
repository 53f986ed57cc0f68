"""Older messages, page by page: for the app, and back to what was known before a loss."""

import pytest

from deskline_center import controls as k
from deskline_core import inputs as i
from deskline_core.errors import RefusalCode
from deskline_core.events import MessageReceived, ThreadEnded
from tests.playbook import Chat, answer


def many(number: int, **settings: object) -> tuple[Chat, str]:
    """Return a fresh session over a thread with many messages, of which it has the newest page."""
    first = Chat("single", settings={"page_size": 3, **settings})
    thread = first.conversation("0")
    for text in range(1, number):
        first.advance(1)
        first.say(thread, str(text))
    first.do(i.Disconnect)
    kept = dict(first.session.kept)
    chat = Chat("single", center=first.center, restored=kept, seed=b"another seed of 16 bytes", now=first.now)
    chat.open()
    return chat, thread


def test_callers_that_ask_for_more_at_once_share_one_page() -> None:
    chat, thread = many(10)
    chat.control(k.Delay(match="LoadMoreMessages", seconds=1))
    first, second = chat.do(i.LoadMore, thread=thread), chat.do(i.LoadMore, thread=thread)
    assert chat.kinds() == ["LoadMoreMessages"]
    chat.put(i.Withdraw(request=first))
    chat.advance(1)
    assert (first in chat.answers, chat.answers[second]) == (False, 3)


def test_an_empty_page_is_the_last_one() -> None:
    chat, thread = many(10)
    chat.control(k.Lose(match="LoadMoreMessages", done=False))
    asked = chat.do(i.LoadMore, thread=thread)
    (frame,) = chat.wrote()
    chat.hear(answer(frame.event_id, "MoreMessagesLoaded", {"messages": [], "scrollToken": "more"}))
    assert chat.answers[asked] == 0
    assert not chat.thread.has_more
    assert chat.news() == []


def test_a_page_that_is_refused_unanswered_or_lost_can_be_asked_for_again() -> None:
    chat, thread = many(10)
    chat.control(k.Fail(match="LoadMoreMessages"))
    assert chat.refused(i.LoadMore, thread=thread) is RefusalCode.REFUSED_BY_CENTER
    chat.control(k.Lose(match="LoadMoreMessages", done=False))
    unanswered = chat.do(i.LoadMore, thread=thread)
    chat.advance(10)
    assert chat.refusals[unanswered].code is RefusalCode.TIMEOUT
    chat.control(k.Lose(match="LoadMoreMessages", done=False))
    lost = chat.do(i.LoadMore, thread=thread)
    chat.cut()
    assert chat.refusals[lost].code is RefusalCode.CONNECTION_LOST
    assert chat.refused(i.LoadMore, thread=thread) is RefusalCode.NOT_CONNECTED
    chat.back()
    assert chat.ask(i.LoadMore, thread=thread) == 3


@pytest.mark.row("P39")
def test_every_thread_pages_with_its_own_token() -> None:
    chat = Chat("multi", settings={"page_size": 2})
    chat.open()
    threads = [chat.start() for _ in range(2)]
    for number in range(6):
        chat.advance(1)
        for thread in threads:
            chat.say(thread, f"{threads.index(thread)}.{number}")
    kept = dict(chat.session.kept)
    later = Chat("multi", center=chat.center, restored=kept, seed=b"another seed of 16 bytes", now=chat.now).open()
    for thread in threads:
        later.ask(i.OpenThread, thread=thread)
    for thread in (*threads, *threads):
        assert later.ask(i.LoadMore, thread=thread) == 2
    for number, thread in enumerate(threads):
        assert later.texts(thread) == [f"{number}.{n}" for n in range(6)]


def test_what_was_loaded_stays_loaded_over_a_loss() -> None:
    chat, thread = many(10)
    while chat.thread.has_more:
        chat.ask(i.LoadMore, thread=thread)
    chat.lose()
    for number in range(10, 14):
        chat.advance(0.1)
        chat.control(k.AgentSays(thread=thread, text=str(number)))
    chat.look()
    chat.back()
    assert chat.kinds() == ["AuthorizeCustomer", "RecoverThread", "LoadMoreMessages"]
    assert [event.text for event in chat.news(MessageReceived)] == ["10", "11", "12", "13"]
    assert chat.texts(thread) == [str(number) for number in range(14)]
    assert not chat.thread.has_more


def test_a_long_absence_is_paged_back_to_a_known_message() -> None:
    chat, thread = many(3)
    chat.lose()
    for number in range(3, 60):
        chat.advance(0.01)
        chat.control(k.AgentSays(thread=thread, text=str(number)))
    chat.look()
    chat.back()
    assert chat.kinds().count("LoadMoreMessages") == 19
    assert [event.text for event in chat.news(MessageReceived)] == [str(number) for number in range(3, 60)]
    assert chat.texts(thread) == [str(number) for number in range(60)]


def test_a_page_that_fails_on_the_way_back_is_left_to_load_more() -> None:
    chat, thread = many(3)
    chat.lose()
    for number in range(3, 12):
        chat.advance(0.01)
        chat.control(k.AgentSays(thread=thread, text=str(number)))
    chat.control(k.Fail(match="LoadMoreMessages"))
    chat.look()
    chat.back()
    assert [event.text for event in chat.news(MessageReceived)] == ["9", "10", "11"]
    assert chat.thread.has_more
    while chat.thread.has_more:
        chat.ask(i.LoadMore, thread=thread)
    assert chat.texts(thread) == [str(number) for number in range(12)]


def test_a_loss_in_mid_recovery_begins_it_anew() -> None:
    chat, thread = many(3)
    chat.lose()
    for number in range(3, 12):
        chat.advance(0.01)
        chat.control(k.AgentSays(thread=thread, text=str(number)))
    chat.control(k.Lose(match="LoadMoreMessages", done=False))
    chat.advance(8)
    assert chat.state == "connected"
    chat.cut()
    chat.look()
    chat.back()
    assert [event.text for event in chat.news(MessageReceived)] == [str(number) for number in range(3, 12)]
    assert chat.texts(thread) == [str(number) for number in range(12)]


def test_a_message_that_comes_in_mid_recovery_hides_no_gap_behind_it() -> None:
    chat, thread = many(3)
    chat.lose()
    for number in range(3, 12):
        chat.advance(0.01)
        chat.control(k.AgentSays(thread=thread, text=str(number)))
    chat.control(k.Lose(match="RecoverThread", done=False))
    chat.advance(8)
    assert chat.state == "connected"
    chat.control(k.AgentSays(thread=thread, text="12"))
    chat.cut()
    chat.look()
    chat.back()
    assert [event.text for event in chat.news(MessageReceived)] == [str(number) for number in range(3, 13)]
    assert chat.texts(thread) == [str(number) for number in range(13)]


def test_a_message_in_doubt_is_looked_for_behind_what_was_known() -> None:
    for done, status in ((True, "delivered"), (False, "failed")):
        chat, thread = many(3)
        chat.control(k.Lose(match="SendMessage", done=done))
        chat.control(k.LosePush(match="MessageCreated"))
        message = chat.say(thread, "did you get this?")
        chat.control(k.ForgetFaults())
        for number in range(9):
            chat.advance(0.01)
            chat.control(k.AgentSays(thread=thread, text=f"agent {number}"))
        chat.cut()
        chat.back()
        assert chat.status(message) == status
        assert len(chat.far(thread).messages) == (13 if done else 12)


def test_a_message_in_doubt_that_was_not_looked_for_to_the_end_stays_in_doubt() -> None:
    chat, thread = many(3)
    chat.control(k.Lose(match="SendMessage", done=False))
    message = chat.say(thread, "did you get this?")
    waiting = chat.do(i.AwaitSettled, message=message)
    chat.lose()
    for number in range(9):
        chat.advance(0.01)
        chat.control(k.AgentSays(thread=thread, text=f"agent {number}"))
    chat.control(k.Fail(match="LoadMoreMessages"))
    chat.back()
    assert (chat.status(message), chat.answers[waiting]) == ("uncertain", "uncertain")


def test_what_was_said_before_the_end_while_away_is_told_before_the_end() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.lose()
    chat.control(k.AgentSays(thread=thread, text="anyone there?"))
    chat.control(k.CloseContact(thread=thread))
    chat.look()
    chat.back()
    told = [event for event in chat.news() if isinstance(event, MessageReceived | ThreadEnded)]
    assert [type(event).__name__ for event in told] == ["MessageReceived", "ThreadEnded"]
    assert chat.texts(thread) == ["hello", "anyone there?"]


def test_a_first_message_in_doubt_whose_live_chat_is_over_was_delivered() -> None:
    chat = Chat("live").open()
    chat.control(k.Lose(match="SendMessage", times=2))
    chat.control(k.LosePush(match="*", times=30))
    thread = chat.start()
    message = chat.say(thread, "hello?")
    chat.cut()
    chat.control(k.ForgetFaults())
    chat.control(k.CloseContact(thread=thread))
    chat.back()
    assert (chat.status(message), chat.state_of(thread)) == ("delivered", "ended")
