"""Who the customer is, what a site can be asked, and answering a warning."""

import json

import pytest

from deskline_core import inputs as i
from deskline_core.brightpattern.asking import ROUTES
from deskline_core.brightpattern.capabilities import capabilities
from deskline_core.brightpattern.chat_table import ChatStage as C
from deskline_core.brightpattern.connection_table import ConnectionState as S
from deskline_core.brightpattern.conversation import Conversation
from deskline_core.policy import Policy
from tests.core.brightpattern.alone import CHAT, HISTORY, SEND, SITE, V1, WARNED, Alone, ready, said, started, talking
from tests.core.brightpattern.standing import KEPT, at_stage, known, reach
from tests.core.every_request import REQUESTS, right_fields


def warned(**settings: object) -> Alone:
    """Return a session whose customer was warned."""
    chat = talking(**settings)
    chat.hear(WARNED)
    return chat


# --- what there is ---


def test_every_request_has_a_way_or_is_refused_as_not_supported() -> None:
    for site in (SITE, V1):
        for kind in REQUESTS:
            chat = Alone(site=site)
            words = chat.ask(kind, **right_fields(kind, CHAT))
            is_missing = kind not in ROUTES or kind.__name__ in {"FetchVersion", "NotePush", "RegisterDevice"} - set(
                capabilities(site)
            )
            assert (words == [f"{kind.__name__} refused not_supported"]) is is_missing, kind


def test_what_an_older_center_lacks() -> None:
    assert capabilities(SITE) - capabilities(V1) == {"RegisterDevice", "NotePush", "FetchVersion"}


def test_what_is_not_supported_is_told_where_to_look() -> None:
    chat = Alone()
    assert chat.ask(i.LeavePage) == ["LeavePage refused not_supported"]
    assert chat.refusal[2] == "chat.capabilities names what there is"


@pytest.mark.parametrize(
    ("call", "code", "status", "says", "hint"),
    [
        ("GET parameters", "1000", 400, "the contact center does not know the tenant as its own domain (1000)", "look"),
        ("GET parameters", "3000", 403, "the contact center does not know the app id (3000)", "look"),
        ("GET availability", "3000", 403, "the contact center does not know the app id (3000)", "look"),
        (
            "GET availability",
            "",
            404,
            "nothing at the url of the site answers as a contact center does",
            "connect again",
        ),
    ],
)
def test_who_waits_is_told_what_is_wrong_with_the_site(call: str, code: str, status: int, says: str, hint: str) -> None:
    chat = Alone()
    chat.ask(i.Open)
    chat.saved()
    chat.ask(i.AwaitReady)
    if call == "GET availability":
        chat.reply("GET parameters", {"parameters": []})
    chat.deny(call, code, status)
    assert chat.refusal[1] == says
    assert chat.refusal[2].startswith(hint)


# --- who the customer is ---


def test_who_the_customer_is_goes_with_every_request() -> None:
    chat = Alone()
    assert chat.ask(i.SetCustomer, id="customer-7", first_name="Ada") == ["SetCustomer answered"]
    assert chat.ask(i.Prepare) == ["chat preparing", "save identity"]
    assert chat.saved() == ["GET parameters"]
    assert chat.sent("GET parameters").headers[0][1].endswith('clientId="customer-7"')


def test_who_the_customer_is_needs_to_be_said_in_one_run_only() -> None:
    first = Alone()
    first.ask(i.SetCustomer, id="customer-7", first_name="Ada")
    started(chat=first)
    again = Alone(restored=dict(first.session.kept))
    assert again.ask(i.Open) == ["Open answered", "chat preparing", "GET parameters"]
    again.reply("GET parameters", {"parameters": []})
    assert again.sent(HISTORY).headers[0][1].endswith('clientId="customer-7"')


@pytest.mark.parametrize("id", ["", "a" * 201, 'a"b', "a,b", "a\\b", "a\r\nb", "é", "\x7f", "\ud800"])
def test_what_cannot_stand_in_a_header_is_no_id_of_a_customer(id: str) -> None:
    chat = Alone()
    assert chat.ask(i.SetCustomer, id=id) == ["SetCustomer refused invalid_value"]
    assert chat.leaf.identity.client_id == ""


