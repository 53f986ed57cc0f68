"""A CXone session as a whole: the same inputs give the same bytes, a restart goes on, and nothing is left open."""

import msgspec
import pytest

from deskline_center import controls as k
from deskline_core import inputs as i
from deskline_core.commands import Answer, Refuse, SendFrame
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Policy
from deskline_core.values import Secret
from tests.core.cxone.alone import THREAD, Alone, configuration, reach, recovered_thread, with_thread
from tests.core.cxone.every_request import REQUESTS, right_fields
from tests.playbook import Chat

COMMON = {
    "StartThread", "OpenThread", "SendMessage", "RetryMessage", "DiscardMessage", "StartTyping", "StopTyping",
    "MarkRead", "LoadMore", "ExecuteTrigger", "SetCustomer", "SetCustomerFields", "SetThreadFields",
    "ViewPage", "LeavePage", "ReportWindowOpened", "ReportConversion", "ReportOffer", "ReportVisitorEvent",
    "RegisterDevice",
}  # fmt: skip


def plain(value: object) -> bytes:
    """Return a value as bytes, secrets revealed."""

    def reveal(inner: object) -> object:
        assert isinstance(inner, Secret), inner
        return inner.reveal()

    return msgspec.json.encode(value, enc_hook=reveal)


def life(seed: bytes) -> list[bytes]:
    """Run a chat through losses, messages, a page, an end and a sign-out; return all that came out."""
    chat = Chat("live", "secured", seed=seed)
    thread = chat.conversation()
    chat.control(k.AgentJoins())
    chat.control(k.AgentSays(text="hello"))
    chat.do(i.ViewPage, title="Mugs", url="https://shop.example.test/mugs")
    chat.unwritten = True
    chat.say(thread, "are you there?")
    chat.cut()
    chat.back()
    chat.advance(120)
    chat.do(i.EndThread, thread=thread)
    chat.do(i.StartThread)
    chat.do(i.SignOut)
    return [plain(command) for command in chat.log]


# --- determinism ---


@pytest.mark.row("R15", "R19")
def test_the_same_inputs_times_and_seed_give_the_same_bytes() -> None:
    assert life(b"one seed of sixteen bytes") == life(b"one seed of sixteen bytes")


def test_another_seed_gives_other_ids() -> None:
    one, other = life(b"one seed of sixteen bytes"), life(b"another seed of enough bytes")
    assert len(one) > 80
    assert not {line for line in one if b"eventId" in line} & {line for line in other if b"eventId" in line}


# --- a restart ---


def test_a_restart_keeps_visitor_customer_and_thread_and_repeats_no_id() -> None:
    first = with_thread()
    first.ask(i.SendMessage, thread=THREAD, text="hello")
    again = reach(S.RECOVERING, restored=dict(first.session.kept), seed=b"another seed of enough bytes")
    assert again.leaf.identity.visitor == first.leaf.identity.visitor
    assert again.leaf.identity.customer == first.leaf.identity.customer
    assert again.frame("RecoverThread")["payload"]["data"] == {"thread": {"idOnExternalPlatform": THREAD}}
    again.answer("RecoverThread", "ThreadRecovered", recovered_thread())
    again.ask(i.SendMessage, thread=THREAD, text="hello again")
    ids = [{frame["eventId"] for _, frame in chat.frames} for chat in (first, again)]
    messages = [chat.frame("SendMessage")["payload"]["data"]["idOnExternalPlatform"] for chat in (first, again)]
    assert not ids[0] & ids[1]
    assert messages[0] != messages[1]


def test_a_session_that_did_nothing_has_nothing_to_keep() -> None:
    assert Alone().session.kept == {}
    assert Alone(restored={"of another time": "x"}).session.kept == {"of another time": "x"}


# --- every request is settled ---


def test_every_request_is_settled_once_whatever_the_state() -> None:
    requests = [(kind, right_fields(kind)) for kind in REQUESTS]
    requests.append((i.StartThread, {"reuse": True}))
    for state in S:
        for kind, fields in requests:
            chat = reach(state)
            chat.ask(kind, **fields)
            asked = chat.asked
            for finish in (i.Disconnect, i.SignOut):
                chat.ask(finish)
                chat.wait(5)
            chat.wait(60)
            settled = [x.request for x in chat.log if isinstance(x, Answer | Refuse)]
            assert settled.count(asked) == 1, (state, kind)
            assert len(settled) == len(set(settled)), (state, kind)


# --- opening ---


def test_open_prepares_and_connects_and_may_be_said_again() -> None:
    chat = Alone()
    assert chat.ask(i.Open) == ["Open answered", "chat preparing", "GET configuration"]
    assert chat.ask(i.Open) == ["Open answered"]
    chat.reply("GET configuration")
    chat.saved()
    assert chat.reply("PUT visitor") == ["chat prepared", "chat connecting", "open 1"]
    assert chat.ask(i.Open) == ["Open answered"]


def test_open_brings_a_lost_or_prepared_chat_back() -> None:
    assert reach(S.LOST).ask(i.Open) == ["Open answered", "chat connecting", "open 2"]
    assert reach(S.PREPARED).ask(i.Open) == ["Open answered", "chat connecting", "open 1"]
    assert reach(S.OFFLINE).ask(i.Open) == ["Open answered", "chat connecting", "GET availability"]


# --- what the channel can do ---


