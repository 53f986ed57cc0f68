"""Rows T13-T17 and T31: threads are listed, loaded, recovered, and found to be made elsewhere."""

from typing import Any

import pytest

from deskline_center import controls as k
from deskline_core import inputs as i
from deskline_core.errors import RefusalCode
from deskline_core.events import HistoryLoaded, MessageReceived, PartyJoined, ThreadEnded, ThreadStateChanged
from deskline_core.lifecycle import ChatState, EndReason, ThreadState
from tests.playbook import Chat, answer, refusal


def two_devices(mode: str, **settings: Any) -> tuple[Chat, Chat]:
    """Return two sessions of one customer: the first has a conversation, the second is yet to open."""
    first = Chat(mode, settings=settings)
    first.conversation("from the first device")
    second = Chat(mode, center=first.center, restored=dict(first.session.kept), seed=b"another seed of 16 bytes")
    return first, second


def listed(**settings: Any) -> tuple[Chat, str]:
    """Return a ready session that found a thread of an earlier run in the list, loaded and not opened."""
    earlier = Chat("multi", settings=settings)
    thread = earlier.conversation()
    earlier.control(k.AgentJoins())
    earlier.control(k.AgentSays(text="at your service"))
    earlier.do(i.Disconnect)
    kept = dict(earlier.session.kept)
    chat = Chat("multi", center=earlier.center, restored=kept, seed=b"another seed of 16 bytes", now=earlier.now + 5)
    chat.do(i.Open)
    assert chat.state == ChatState.READY
    return chat, thread


@pytest.mark.row("T13", "D101")
def test_a_listed_thread_is_loaded_with_its_last_message_and_agent() -> None:
    chat, thread = listed()
    assert chat.told(ThreadStateChanged) == [
        ThreadStateChanged(thread=thread, state=ThreadState.RECEIVED),
        ThreadStateChanged(thread=thread, state=ThreadState.LOADED),
    ]
    assert chat.kinds() == ["AuthorizeCustomer", "FetchThreadList", "LoadThreadMetadata"]
    (joined,) = chat.told(PartyJoined)
    assert (joined.thread, joined.party.name) == (thread, "Noor Haas")
    assert chat.texts(thread) == ["at your service"]
    assert chat.told(MessageReceived) == []  # it is no news: the thread was not known before


@pytest.mark.row("T14", "T15")
def test_a_loaded_thread_is_opened_by_recovering_it() -> None:
    chat, thread = listed()
    chat.look()
    assert chat.ask(i.OpenThread, thread=thread) == thread
    (asked,) = chat.wrote()
    assert (asked.kind, asked.data) == ("RecoverThread", {"thread": {"idOnExternalPlatform": thread}})
    states = chat.news(ThreadStateChanged, HistoryLoaded)
    assert [type(event).__name__ for event in states] == ["ThreadStateChanged", "HistoryLoaded", "ThreadStateChanged"]
    assert [event.state for event in states[::2]] == [ThreadState.RECOVERING, ThreadState.OPEN]
    assert [message.text for message in states[1].messages] == ["hello"]  # the other was known
    assert chat.texts(thread) == ["hello", "at your service"]


@pytest.mark.row("T14")
def test_a_received_thread_can_be_opened_before_its_metadata_came() -> None:
    earlier, chat = two_devices("multi")
    earlier.do(i.Disconnect)
    chat.control(k.Lose(match="LoadThreadMetadata", done=False))
    chat.do(i.Open)
    chat.advance(10)
    assert chat.state == ChatState.READY
    (thread,) = chat.session.threads
    assert chat.last_state is ThreadState.RECEIVED
    assert chat.ask(i.OpenThread, thread=thread) == thread
    assert chat.state_of(thread) is ThreadState.OPEN


@pytest.mark.row("T15", "T-13")
def test_a_recovered_thread_that_admits_no_more_messages_has_ended() -> None:
    earlier = Chat("single")
    thread = earlier.conversation()
    earlier.far(thread).archived = True
    earlier.lose()
    earlier.look()
    earlier.back()
    assert earlier.news(ThreadStateChanged, ThreadEnded)[-2:] == [
        ThreadStateChanged(thread=thread, state=ThreadState.ENDED),
        ThreadEnded(thread=thread, reason=EndReason.UNKNOWN),
    ]
    assert earlier.texts(thread) == ["hello"]


