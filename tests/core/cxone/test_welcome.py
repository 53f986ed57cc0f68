"""The welcome text: shown in a new conversation, announced once before its first message (section 6.8)."""

import json
import tracemalloc
from typing import Any

import pytest

from deskline_center import controls as k
from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.events import ErrorReceived, MessageReceived, MessageUpdated, OfferReceived
from deskline_core.lifecycle import MessageStatus, ThreadState
from deskline_core.model import OfferKind, PartyRole, Upload
from deskline_core.policy import Policy
from tests.core.cxone.alone import CONTACT, Alone, reach, recovered_thread
from tests.playbook import Chat

QUIET = Policy(heartbeat=1e6)
HELLO = "Hi {{customer.firstName|there}}, need a hand?"
WELCOME = k.ProactiveAction(kind="WelcomeMessage", text=HELLO, fields={"source": "welcome"})


def template(text: str = HELLO, fields: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the push that brings a template."""
    handover = [{"ident": ident, "value": value} for ident, value in (fields or {}).items()]
    data = {"content": {"bodyText": text}, "handover": {"customFields": handover}}
    action = {"actionId": "a-1", "actionName": "First hello", "actionType": "WelcomeMessage", "data": data}
    return {"eventId": "e-1", "eventType": "FireProactiveAction", "data": {"proactiveAction": {"action": action}}}


def data(chat: Alone, kind: str) -> dict[str, Any]:
    """Return the data of the newest frame of a type."""
    found: dict[str, Any] = chat.frame(kind)["payload"]["data"]
    return found


def welcomed(mode: Any = "single", **rest: Any) -> tuple[Chat, str]:
    """Return a chat with a thread that shows its welcome, in a channel with the local center."""
    chat = Chat(mode, **rest).open()
    chat.control(WELCOME)
    thread = chat.start()
    return chat, thread


def greeted(policy: Policy = QUIET, **rest: Any) -> tuple[Alone, str]:
    """Return a bare session whose new thread shows the welcome."""
    chat = reach(S.SERVING, policy=policy, **rest)
    chat.hear(template(fields={"source": "welcome"}))
    chat.saved()
    chat.ask(i.StartThread)
    return chat, str(chat.answers[chat.asked])


def copy_of(message: str, text: str) -> dict[str, Any]:
    """Return the far side's copy of an announced welcome."""
    content = {"type": "TEXT", "payload": {"text": text}}
    return {"idOnExternalPlatform": message, "messageContent": content, "direction": "outbound",
            "createdAt": "2026-03-04T10:00:00Z"}  # fmt: skip


def say(chat: Alone, thread: str, text: str = "hello") -> list[str]:
    """Send a message."""
    return chat.ask(i.SendMessage, thread=thread, text=text)


# --- shown ---


@pytest.mark.row("M3")
@pytest.mark.parametrize("mode", ["single", "multi", "live"])
def test_a_new_conversation_shows_it_as_a_message_of_the_other_side(mode: Any) -> None:
    chat, thread = welcomed(mode)
    (offer,) = chat.news(OfferReceived)
    assert offer.offer.kind is OfferKind.WELCOME
    (message,) = chat.session.threads[thread].messages
    assert (message.text, message.mine, message.party.role) == ("Hi there, need a hand?", False, PartyRole.AGENT)
    assert message.status is MessageStatus.DELIVERED
    assert MessageReceived(thread=thread, message=message) in chat.events
    assert "SendOutbound" not in chat.kinds()  # for nobody who says nothing


def test_its_variables_are_those_of_customer_and_conversation() -> None:
    chat = Chat("single")
    chat.do(i.SetCustomer, id="kit", first_name="Kit", last_name="Marlow")
    chat.open()
    chat.ask(i.SetCustomerFields, fields=(("tier", "gold"),))
    text = "{{customer.fullName}} {{customer.customFields.tier}} {{contact.customFields.order}}"
    chat.control(k.ProactiveAction(kind="WelcomeMessage", text=text))
    assert chat.texts(chat.start(answers=(("order", "4711"),))) == ["Kit Marlow gold 4711"]


@pytest.mark.parametrize("text", ["", "  ", "{{customer.lastName}}", "x" * 40_000])
def test_a_text_that_says_nothing_or_too_much_is_not_shown(text: str) -> None:
    chat = Chat("single").open()
    chat.control(k.ProactiveAction(kind="WelcomeMessage", text=text))
    thread = chat.start()
    chat.say(thread, "hello")
    assert (chat.texts(thread), chat.kinds()[-1]) == (["hello"], "SendMessage")
    assert "SendOutbound" not in [frame.kind for frame in chat.wrote()]


def test_large_values_and_templates_make_no_large_texts() -> None:
    chat = reach(S.AUTHORIZING, policy=QUIET)
    large = [{"ident": "a", "value": "y" * 500_000}, {"ident": "b", "value": "y" * 1000}]
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {"customer": {"customFields": large}})
    chat.deny("RecoverThread", "RecoveringThreadFailed")
    assert list(chat.session.customer_fields) == ["b"]
    chat.ask(i.StartThread)
    thread = chat.session.threads[str(chat.answers[chat.asked])]
    tracemalloc.start()
    try:
        for name in "ab":
            assert chat.hear(template(f"{{{{customer.customFields.{name}|?}}}}" * 2000, {"a": "y" * 1025}))
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert [message.text for message in thread.messages] == ["?" * 2000]
    assert chat.leaf.welcome._record.fields == ()
    assert chat.session.counts["fields over the limit"] == 3