def test_a_name_that_cannot_be_written_is_refused() -> None:
    for name in ("\ud800", "x" * 9999):
        assert Alone().ask(i.SetCustomer, id="a", first_name=name) == ["SetCustomer refused invalid_value"]
        assert ready().ask(i.StartThread, answers=((name, "x"),)) == ["StartThread refused invalid_value"]
        assert ready().ask(i.StartThread, answers=(("company", name),)) == ["StartThread refused invalid_value"]


def test_another_customer_on_the_same_device_finds_nothing_of_the_last_one() -> None:
    chat = Alone(restored=KEPT)
    assert chat.ask(i.SetCustomer, id="customer-7") == ["forget chat", "save identity", "SetCustomer answered"]
    assert json.loads(chat.session.kept["identity"])["client_id"] == "customer-7"
    known(chat)
    assert chat.open_calls() == ["GET availability"]
    chat = Alone(restored=KEPT)
    assert chat.ask(i.SetCustomer, id="client-1", first_name="Ada") == ["save identity", "SetCustomer answered"]
    known(chat)
    assert chat.open_calls() == ["GET history"]


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"client_id": 7}', "null"])
def test_what_was_kept_and_cannot_be_read_counts_as_nothing(kept: str) -> None:
    chat = Alone(restored={"identity": kept, "chat": ""})
    assert chat.ask(i.Open) == ["Open answered", "chat preparing", "save identity"]


@pytest.mark.parametrize("id", ["", "a" * 201, "\ud800"])
def test_a_kept_id_of_a_chat_that_cannot_be_sent_is_none(id: str) -> None:
    chat = known(Alone(restored=KEPT | {"chat": id}))
    assert chat.open_calls() == ["GET active"]


def test_what_is_kept_of_a_customer_is_not_shown() -> None:
    assert "client-1" not in repr(Alone(restored=KEPT).leaf.identity.kept)


def test_a_client_id_that_is_kept_after_all_is_forgotten_asks_nothing() -> None:
    chat = Alone()
    chat.ask(i.Open)
    (kept,) = chat.saves
    chat.ask(i.SignOut)
    assert chat.put(i.Saved(id=kept)) == []
    assert chat.open_calls() == []


# --- a push that names nothing ---


def test_a_push_without_a_chat_is_nobody_s() -> None:
    for id in ("", "a" * 201, "\ud800x"):
        chat = talking()
        words = chat.ask(i.NotePush, conversation=id)
        assert words in (["NotePush answered"], ["NotePush refused invalid_value"])
        assert chat.answers.get(chat.asked) in (False, None)


def test_a_push_for_a_chat_whose_site_is_lost_waits_for_the_app_to_connect() -> None:
    chat = reach(S.LOST)
    assert chat.ask(i.NotePush, conversation=CHAT) == ["NotePush answered"]
    assert (chat.answers[chat.asked], chat.open_calls()) == (True, [])


# --- a warning ---


def test_a_warning_is_answered_by_a_message() -> None:
    chat = warned()
    assert chat.ask(i.AnswerInactivity, thread=CHAT, stay=True) == [
        "message queued", "AnswerInactivity answered", "message sending", "POST message",
    ]  # fmt: skip
    assert chat.posted()["msg_text"] == chat.session.policy.stay_text
    assert chat.reply(SEND)[0] == "warning cleared"


def test_a_warning_that_is_not_heeded_ends_it() -> None:
    chat = warned()
    assert chat.ask(i.AnswerInactivity, thread=CHAT, stay=False) == ["chat ending", "POST end"]


def test_without_a_text_a_warning_is_answered_by_the_app_s_own_message() -> None:
    chat = warned(policy=Policy(stay_text=""))
    assert chat.ask(i.AnswerInactivity, thread=CHAT, stay=True) == ["AnswerInactivity refused not_supported"]
    assert chat.thread.inactivity is not None