@pytest.mark.row("T15", "L5", "T-13")
def test_recovery_brings_agent_contact_and_history_in_order() -> None:
    chat = Chat("live")
    thread = chat.conversation("one")
    chat.control(k.AgentJoins())
    chat.control(k.AgentSays(text="two"))
    restored = dict(chat.session.kept)
    later = Chat("live", center=chat.center, restored=restored, seed=b"another seed of 16 bytes", now=chat.now)
    chat.do(i.Disconnect)
    later.do(i.Open)
    assert later.texts(thread) == ["one", "two"]
    assert later.thread.agent.name == "Noor Haas"
    assert later.thread.state is ThreadState.OPEN
    assert not later.thread.has_more
    later.ask(i.EndThread, thread=thread)  # the contact is known
    assert later.thread.reason is EndReason.CUSTOMER


@pytest.mark.row("T16", "P14", "T-11")
def test_a_thread_that_is_not_to_be_had_ends_alone_and_the_list_is_fetched_again() -> None:
    chat, thread = listed()
    other = chat.start()
    chat.control(k.Fail(match="RecoverThread", code="RecoveringThreadFailed"))
    chat.look()
    assert chat.refused(i.OpenThread, thread=thread) is RefusalCode.REFUSED_BY_CENTER
    assert chat.kinds() == ["RecoverThread", "FetchThreadList"]
    assert chat.news(ThreadEnded) == [ThreadEnded(thread=thread, reason=EndReason.FAILED)]
    assert chat.state_of(other) is ThreadState.PENDING
    assert chat.state == ChatState.READY


@pytest.mark.row("T17", "R39")
def test_what_was_open_is_recovered_on_every_open_in_every_mode() -> None:
    for mode, kinds in (
        ("single", ["AuthorizeCustomer", "RecoverThread"]),
        ("multi", ["AuthorizeCustomer", "FetchThreadList", "RecoverThread"]),
        ("live", ["AuthorizeCustomer", "RecoverLivechat"]),
    ):
        chat = Chat(mode)
        thread = chat.conversation()
        for _ in range(3):
            chat.lose()
            chat.control(k.AgentSays(thread=thread, text="while you were away"))
            chat.look()
            chat.back()
            assert chat.kinds() == kinds
            assert [e.text for e in chat.news(MessageReceived)] == ["while you were away"]
            assert chat.last_state is ThreadState.OPEN


@pytest.mark.row("T17")
def test_the_last_message_of_a_loaded_thread_is_asked_for_again() -> None:
    chat, thread = listed()
    chat.lose()
    chat.control(k.AgentSays(thread=thread, text="still there?"))
    chat.look()
    chat.back()
    assert chat.kinds() == ["AuthorizeCustomer", "FetchThreadList", "LoadThreadMetadata"]
    assert [event.text for event in chat.news(MessageReceived)] == ["still there?"]
    assert chat.last_state is ThreadState.LOADED


@pytest.mark.row("T31", "D125")
def test_a_message_of_a_thread_made_elsewhere_brings_the_thread() -> None:
    chat, foreign = made_elsewhere("multi")
    assert [event.state for event in chat.news(ThreadStateChanged)] == [ThreadState.RECEIVED, ThreadState.LOADED]
    assert chat.kinds() == ["LoadThreadMetadata"]
    assert chat.state_of(foreign) is ThreadState.LOADED
    assert chat.texts(foreign) == ["from elsewhere"]
    received = chat.told(MessageReceived)
    assert [(event.thread, event.text) for event in received] == [(foreign, "from elsewhere")]
    chat.control(k.AgentSays(thread=foreign, text="and more"))
    assert chat.texts(foreign) == ["from elsewhere", "and more"]
    assert chat.state_of(foreign) is ThreadState.LOADED


@pytest.mark.row("T31", "T-4")
def test_a_message_of_a_thread_that_is_not_ours_is_dropped_and_counted() -> None:
    for mode in ("single", "live"):
        chat, foreign = made_elsewhere(mode)
        assert foreign not in chat.session.threads
        assert chat.session.counts["messages of unknown threads"] == 1
        assert (chat.news(), chat.wrote()) == ([], [])
        assert len(chat.session.threads) == 1