@pytest.mark.row("M5")
@pytest.mark.parametrize("mode", ["single", "multi", "live"])
def test_it_may_come_later_than_the_thread(mode: Any) -> None:
    chat = Chat(mode).open()
    thread = chat.start()
    chat.look()
    chat.control(WELCOME)
    assert chat.texts(thread) == ["Hi there, need a hand?"]
    chat.say(thread, "hello")
    assert [frame.kind for frame in chat.wrote() if frame.kind.startswith("Send")] == ["SendOutbound", "SendMessage"]


@pytest.mark.row("M5")
@pytest.mark.parametrize("mode", ["single", "live"])
def test_it_comes_too_late_for_a_conversation_that_goes_on(mode: Any) -> None:
    chat = Chat(mode)
    thread = chat.conversation()
    chat.control(WELCOME)
    assert chat.texts(thread) == ["hello"]
    chat.say(thread, "again")
    assert chat.kinds() == ["SendMessage"]


def test_a_new_template_gives_the_placeholder_its_new_text() -> None:
    chat, thread = greeted()
    (old,) = chat.session.threads[thread].messages
    assert chat.hear(template("Welcome back!")) == ["OfferReceived", "MessageUpdated", "save welcome"]
    (new,) = chat.session.threads[thread].messages
    assert (new.id, new.text) == (old.id, "Welcome back!")
    assert chat.hear(template("Welcome back!")) == ["OfferReceived"]
    say(chat, thread)
    assert chat.hear(template("Too late")) == ["OfferReceived", "save welcome"]
    assert chat.session.threads[thread].messages[0].text == "Welcome back!"


# --- announced ---


@pytest.mark.row("T5", "M4", "M6")
@pytest.mark.parametrize("mode", ["single", "multi", "live"])
def test_it_goes_once_before_the_first_message_under_the_placeholders_id(mode: Any) -> None:
    chat, thread = welcomed(mode)
    (placeholder,) = chat.session.threads[thread].messages
    chat.look()
    first = chat.say(thread, "hello")
    outbound, message = [frame for frame in chat.wrote() if frame.kind in ("SendOutbound", "SendMessage")]
    assert (outbound.kind, message.kind) == ("SendOutbound", "SendMessage")
    assert outbound.data["idOnExternalPlatform"] == placeholder.id
    assert outbound.data["messageContent"]["payload"] == {"text": "Hi there, need a hand?"}
    fields = [(field["ident"], field["value"]) for field in outbound.data["consumerContact"]["customFields"]]
    assert fields == [("source", "welcome")]
    assert chat.texts(thread) == ["Hi there, need a hand?", "hello"]  # its copy has taken the placeholder's place
    assert chat.session.threads[thread].messages[0].party.id
    assert (chat.status(first), chat.state_of(thread)) == ("delivered", ThreadState.OPEN)
    assert chat.far(thread).contact.fields["source"].value == "welcome"
    chat.say(thread, "again")
    assert [frame.kind for frame in chat.wrote()] == ["SendMessage"]


