"""Another customer after the first one, on the same machine: nothing of who was there before is used, or kept."""

import json
from typing import Any, Literal

import pytest

from deskline_core import inputs as i
from deskline_core.commands import SendRequest
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.values import Secret
from tests.core.cxone.alone import THREAD, Alone, each, nothing_to_recover, reach, towards_socket, with_thread
from tests.core.cxone.logins import ACCESS, QUIET, UNION, logged_in

OTHER = b"another seed of enough bytes"
LEAVING = (S.PREPARED, S.OFFLINE, S.AVAILABILITY, S.TOKEN, S.SOCKET, S.AUTHORIZING, S.RECOVERING, S.SERVING, S.LOST)


def used(mode: Literal["single", "live"], *, secured: bool) -> Alone:
    """Return a session with a token, a thread and a visit."""
    chat = with_thread(mode, secured=secured)
    chat.ask(i.ReportWindowOpened)
    while chat.calls:
        chat.reply("POST event")
    chat.saved()
    return chat


def connect(chat: Alone) -> list[str]:
    """Open the chat as far as its recovery; return what came out."""
    words = chat.ask(i.Open)
    words += chat.reply("GET configuration")
    words += chat.saved()
    words += chat.reply("PUT visitor")
    if chat.state is S.AVAILABILITY:
        words += chat.reply("GET availability")
    return words


@pytest.mark.parametrize("mode", ["single", "live"])
def test_after_a_restart_another_customer_has_another_visitor_token_thread_and_visit(
    mode: Literal["single", "live"],
) -> None:
    former = used(mode, secured=True)
    kept = dict(former.session.kept)
    assert {"identity", "credentials", "thread", "visit"} <= kept.keys()
    chat = Alone(mode, secured=True, restored=kept, seed=OTHER)
    chat.ask(i.SetCustomer, id="00042")
    assert set(chat.session.kept) == {"identity"}
    assert connect(chat)[-1] == "POST token"  # not the token at hand
    towards_socket(chat)
    assert b"00042" in chat.call("POST token").body
    assert chat.url["visitorId"] != json.loads(kept["identity"])["visitor"]
    words = chat.opened()
    assert words[-1].startswith("frame Recover")
    assert THREAD not in json.dumps(chat.frame(words[-1].split()[1]))
    assert chat.ask(i.ReportWindowOpened).count("POST event") == 2  # its visit is announced anew
    sent = [command.body.decode() for command in chat.log if isinstance(command, SendRequest)]
    assert not [body for body in sent if json.loads(kept["visit"])["id"] in body]
    assert not [body for body in sent if json.loads(kept["identity"])["customer"] in body]


def test_a_chat_that_was_stopped_while_preparing_keeps_nothing_of_its_customer() -> None:
    chat = with_thread()
    chat.ask(i.SendMessage, thread=THREAD, text="for your eyes only")
    mine = chat.frame("SendMessage")["payload"]["data"]["idOnExternalPlatform"]
    chat.ask(i.Disconnect)
    chat.closed(1000)
    chat.ask(i.Prepare)
    chat.ask(i.Disconnect)
    assert (chat.state, list(chat.session.threads)) == (S.INITIAL, [THREAD])
    assert chat.ask(i.SetCustomer, id="00042") == [
        "thread ended", "ended lost", "forget thread", "save identity", "SetCustomer answered",
    ]  # fmt: skip
    assert not chat.session.threads
    assert chat.ask(i.AwaitSettled, message=mine) == ["AwaitSettled refused unknown_message"]
    connect(chat)
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert THREAD not in json.dumps(chat.frame("RecoverThread")["payload"]["data"])


@pytest.mark.parametrize("identity", [None, "no JSON", "{}"])
def test_what_an_earlier_run_kept_of_nobody_known_is_not_for_whoever_is_named(identity: str | None) -> None:
    first = Alone()
    first.ask(i.SetCustomerFields, fields=(("illness", "gout"),))
    kept = {**first.session.kept, "thread": THREAD, "credentials": '{"access_token": "a-1"}'}
    kept |= {} if identity is None else {"identity": identity}
    chat = Alone(restored=kept, seed=OTHER)
    chat.ask(i.SetCustomerFields, fields=(("size", "L"),))
    words = chat.ask(i.SetCustomer, id="bob")
    assert words[:2] == ["forget credentials", "forget thread fields"]
    assert ("save identity" in words) == (identity is not None)
    assert dict(chat.session.customer_fields) == {}
    assert not {"thread", "fields", "credentials"} & chat.session.kept.keys()


def test_whoever_is_not_named_goes_on_with_what_was_set_before() -> None:
    first = Alone()
    first.ask(i.SetCustomerFields, fields=(("size", "L"),))
    again = Alone(restored=dict(first.session.kept), seed=OTHER)
    connect(again)
    assert dict(again.session.customer_fields) == {"size": "L"}


@pytest.mark.parametrize("named_first", [True, False])
def test_what_is_set_in_the_same_run_is_the_customers(named_first: bool) -> None:
    chat = Alone()
    asks: list[tuple[Any, dict[str, Any]]] = [
        (i.SetCustomer, {"id": "bob"}), (i.SetCustomerFields, {"fields": (("size", "L"),)}),
    ]  # fmt: skip
    for kind, fields in asks if named_first else reversed(asks):
        chat.ask(kind, **fields)
    assert dict(chat.session.customer_fields) == {"size": "L"}