def test_where_no_warning_stands_there_is_none_to_answer() -> None:
    assert talking().ask(i.AnswerInactivity, thread=CHAT, stay=True) == ["AnswerInactivity refused illegal_state"]
    assert talking().ask(i.AnswerInactivity, thread="none", stay=True) == ["AnswerInactivity refused unknown_thread"]


def test_a_warning_stands_where_no_message_is_taken_any_more() -> None:
    chat = at_stage(C.COMPLETED)
    chat.hear(WARNED)
    assert chat.ask(i.AnswerInactivity, thread=CHAT, stay=True) == ["AnswerInactivity refused illegal_state"]
    assert chat.thread.inactivity is not None


# --- bounds ---


def test_what_waits_for_the_chat_is_bounded() -> None:
    chat = Alone(policy=Policy(outbox=1))
    chat.ask(i.Open)
    assert chat.ask(i.StartThread) == []
    assert chat.ask(i.StartThread) == ["StartThread refused limit_reached"]


def test_the_oldest_conversations_make_room() -> None:
    chat = started(policy=Policy(threads=1))
    chat.hear({"event": "chat_session_ended"})
    chat.saved()
    chat.ask(i.StartThread)
    chat.reply("POST chats", {"chat_id": "another", "state": "queued", "is_new_chat": True})
    assert list(chat.session.threads) == ["another"]


# --- waiting for ready ---


def test_whoever_waits_where_nothing_is_tried_any_more_is_told_why() -> None:
    chat = reach(S.LOST)
    assert chat.ask(i.AwaitReady) == ["AwaitReady refused site_refused"]
    chat.leaf.connection.lost_by = None
    assert chat.ask(i.AwaitReady) == ["AwaitReady refused connection_lost"]
    assert Alone().ask(i.AwaitReady) == ["AwaitReady refused not_connected"]
    assert reach(S.OFFLINE).ask(i.AwaitReady) == ["AwaitReady refused offline"]
    assert ready().ask(i.AwaitReady) == ["AwaitReady answered"]


def test_whoever_no_longer_waits_is_not_told() -> None:
    chat = reach(S.CHECKING)
    chat.ask(i.AwaitReady)
    chat.ask(i.StartThread)
    chat.withdraw(chat.asked - 1)
    chat.withdraw(chat.asked)
    assert chat.reply("GET availability", {"chat": "available"}) == ["chat ready"]


# --- what an app reads ---


def test_a_conversation_has_no_name_fields_or_other_customers() -> None:
    chat = talking()
    chat.hear(said("Hello"))
    thread = chat.thread
    assert isinstance(thread, Conversation)
    assert (thread.name, dict(thread.fields), tuple(thread.participants), thread.has_more) == ("", {}, (), False)
    assert (thread.id, thread.case, thread.queue) == (CHAT, "", None)
    session = chat.session
    assert (session.customer_questions, session.thread_questions, dict(session.customer_fields)) == ((), (), {})
    assert session.file_limits is not None


def test_a_refusal_without_a_request_tells_nobody() -> None:
    chat = talking()
    chat.leaf.desk.current.fire("start", None)
    chat.leaf.connection.fire("prepare", None)
    assert chat.put(i.Tick()) == []
    assert chat.refusals == []


def test_reports_of_sockets_are_stale() -> None:
    chat = ready()
    for report in (i.SocketOpened(socket=1), i.SocketClosed(socket=1), i.FrameReceived(socket=1, text="{}")):
        assert chat.put(report) == []
    assert chat.session.counts["stale completions"] == 3


def test_a_late_answer_to_whether_the_site_is_open_is_dropped() -> None:
    chat = reach(S.CHECKING)
    number = next(iter(chat.calls))
    chat.ask(i.Disconnect)
    chat.ask(i.Connect)
    assert chat.put(i.ResponseReceived(id=number, status=200, body=b'{"chat":"available"}', headers=())) == []
    assert chat.session.counts["stale completions"] == 1