@pytest.mark.row("T5")
def test_the_first_message_carries_all_custom_fields_behind_it() -> None:
    chat, thread = greeted()
    chat.ask(i.SetThreadFields, thread=thread, fields=(("order", "4711"),))
    assert say(chat, thread)[-1] == "frame SendOutbound"
    assert [field["ident"] for field in data(chat, "SendOutbound")["consumerContact"]["customFields"]] == [
        "order",
        "source",
    ]
    created = {"id": CONTACT, "threadIdOnExternalPlatform": thread, "status": "open"}
    chat.hear({"eventId": "e", "eventType": "CaseCreated", "data": {"case": created}})
    assert chat.accept("SendOutbound") == ["message sending", "frame SendMessage"]
    carried = data(chat, "SendMessage")["contact"]["customFields"]
    assert [(field["ident"], field["value"]) for field in carried] == [("order", "4711"), ("source", "welcome")]


def test_fields_go_by_themselves_if_the_message_behind_it_is_gone() -> None:
    chat, thread = greeted()
    say(chat, thread)
    message = str(chat.answers[chat.asked])
    created = {"id": CONTACT, "threadIdOnExternalPlatform": thread, "status": "open"}
    copy = copy_of(data(chat, "SendOutbound")["idOnExternalPlatform"], "x")
    chat.hear({"eventId": "e", "eventType": "MessageCreated", "data": {"message": copy, "case": created}})
    assert chat.session.threads[thread].state is ThreadState.OPEN
    chat.ask(i.DiscardMessage, message=message)
    assert chat.accept("SendOutbound") == ["frame SetContactCustomFields"]


@pytest.mark.row("M6")
def test_its_copy_is_known_by_its_id_whatever_its_text() -> None:
    chat, thread = greeted()
    (placeholder,) = chat.session.threads[thread].messages
    say(chat, thread)
    copy = copy_of(placeholder.id, "Edited")
    told = {"message": copy, "thread": {"idOnExternalPlatform": thread}}
    assert "MessageUpdated" in chat.hear({"eventId": "e", "eventType": "MessageCreated", "data": told})
    assert [message.text for message in chat.session.threads[thread].messages] == ["Edited", "hello"]
    update = next(event for event in chat.told if isinstance(event, MessageUpdated))
    assert update.message.id == placeholder.id


def test_the_first_message_waits_for_its_answer_but_not_for_ever() -> None:
    chat, thread = greeted()
    assert say(chat, thread) == [
        "message queued",
        "SendMessage answered",
        "save welcome",
        "ThreadFieldsChanged",
        "frame SendOutbound",
    ]
    assert say(chat, thread, "and") == ["message queued", "SendMessage answered"]
    assert chat.wait(1.4) == []
    assert chat.wait(0.2) == ["message sending", "frame SendMessage", "message sending", "frame SendMessage"]
    assert chat.accept("SendOutbound") == []


def test_a_welcome_that_is_refused_stops_no_message() -> None:
    chat, thread = greeted()
    say(chat, thread)
    words = chat.deny("SendOutbound", "SendingOutboundFailed", "no")
    assert words == ["ErrorReceived", "message sending", "frame SendMessage"]
    assert ErrorReceived(code="SendingOutboundFailed", text="no", transaction="t-1", thread=thread) in chat.told
    say(chat, thread, "again")
    assert [kind for kind, _ in chat.frames].count("SendOutbound") == 1