def made_elsewhere(mode: str) -> tuple[Chat, str]:
    """Return a chat with a conversation, whose customer writes into another thread on another device."""
    chat = Chat(mode)
    chat.conversation()
    floor, customer = chat.center._floor, chat.far(chat.thread.id).customer
    from deskline_center import conversation

    foreign = "0e000000-0000-4000-8000-00000000000f"
    thread = conversation.open_thread(floor, customer.channel, customer, foreign, "")
    contact, opens = conversation.current_contact(floor, thread)
    draft = conversation.Draft(
        external_id="0e000000-0000-4000-8000-0000000000ff",
        outbound=False,
        content=floor.language(customer.channel).text("from elsewhere"),
        customer=customer,
    )
    conversation.store(floor, contact, draft, opens=opens)
    chat.control(k.ForgetFaults())
    return chat, foreign


@pytest.mark.row("D102")
def test_a_recovery_without_a_known_thread_adopts_the_one_that_comes() -> None:
    first, second = two_devices("single")
    thread = first.thread.id
    first.do(i.Disconnect)
    forgetful = {key: value for key, value in second.session.kept.items() if key != "thread"}
    chat = Chat("single", center=first.center, restored=forgetful, seed=b"a third seed of 16 bytes")
    chat.do(i.Open)
    assert chat.wrote()[-1].data == {}  # without an id
    states = [event.state for event in chat.told(ThreadStateChanged)]
    assert states == [ThreadState.RECOVERING, ThreadState.OPEN]
    assert chat.texts(thread) == ["from the first device"]
    assert chat.session.kept["thread"] == thread


@pytest.mark.row("D103", "D104")
def test_a_first_message_in_doubt_is_looked_for_and_the_thread_stays_when_it_never_arrived() -> None:
    for mode in ("single", "multi", "live"):
        chat = Chat(mode).open()
        chat.control(k.Lose(match="SendMessage", times=2, done=False))
        thread = chat.start()
        message = chat.say(thread, "hello?")
        chat.cut()
        chat.control(k.ForgetFaults())
        assert chat.status(message) == "uncertain"
        chat.look()
        chat.back()
        kinds = chat.kinds()
        assert ("RecoverLivechat" if mode == "live" else "RecoverThread") in kinds
        states = [event.state for event in chat.news(ThreadStateChanged)]
        assert states[:2] == [ThreadState.RECOVERING, ThreadState.PENDING], mode
        assert chat.status(message) == "failed"
        assert chat.ask(i.RetryMessage, message=message) == message
        assert chat.status(message) == "delivered"
        assert chat.state_of(thread) is ThreadState.OPEN


@pytest.mark.row("D103", "T-30")
def test_a_first_message_in_doubt_that_arrived_opens_the_thread() -> None:
    for mode in ("single", "multi", "live"):
        chat = Chat(mode).open()
        chat.control(k.Lose(match="SendMessage", times=2))
        chat.control(k.LosePush(match="*", times=20))
        thread = chat.start()
        message = chat.say(thread, "hello?")
        chat.cut()
        chat.control(k.ForgetFaults())
        chat.back()
        assert chat.status(message) == "delivered"
        assert chat.state_of(thread) is ThreadState.OPEN
        assert [m.external_id for m in chat.far(thread).messages if m.external_id == message] == [message]


@pytest.mark.row("D105", "T-11", "T-27")
def test_a_thread_that_the_far_side_no_longer_knows_ends_and_its_id_is_forgotten() -> None:
    for mode in ("single", "live"):
        chat = Chat(mode)
        thread = chat.conversation()
        assert chat.session.kept["thread"] == thread
        kind = "RecoverLivechat" if mode == "live" else "RecoverThread"
        code = "RecoveringLivechatFailed" if mode == "live" else "RecoveringThreadFailed"
        chat.control(k.Fail(match=kind, code=code))
        chat.lose()
        chat.look()
        chat.back()
        assert chat.news(ThreadEnded) == [ThreadEnded(thread=thread, reason=EndReason.FAILED)]
        assert "thread" not in chat.session.kept
        assert chat.kinds() == ["AuthorizeCustomer", kind]  # no list where there is none