def test_capabilities_are_those_of_the_channel_once_it_is_known() -> None:
    live, multi = {"EndThread", "AnswerInactivity", "SendOfflineMessage"}, {"RenameThread", "ArchiveThread"}
    by_setting = {name for names in BY_SETTING.values() for name in names}
    assert Alone().session.capabilities == COMMON | live | multi | by_setting | {"SendTranscript", "Authenticate"}
    assert reach(S.PREPARED).session.capabilities == COMMON
    assert reach(S.PREPARED, "multi").session.capabilities == COMMON | multi
    assert reach(S.PREPARED, "live").session.capabilities == COMMON | live
    chat = reach(S.CONFIGURATION)
    body = configuration("single", secured=False)
    chat.reply("GET configuration", {**body, "settings": {**body["settings"], "liveChatAllowTranscript": True}})
    assert chat.session.capabilities == COMMON | {"SendTranscript"}


BY_SETTING = {
    ("isGroupChatAllowed",): {"JoinThread", "LeaveThread"},
    ("isGroupChatAllowed", "canCustomerInviteToGroupChat"): {
        "JoinThread", "LeaveThread", "CreateInvitation", "SendInvitation",
    },
    ("canCustomerInviteToGroupChat",): set[str](),
    ("enableChatTypingPreview",): {"PreviewText"},
    ("enablePersistentMenu",): {"FetchMenu"},
}  # fmt: skip


@pytest.mark.parametrize("names", BY_SETTING, ids=" ".join)
def test_settings_of_the_channel_admit_what_stands_beside_a_chat(names: tuple[str, ...]) -> None:
    chat = reach(S.CONFIGURATION)
    body = configuration("single", secured=False)
    chat.reply("GET configuration", {**body, "settings": {**body["settings"], **dict.fromkeys(names, True)}})
    assert chat.session.capabilities == COMMON | BY_SETTING[names]


def test_the_survey_is_known_once_prepared() -> None:
    chat = Alone()
    assert not chat.session.questions
    chat.ask(i.Prepare)
    definition = {"ident": "order", "label": "Order?", "type": "text"}
    fields = [{"isRequired": True, "definition": definition}]
    survey = {"id": "s-1", "name": "Before", "channels": [{"id": "chat_x"}], "customFields": fields}
    body = {**configuration("single", secured=False), "channelIdOnExternalPlatform": "x", "preContactForm": survey}
    chat.reply("GET configuration", body)
    (question,) = chat.session.questions
    assert (question.id, question.label, question.required) == ("order", "Order?", True)


# --- triggers and deadlines of threads ---


def test_a_trigger_is_executed_when_ready() -> None:
    chat = reach(S.SERVING)
    assert chat.ask(i.ExecuteTrigger, trigger="hello") == ["frame ExecuteTrigger", "ExecuteTrigger answered"]
    assert chat.ask(i.ExecuteTrigger, trigger="x" * 257) == ["ExecuteTrigger refused invalid_value"]
    assert chat.ask(i.ExecuteTrigger, trigger="half \ud83d") == ["ExecuteTrigger refused invalid_value"]


@pytest.mark.row("P46")
def test_an_end_that_is_never_confirmed_is_looked_after() -> None:
    chat = reach(S.ENDING, policy=Policy(heartbeat=60))
    assert chat.accept("EndContact") == []
    assert chat.wait(9.9) == []
    assert chat.wait(0.1) == ["thread recovering", "frame RecoverLivechat"]
    assert chat.state is S.ENDING


def test_deadlines_of_a_thread_that_is_gone_are_nothing() -> None:
    chat = with_thread()
    chat.ask(i.StartTyping, thread=THREAD)
    chat.leaf.desk.threads.clear()
    chat.leaf.composing._texts[THREAD] = "Wh"
    for name in ("typing", "preview", "agent typing", "end", "inactivity"):
        chat.session.deadlines.set(name, chat.now, THREAD)
    chat.session.deadlines.set("exchange", chat.now, "no such event")
    chat.session.deadlines.set("copy", chat.now, "no such message")
    assert chat.wait(0) == []


def test_triggers_are_within_the_limits() -> None:
    chat = reach(S.SERVING, policy=Policy(outbox=1, rate_limit=(2, 60.0), heartbeat=3600))  # both are used
    assert chat.ask(i.ExecuteTrigger, trigger="hello") == ["ExecuteTrigger answered"]
    assert chat.ask(i.ExecuteTrigger, trigger="hello") == ["ExecuteTrigger refused limit_reached"]


def test_a_chat_that_is_left_types_no_more() -> None:
    chat = with_thread()
    chat.ask(i.StartTyping, thread=THREAD)
    chat.closed()
    chat.session.deadlines.set("typing", chat.now, THREAD)
    assert chat.wait(0) == []
    assert [x for x in chat.log if isinstance(x, SendFrame)][-1].frame == chat.last_frame


def test_a_request_that_no_rule_admits_is_refused() -> None:
    chat = reach(S.INITIAL)
    chat.leaf.connection.state = "a state of tomorrow"
    assert chat.ask(i.SetCustomer, id="x") == ["SetCustomer refused illegal_state"]
    assert chat.refusal[1] == "no rule admits SetCustomer now"


def test_a_trigger_of_the_sessions_own_that_is_refused_troubles_nobody() -> None:
    chat = reach(S.SERVING)
    chat.leaf.connection.fire("prepare")
    chat.leaf.credentials.refused(None, None)
    assert (chat.put(i.Tick()), chat.state) == ([], S.SERVING)