def test_no_answer_at_all_is_no_news() -> None:
    chat, thread = greeted()
    say(chat, thread)
    chat.wait(1.5)
    chat.accept("SendMessage")
    told = len(chat.told)
    chat.wait(10)
    assert not any(isinstance(event, ErrorReceived) for event in chat.told[told:])


@pytest.mark.row("M4")
@pytest.mark.parametrize("unwritten", [True, False])
def test_after_a_loss_it_goes_again_only_if_it_never_left(unwritten: bool) -> None:
    chat, thread = greeted()
    say(chat, thread)
    chat.closed(unwritten=(chat.last_frame,) if unwritten else ())
    sent = len(chat.frames)
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    again = [kind for kind, _ in chat.frames[sent:]]
    assert again[1:] == (["SendOutbound"] if unwritten else ["SendMessage"])
    if unwritten:
        chat.accept("SendOutbound")
    assert chat.frames[-1][0] == "SendMessage"


def test_a_loss_after_the_end_of_the_thread_disturbs_nothing() -> None:
    chat = reach(S.SERVING, "multi", policy=QUIET)
    chat.hear(template())
    chat.ask(i.StartThread)
    thread = str(chat.answers[chat.asked])
    say(chat, thread)
    chat.ask(i.ArchiveThread, thread=thread)
    assert json.loads(chat.session.kept["welcome"])["greetings"] == {}
    assert "message" not in " ".join(chat.closed())
    assert chat.session.deadlines.at("welcome", thread) is None


@pytest.mark.row("P47")
def test_it_goes_after_the_files_of_the_first_message() -> None:
    chat = Chat("single").open()
    chat.control(WELCOME)
    thread = chat.start()
    chat.look()
    chat.control(k.Delay(match="rest:attachment", seconds=3))
    file = Upload(name="note.txt", content=b"hello", mime_type="text/plain")
    message = chat.ask(i.SendMessage, thread=thread, text="see", attachments=(file,))
    assert (chat.status(message), chat.kinds()) == ("uploading", [])
    chat.advance(4)
    assert chat.kinds() == ["SendOutbound", "SendMessage"]
    assert chat.status(message) == "delivered"


@pytest.mark.row("P47")
def test_if_they_cannot_be_uploaded_it_does_not_go_and_goes_once_later() -> None:
    chat = Chat("single").open()
    chat.control(WELCOME)
    thread = chat.start()
    chat.look()
    chat.control(k.Fail(match="rest:attachment", status=400))
    file = Upload(name="note.txt", content=b"hello", mime_type="text/plain")
    message = chat.ask(i.SendMessage, thread=thread, text="see", attachments=(file,))
    assert (chat.status(message), chat.kinds()) == ("failed", [])
    chat.ask(i.RetryMessage, message=message)
    assert chat.kinds() == ["SendOutbound", "SendMessage"]


def test_the_beginning_of_a_live_chat_does_not_announce_it() -> None:
    chat, thread = welcomed("live")
    begin = [frame for frame in chat.wrote() if frame.kind.startswith("Send")]
    assert [frame.data["messageContent"].get("parameters") for frame in begin] == [{"isInitialMessage": True}]
    chat.control(k.WarnInactive())
    chat.ask(i.AnswerInactivity, thread=thread, stay=True)  # neither does a hidden answer
    assert [frame.kind for frame in chat.wrote() if frame.kind.startswith("Send")] == ["SendMessage"]
    chat.say(thread, "hello")
    assert [frame.kind for frame in chat.wrote()][:2] == ["SendOutbound", "SendMessage"]


def test_once_others_have_spoken_it_comes_too_late() -> None:
    chat, thread = welcomed("live")
    chat.control(k.AgentJoins())
    chat.control(k.AgentSays(text="Good day, I am Noor."))
    chat.look()
    chat.say(thread, "hello")
    assert chat.kinds() == ["SendMessage"]