def test_what_is_kept_of_a_named_customer_says_whose_it_is() -> None:
    first = Alone()
    first.ask(i.SetCustomer, id="bob")
    words = first.ask(i.SetCustomerFields, fields=(("size", "L"),))
    assert words[:2] == ["save identity", "save fields"]
    again = Alone(restored=dict(first.session.kept), seed=OTHER)
    again.ask(i.SetCustomer, id="bob")
    assert dict(again.session.customer_fields) == {"size": "L"}
    other = Alone(restored=dict(first.session.kept), seed=OTHER)
    other.ask(i.SetCustomer, id="ana")
    assert dict(other.session.customer_fields) == {}


def test_the_same_customer_goes_on() -> None:
    chat = used("single", secured=True)
    kept = dict(chat.session.kept)
    again = Alone(secured=True, restored=kept, seed=OTHER)
    assert again.ask(i.SetCustomer, id=json.loads(kept["identity"])["customer"], first_name="Kit") == [
        "save identity", "SetCustomer answered",
    ]  # fmt: skip
    connect(again)
    again.opened()
    assert again.frame("RecoverThread")["payload"]["data"] == {"thread": {"idOnExternalPlatform": THREAD}}
    assert again.url["visitorId"] == json.loads(kept["identity"])["visitor"]


# --- signed out ---


@pytest.mark.row("C10")
def test_whatever_arrives_after_a_sign_out_nothing_of_the_former_customer_is_kept_again() -> None:
    for chat in each(LEAVING):
        if chat.state in (S.PREPARED, S.SERVING):
            chat.ask(i.ReportWindowOpened)
        socket, calls = chat.socket, dict(chat.calls)
        chat.ask(i.SignOut)
        chat.closed(1000)
        chat.saved()
        words: list[str] = []
        for number in calls:
            token = b'{"accessToken":"t","expiresIn":600,"status":"online"}'
            words += chat.put(i.ResponseReceived(id=number, status=200, body=token))
        if socket:
            words += chat.hear(_authorized(), socket=socket)
        words += chat.wait(3600)
        assert not [word for word in words if word.startswith("save")]
        assert (chat.session.kept, chat.leaf.identity.visitor) == ({}, "")


def _authorized() -> dict[str, Any]:
    identity = {"idOnExternalPlatform": "someone"}
    data = {"consumerIdentity": identity, "accessToken": {"token": "t", "expiresIn": 600}}
    return {"eventId": "e-1", "postback": {"eventType": "ConsumerAuthorized", "data": data}}


def test_a_sign_out_empties_the_store_of_a_chat_that_was_used() -> None:
    chat = used("single", secured=True)
    chat.ask(i.SignOut)
    assert chat.closed(1000)[-1] == "forget identity credentials thread visit fields welcome"
    assert chat.saved() == ["SignOut answered"]
    assert chat.session.kept == {}
    assert reach(S.INITIAL, restored=dict(chat.session.kept)).leaf.identity.visitor == ""


@pytest.mark.parametrize("secured", [True, False])
def test_a_login_of_somebody_else_finds_nothing_of_the_one_before(secured: bool) -> None:
    kit, ana = {"idOnExternalPlatform": "kit"}, {"idOnExternalPlatform": "ana"}
    first = {**UNION, "customerIdentity": kit} if secured else {**ACCESS, "consumerIdentity": kit}
    chat = logged_in(secured=secured, answer=first, policy=QUIET)
    chat.ask(i.StartThread)
    thread = str(chat.answers[chat.asked])
    chat.ask(i.Disconnect)
    chat.closed(1000)
    chat.ask(i.SendMessage, thread=thread, text="of kit, for nobody else")
    chat.saved()
    chat.ask(i.Authenticate, code=Secret("code-of-ana"), verifier=Secret("verifier"))
    chat.ask(i.Open)
    if secured:
        words = chat.reply("POST token", {**UNION, "customerIdentity": ana})
    else:
        chat.opened()
        words = chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {**ACCESS, "consumerIdentity": ana})
    assert [word for word in words if thread_word(word)] == ["thread ended", "ended lost", "forget thread"]
    assert "CustomerIdentified" in words
    assert dict(chat.session.threads) == {}
    if secured:
        chat.opened()
    assert chat.frame("RecoverThread")["payload"]["data"] == {}  # the last one of hers, not of his
    nothing_to_recover(chat)
    assert chat.state is S.SERVING
    assert "SendMessage" not in [kind for kind, _ in chat.frames]


def test_the_same_customer_keeps_the_conversation_over_logins() -> None:
    kit = {"idOnExternalPlatform": "kit"}
    chat = logged_in(secured=True, answer={**UNION, "customerIdentity": kit}, policy=QUIET)
    chat.ask(i.StartThread)
    chat.ask(i.Disconnect)
    chat.closed(1000)
    chat.ask(i.Authenticate, code=Secret("another-code"), verifier=Secret("verifier"))
    chat.ask(i.Open)
    chat.reply("POST token", {**UNION, "customerIdentity": kit})
    assert [thread.state for thread in chat.session.threads.values()] == ["pending"]


def thread_word(word: str) -> bool:
    return word.startswith(("thread ", "ended ", "forget thread"))
