"""Rules D641-D648: which requests need what of the connection."""

import pytest

from deskline_core import inputs as i
from deskline_core.brightpattern.connection_table import TRYING
from deskline_core.brightpattern.connection_table import ConnectionState as S
from deskline_core.brightpattern.rules import HELD_BACK
from deskline_core.errors import RefusalCode
from deskline_core.model import PushNetwork
from deskline_core.values import Secret
from tests.core.brightpattern.alone import CHAT, ENDED, HISTORY, POLL, Alone, said, talking
from tests.core.brightpattern.standing import reach
from tests.core.every_request import right_fields

NETWORK = (
    i.OpenThread, i.StartTyping, i.StopTyping, i.PreviewText, i.MarkRead, i.LoadMore, i.EndThread, i.WrapUp,
    i.SubmitForm, i.CancelForm, i.SendSignal, i.CloseCase, i.AnswerInactivity,
)  # fmt: skip
KEPT = (i.StartThread, i.SendMessage, i.RetryMessage, i.RegisterDevice)
INQUIRIES = (i.CheckAvailability, i.FetchVersion, i.FetchIceServers, i.FetchConfiguration)
UNPREPARED = (S.INITIAL, S.PREPARING, S.SIGNING_OUT)
UNCONNECTED = tuple(state for state in S if state not in (*TRYING, S.SERVING))


def asked(state: str, kind: type[i.AppRequest]) -> tuple[Alone, list[str]]:
    """Ask for something in a state of the connection."""
    chat = reach(state)
    return chat, chat.ask(kind, **right_fields(kind, CHAT))


@pytest.mark.row("D641")
def test_what_passes_needs_a_connection() -> None:
    for state in UNCONNECTED:
        for kind in NETWORK:
            chat, words = asked(state, kind)
            assert words == [f"{kind.__name__} refused not_connected"], state
            assert chat.refusal[2] == f"the chat is {chat.session.state}"


@pytest.mark.row("D642")
def test_on_the_way_to_ready_and_there_nothing_needs_more() -> None:
    for state in (*TRYING, S.SERVING):
        for kind in NETWORK:
            _, words = asked(state, kind)
            assert words == [f"{kind.__name__} refused unknown_thread"]


@pytest.mark.row("D642")
def test_what_is_asked_waits_until_the_history_is_read_but_what_passes_is_not_said_later() -> None:
    chat = talking()
    chat.fail(POLL)
    chat.wait(1)
    for passing in (i.OpenThread, i.StartTyping, i.StopTyping, i.PreviewText, i.MarkRead):
        assert chat.ask(passing, **right_fields(passing, CHAT)) == [f"{passing.__name__} answered"]
    for kind in NETWORK:
        if kind.__name__ in HELD_BACK and kind not in (i.EndThread, i.WrapUp, i.AnswerInactivity):
            assert chat.ask(kind, **right_fields(kind, CHAT)) == []
    words = chat.history(said("Hello"))
    settled = [word for word in words[words.index("chat ready") :] if word.endswith("answered") or " refused " in word]
    assert settled == [
        "LoadMore answered", "SubmitForm refused illegal_state", "CancelForm refused illegal_state",
        "CloseCase refused illegal_state",
    ]  # fmt: skip
    assert [word for word in words if "typing" in word] == []


@pytest.mark.parametrize("gone", [0, 1])
def test_of_what_waits_only_the_withdrawn_one_is_forgotten(gone: int) -> None:
    chat = talking()
    chat.fail(POLL)
    chat.wait(1)
    asked: list[int] = []
    for kind in (i.SubmitForm, i.CloseCase):
        assert chat.ask(kind, **right_fields(kind, CHAT)) == []
        asked.append(chat.asked)
    assert chat.put(i.Withdraw(request=asked[gone])) == []
    words = chat.history(said("Hello"))
    settled = [word for word in words if " refused " in word]
    assert settled == [["CloseCase refused illegal_state"], ["SubmitForm refused illegal_state"]][gone]
    chat.wait(10)
    assert "typing" not in str([command.body for command in chat.log if hasattr(command, "body")])


def test_what_has_waited_too_long_is_refused() -> None:
    chat = talking()
    chat.fail(POLL)
    chat.wait(1)
    chat.ask(i.LoadMore, thread=CHAT)
    assert chat.fail(HISTORY) == ["chat connecting", "LoadMore refused connection_lost"]


@pytest.mark.row("D641")
def test_of_what_is_over_the_table_says_more() -> None:
    chat = talking()
    chat.hear(ENDED)
    chat.saved()
    chat.ask(i.Disconnect)
    assert chat.ask(i.LoadMore, thread=CHAT) == ["LoadMore answered"]
    assert chat.ask(i.WrapUp, thread=CHAT) == ["WrapUp refused thread_ended"]


@pytest.mark.row("D641")
def test_what_is_alive_needs_a_connection_as_well() -> None:
    chat = talking()
    chat.fail(POLL)
    assert chat.ask(i.EndThread, thread=CHAT) == ["EndThread refused not_connected"]


@pytest.mark.row("D643", "D644")
def test_who_the_customer_is_can_be_said_before_anything_else() -> None:
    assert asked(S.INITIAL, i.SetCustomer)[1] == ["SetCustomer answered"]
    for state in S:
        if state is not S.INITIAL:
            assert asked(state, i.SetCustomer)[1] == ["SetCustomer refused illegal_state"], state


@pytest.mark.row("D645")
def test_while_signing_out_nothing_is_begun() -> None:
    for kind in KEPT:
        assert asked(S.SIGNING_OUT, kind)[1] == [f"{kind.__name__} refused chat_closed"]


@pytest.mark.row("D646")
def test_what_can_wait_is_taken_at_any_time() -> None:
    codes: dict[type[i.AppRequest], RefusalCode] = {
        i.SendMessage: RefusalCode.UNKNOWN_THREAD,
        i.RetryMessage: RefusalCode.UNKNOWN_MESSAGE,
    }
    for state in S:
        if state is S.SIGNING_OUT:
            continue
        for kind, code in codes.items():
            chat = reach(state)
            assert chat.ask(kind, **right_fields(kind, "no such")) == [f"{kind.__name__} refused {code}"], state
        token = {"token": Secret("device-1"), "network": PushNetwork.FIREBASE_ANDROID}
        assert "RegisterDevice answered" in reach(state).ask(i.RegisterDevice, **token)
        chat, words = asked(state, i.StartThread)
        is_kept = [type(held) for held in chat.leaf._held] == [i.StartThread]
        assert is_kept or words in (["POST chats"], ["StartThread refused illegal_state"]), state


@pytest.mark.row("D647")
def test_what_may_be_asked_of_a_site_needs_a_prepared_chat() -> None:
    for state in UNPREPARED:
        for kind in INQUIRIES:
            assert asked(state, kind)[1] == [f"{kind.__name__} refused illegal_state"]


@pytest.mark.row("D648")
def test_what_may_be_asked_of_a_site_is_asked_in_every_other_state() -> None:
    calls = ("GET availability", "GET version", "GET iceservers", "GET configuration")
    for state in S:
        if state not in UNPREPARED:
            for kind, call in zip(INQUIRIES, calls, strict=True):
                _, words = asked(state, kind)
                assert call in words, state