@pytest.mark.row("D134", "D106")
def test_a_recovery_without_an_answer_leaves_the_thread_as_before() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.control(k.Lose(match="SendMessage", done=False))
    chat.control(k.Lose(match="RecoverThread", done=False))
    message = chat.say(thread, "in doubt")
    waiting = chat.do(i.AwaitSettled, message=message)
    chat.advance(10)
    assert chat.last_state is ThreadState.RECOVERING
    chat.advance(10)
    assert chat.state_of(thread) is ThreadState.OPEN
    assert chat.answers[waiting] == "uncertain"

    chat, thread = listed()
    chat.control(k.Lose(match="RecoverThread", done=False))
    asked = chat.do(i.OpenThread, thread=thread)
    chat.advance(10)
    assert chat.refusals[asked].code is RefusalCode.TIMEOUT
    assert chat.last_state is ThreadState.LOADED
    assert chat.ask(i.OpenThread, thread=thread) == thread


@pytest.mark.row("D134")
def test_a_pending_thread_in_doubt_stays_pending_without_an_answer() -> None:
    chat = Chat("single").open()
    chat.control(k.Lose(match="SendMessage", done=False))
    thread = chat.start()
    message = chat.say(thread, "hello?")
    chat.control(k.Lose(match="RecoverThread", done=False))
    chat.advance(20)
    assert chat.state_of(thread) is ThreadState.PENDING
    assert chat.status(message) == "uncertain"


@pytest.mark.row("D110")
def test_a_message_into_a_loaded_thread_opens_it_first() -> None:
    chat, thread = listed()
    chat.look()
    message = chat.say(thread, "here I am")
    assert chat.kinds() == ["RecoverThread", "SendMessage"]
    assert chat.status(message) == "delivered"
    assert chat.texts(thread) == ["hello", "at your service", "here I am"]


@pytest.mark.row("D110", "D120")
def test_who_opens_a_thread_that_is_being_opened_joins() -> None:
    chat, thread = listed()
    chat.control(k.Delay(match="RecoverThread", seconds=1))
    chat.look()
    first, second = chat.do(i.OpenThread, thread=thread), chat.do(i.OpenThread, thread=thread)
    message = chat.say(thread, "in the meantime")
    assert chat.kinds() == ["RecoverThread"]
    assert first not in chat.answers
    chat.advance(1)
    assert (chat.answers[first], chat.answers[second]) == (thread, thread)
    assert chat.status(message) == "delivered"


@pytest.mark.row("D127", "T-14")
def test_a_thread_that_is_no_longer_listed_has_ended() -> None:
    chat, thread = listed()
    chat.center._floor.threads.pop((chat.site.channel_id, thread))
    chat.lose()
    chat.look()
    chat.back()
    assert chat.news(ThreadEnded) == [ThreadEnded(thread=thread, reason=EndReason.LOST)]


@pytest.mark.row("D128", "T-14")
def test_a_thread_that_is_listed_as_closed_has_ended() -> None:
    earlier = Chat("multi")
    thread = earlier.conversation()
    earlier.far(thread).archived = True
    earlier.do(i.Disconnect)
    kept = dict(earlier.session.kept)
    chat = Chat("multi", center=earlier.center, restored=kept, seed=b"another seed of 16 bytes", now=earlier.now)
    chat.do(i.Open)
    assert chat.told(ThreadEnded) == [ThreadEnded(thread=thread, reason=EndReason.ARCHIVED)]
    assert chat.kinds() == ["AuthorizeCustomer", "FetchThreadList"]


@pytest.mark.row("S46")
def test_an_answer_that_nobody_waits_for_changes_nothing() -> None:
    chat = Chat("multi")
    chat.conversation()
    chat.look()
    nobody = "e0000000-0000-4000-8000-00000000dead"
    chat.hear(answer(nobody, "ThreadArchived"))
    chat.hear(answer(nobody, "ThreadListFetched", {"threads": []}))
    chat.hear(refusal(nobody, "ArchivingThreadFailed"))
    assert chat.session.counts["stale completions"] == 2
    assert [type(event).__name__ for event in chat.news()] == ["ErrorReceived"]
    assert chat.last_state is ThreadState.OPEN