# --- over restarts and sign-out ---


def restarted(chat: Alone, thread: str, messages: list[dict[str, Any]] | None = None) -> Alone:
    """Return a session that comes back to the live chat of an earlier run."""
    again = reach(S.RECOVERING, "live", policy=QUIET, restored=dict(chat.session.kept), seed=b"another seed here")
    contact = {"id": CONTACT, "status": "open"}
    recovered = recovered_thread(thread=thread) | {"contact": contact, "messages": messages or []}
    again.answer("RecoverLivechat", "LivechatRecovered", recovered)
    assert again.state is S.SERVING
    return again


def test_the_template_is_kept_for_the_next_run() -> None:
    chat = reach(S.SERVING, policy=QUIET)
    chat.hear(template())
    again = reach(S.SERVING, policy=QUIET, restored=dict(chat.session.kept), seed=b"another seed here")
    again.ask(i.StartThread)
    (message,) = again.session.threads[str(again.answers[again.asked])].messages
    assert message.text == "Hi there, need a hand?"


@pytest.mark.row("M3")
def test_after_a_restart_a_live_chat_shows_its_placeholder_and_announces_it_once() -> None:
    chat, thread = greeted(mode="live")
    (placeholder,) = chat.session.threads[thread].messages
    again = restarted(chat, thread)
    assert again.session.threads[thread].messages == (placeholder,)
    assert MessageReceived(thread=thread, message=placeholder) in again.told
    assert say(again, thread)[-1] == "frame SendOutbound"
    assert data(again, "SendOutbound")["idOnExternalPlatform"] == placeholder.id


@pytest.mark.row("M4")
def test_what_was_announced_before_a_restart_is_not_announced_again() -> None:
    chat, thread = greeted(mode="live")
    say(chat, thread)
    again = restarted(chat, thread)
    assert again.session.threads[thread].messages == ()
    assert say(again, thread)[-1] == "frame SendMessage"


@pytest.mark.row("M4")
def test_what_the_far_side_has_is_not_announced_again() -> None:
    chat, thread = greeted(mode="live")
    (placeholder,) = chat.session.threads[thread].messages
    copy = copy_of(placeholder.id, "Hi")
    again = restarted(chat, thread, [copy])  # the crash came before the store had it
    assert [message.text for message in again.session.threads[thread].messages] == ["Hi"]
    assert say(again, thread)[-1] == "frame SendMessage"


@pytest.mark.row("P34")
def test_signing_out_forgets_it_and_each_conversation_has_its_own() -> None:
    chat, thread = greeted()
    say(chat, thread)
    chat.ask(i.SignOut)
    chat.closed()
    chat.saved()
    assert (chat.session.kept, chat.session.next_deadline) == ({}, None)
    chat.ask(i.Open)
    for call in ("GET configuration", "PUT visitor"):
        chat.reply(call)
        chat.saved()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    chat.deny("RecoverThread", "RecoveringThreadFailed")
    chat.ask(i.StartThread)
    other = str(chat.answers[chat.asked])
    assert chat.session.threads[other].messages == ()
    chat.hear(template())
    assert say(chat, other)[-1] == "frame SendOutbound"  # no guard of the former customer stands in its way


def test_so_many_threads_are_remembered_at_most() -> None:
    chat = Chat("multi").open()
    chat.control(WELCOME)
    threads = [chat.start() for _ in range(51)]
    kept = json.loads(chat.session.kept["welcome"])["greetings"]
    assert list(kept) == threads[1:]
    chat.look()
    chat.say(threads[0], "hello")
    assert chat.kinds() == ["SendMessage"]


@pytest.mark.parametrize("text", ["", "[]", '{"greetings": 5}', "\ud800"])
def test_what_cannot_be_read_of_the_store_counts_as_none(text: str) -> None:
    chat = reach(S.SERVING, restored={"welcome": text})
    chat.ask(i.StartThread)
    assert chat.session.threads[str(chat.answers[chat.asked])].messages == ()
