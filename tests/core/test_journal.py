"""What is recorded can be replayed without seed and without secrets, and a changed line is found."""

import json
import re
import tomllib
from base64 import b64encode
from typing import Any, get_args

import pytest

from deskline_center import Center
from deskline_center.controls import ProactiveAction, SetFields, WarnInactive
from deskline_center.cxone import CXoneChannel, FieldDefinition, Survey, channel_id
from deskline_center.cxone.channel import Choice
from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.checks import check_email
from deskline_core.cxone.site import CXone
from deskline_core.diagram import sequence
from deskline_core.errors import IllegalState, JournalError, NotSupported
from deskline_core.events import MessageReceived
from deskline_core.ids import Ids, PlayedIds
from deskline_core.journal import FORMAT, LIBRARY, Recorder, replay, verify
from deskline_core.model import Location, OfferOutcome, PushNetwork, SignalKind, Upload
from deskline_core.policy import Policy
from deskline_core.session import Session
from deskline_core.values import Secret
from tests.core.cxone.alone import THREAD, Alone, recovered_thread
from tests.core.cxone.every_request import EVERYTHING
from tests.core.every_request import REQUESTS, right_fields
from tests.core.mermaid import check_sequence
from tests.core.recorded import (
    CHANNELS,
    LETTER,
    PICTURE,
    QUESTION,
    STORIES,
    Mode,
    Recorded,
    Style,
    Taped,
    files,
    recorded,
    visit,
    visitor,
)
from tests.core.wrong_fields import WRONG_FIELDS
from tests.house.product import ROOT
from tests.pair import SEED

LIVE = channel_id("live", "secured")
SITE = CXone(environment="EU1", brand_id=1386, channel_id="chat_1")
CANARY = "canary-4711-must-not-be-seen"
PLACEHOLDER = Secret("secret-0123456789")  # stays as it is
UPLOAD = Upload(name="mug.jpg", content=b"\xff\xd8\x00", mime_type="image/jpeg")


def small() -> list[str]:
    return visit(Recorded(LIVE), "live").lines


# --- round trips ---


@pytest.mark.parametrize("texts", ["plain", "hashed"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
@pytest.mark.parametrize(("mode", "style"), CHANNELS)
def test_a_replay_gives_the_same_commands(story: Any, mode: Mode, style: Style, texts: Any) -> None:
    chat = recorded(story, mode, style, texts=texts)
    report = verify(chat.lines)
    assert (report.line, report.fault) == (0, "")
    assert report.is_good
    assert (report.inputs, report.commands) == (len(chat.lines) - 1, len(chat.log))


def test_where_nothing_is_secret_the_commands_are_equal_as_they_are() -> None:
    chat = recorded(visit, "multi", "legacy")
    secret = re.compile("accessToken|EventInS3|scrollToken|s3Object")
    replayed = [command for step in replay(chat.lines) for command in step.commands]
    assert len(replayed) == len(chat.log)
    equal = [ours == theirs for ours, theirs in zip(replayed, chat.log, strict=True)]
    strange = [command for command, is_equal in zip(chat.log, equal, strict=True) if not is_equal]
    assert all(isinstance(command, c.Save | c.SendFrame | c.SendRequest) for command in strange)
    assert len(strange) < len(equal) / 10
    assert all(secret.search(command.text) for command in strange if isinstance(command, c.SendFrame))


def test_the_same_run_gives_the_same_journal() -> None:
    assert small() == small()


def test_recording_does_not_change_the_run() -> None:
    class Silent(Taped):
        def handle(self, input: i.Input, *, now: float) -> Any:
            return self._session.handle(input, now=now)

    loud, silent = Recorded(LIVE), Recorded(LIVE)
    silent.tape = Silent(Session(silent.site, seed=SEED), "plain")
    silent.session = silent.tape  # type: ignore[assignment]
    assert visit(loud, "live").log == visit(silent, "live").log


def test_a_restored_session_is_replayed() -> None:
    first = recorded(visit, "single", "secured")
    kept = dict(first.session.kept)
    assert "token" in kept["credentials"]
    channel, seed = channel_id("single", "secured"), b"another seed of 16 bytes"
    again = Recorded(channel, center=first.center, restored=kept, seed=seed, now=first.now)
    again.do(i.Open)
    again.advance(60)
    assert again.told() == []
    assert again.session.state == "ready"
    assert verify(again.lines).is_good
    token = json.loads(kept["credentials"])["token"]
    assert token not in "".join(again.lines)


def test_an_inactivity_warning_is_replayed_with_hashed_texts() -> None:
    chat = Recorded(LIVE, texts="hashed")
    chat.do(i.Open)
    chat.advance(1)
    thread = chat.ask(i.StartThread)
    chat.on(WarnInactive())
    chat.ask(i.AnswerInactivity, thread=thread, stay=True)
    chat.advance(200)
    assert verify(chat.lines).is_good


def test_answers_that_are_choices_of_the_site_are_not_hashed() -> None:
    survey = Survey(
        name="Before we start",
        fields=(
            FieldDefinition(ident="size", label="Size", type="list", choices=(Choice(name="large", value="Large"),)),
            FieldDefinition(ident="name", label="Your name", required=True),
        ),
    )
    channel = CXoneChannel(id="chat_1", mode="live", survey=survey)
    chat = Recorded("chat_1", texts="hashed", center=Center(base_url="http://localhost:8080", channels=(channel,)))
    chat.do(i.Open)
    chat.advance(1)
    chat.ask(i.StartThread, answers=(("size", "large"), ("name", "Ada Ostermann")))
    chat.advance(1)
    assert verify(chat.lines).is_good
    (start,) = [step.input for step in replay(chat.lines) if isinstance(step.input, i.StartThread)]
    (_, size), (_, name) = start.answers
    assert (size, len(name)) == ("large", len("Ada Ostermann"))
    assert "Ostermann" not in "".join(chat.lines)


def test_a_choice_from_before_the_questions_are_known_is_the_same_in_the_replay() -> None:
    late = (Choice(name="ship", value="Shipping"), Choice(name="late", value="Late parcel", parent="ship"))
    topic = FieldDefinition(ident="topic", label="Topic", type="tree", choices=late)
    survey = Survey(name="Before we start", fields=(topic,))
    channel = CXoneChannel(id="chat_1", mode="multi", survey=survey, customer_fields=(topic,))
    chat = Recorded("chat_1", texts="hashed", center=Center(base_url="http://localhost:8080", channels=(channel,)))
    early = chat.do(i.StartThread, answers=(("topic", "late"),))
    wrong = chat.do(i.StartThread, answers=(("topic", "Ada Ostermann"),))
    chat.do(i.SetCustomerFields, fields=(("topic", "late"), ("note", "to Ada Ostermann")))
    chat.do(i.Open)
    chat.advance(1)
    thread = chat.answers[early]
    assert chat.session.threads[thread].fields == {"topic": "late"}
    assert chat.refusals[wrong].code == "invalid_value"
    chat.ask(i.SetThreadFields, thread=thread, fields=(("topic", "Late parcel"),))
    chat.ask(i.SetCustomerFields, fields=(("topic", "late"),))
    chat.ask(i.SendMessage, thread=thread, text="hello")
    chat.on(
        SetFields(
            thread=thread, contact={"topic": "ship", "note": "Ada Ostermann"}, customer={"topic": "late"}, tell=True
        )
    )
    chat.on(ProactiveAction(text="Hi {{contact.customFields.note|there}}", button="Go", fields={"a": "Ada Ostermann"}))
    chat.advance(1)
    assert verify(chat.lines).is_good
    assert "Ostermann" not in "".join(chat.lines)


def test_what_is_kept_of_fields_and_welcome_is_hashed_where_it_is_restored() -> None:
    first = Recorded(LIVE, texts="hashed")
    first.do(i.Open)
    first.advance(1)
    first.on(ProactiveAction(text="Hi {{contact.customFields.note|there}}"))
    first.ask(i.StartThread, answers=(("note", "Ada Ostermann"),))
    first.ask(i.SetCustomerFields, fields=(("note", "Ada Ostermann"),))
    kept = {**first.session.kept, "fields": '{"customFields":[{"ident":"note","value":"Ada Ostermann"}]}'}
    again = Recorded(LIVE, texts="hashed", center=first.center, restored=kept, seed=b"another seed here", now=first.now)
    again.do(i.Open)
    again.advance(1)
    assert verify(again.lines).is_good
    assert "Ostermann" not in "".join((*first.lines, *again.lines))


# --- what stands in it ---


def test_the_first_line_says_what_it_is() -> None:
    session = Session(SITE, policy=Policy(heartbeat=7.0), seed=SEED, restored={"thread": "t-1"})
    header = json.loads(Recorder(session, texts="hashed").header())
    assert header["format"] == "deskline journal"
    assert (header["version"], header["library"], header["vendor"]) == (FORMAT, LIBRARY, "cxone")
    assert header["site"]["channel_id"] == "chat_1"
    assert header["policy"]["heartbeat"] == 7.0
    assert header["restored"] == {"thread": "t-1"}
    assert header["texts"] == "hashed"


def test_the_library_names_its_own_version() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"] == LIBRARY


def test_a_line_is_one_line_of_ascii_and_ends_with_the_digest() -> None:
    for line in small():
        assert line.isascii()
        assert "\n" not in line
    assert re.fullmatch(r'\{"at":.*,"input":\{"kind":.*\},"draws":\[.*\],"sum":"\w+","digest":"[0-9a-f]{32}"\}', line)


def test_the_seed_is_in_none_of_its_forms() -> None:
    text = "".join(small())
    assert SEED.hex() not in text
    assert SEED.decode() not in text


@pytest.mark.parametrize("kind", get_args(i.Input), ids=lambda kind: kind.__name__)
def test_every_input_can_be_recorded_and_read(kind: type[Any]) -> None:
    fields: dict[str, Any] = {"request": 1, "socket": 3, "id": 5, "thread": "t", "message": "m", "text": "half \ud83d",
                              "stay": True, "name": "n", "email": "a@b.example", "trigger": "x", "type": "PageView",
                              "status": 200, "body": b"\xff\x00 raw", "unwritten": (1, 2), "code": 1006,
                              "headers": (("retry-after", "3"),), "data": (("a", "b"),), "fields": (("a", "b"),),
                              "title": "Mugs", "url": "app://mugs", "total": 2,
                              "emails": ("a@b.example",), "value": 1.5, "offer": "o", "outcome": OfferOutcome.CLICKED,
                              "verifier": PLACEHOLDER, "attachments": (UPLOAD,), "conversation": "c-1", "form": "17",
                              "party": "9C1E", "kind": SignalKind.CALL, "attachment": 1,
                              "location": Location(latitude=52.52, longitude=13.405)}  # fmt: skip
    given = {name: fields[name] for name in kind.__struct_fields__ if name in fields}
    if kind is i.SetCustomer:
        given["id"] = "customer"
    if "code" in kind.__struct_fields__ and kind is not i.SocketClosed:
        given["code"] = PLACEHOLDER if kind is i.Authenticate else PLACEHOLDER.reveal()
    if kind is i.RegisterDevice:
        given |= {"token": PLACEHOLDER, "network": PushNetwork.APNS}
    if kind is i.SendSignal:
        given["data"] = "{}"
    if kind is i.RequestProgressed:
        given["sent"] = 1
    input = kind(**given)
    session = Session(SITE, seed=SEED)
    recorder = Recorder(session)
    lines = [recorder.header(), recorder.line(input, 5.0, session.handle(input, now=5.0))]
    (step,) = replay(lines)
    assert step.input == input
    assert (step.line, step.at, step.fault) == (2, 5.0, "")


@pytest.mark.parametrize("texts", ["plain", "hashed"])
@pytest.mark.parametrize("kind", [*REQUESTS, i.Withdraw])
def test_a_request_of_wrong_types_is_refused_in_the_replay(kind: Any, texts: Any) -> None:
    right = {"request": 7} if kind is i.Withdraw else {"request": 7, **right_fields(kind, THREAD)}
    wrong = [case.values[1:] for case in WRONG_FIELDS if case.values[0] is kind] + [("request", "x"), ("request", True)]
    session = Session(SITE, seed=SEED)
    recorder = Recorder(session, texts=texts)
    asked = [kind(**right | {str(name): value}) for name, value in wrong]
    lines = [recorder.header(), *(recorder.line(it, 5.0, session.handle(it, now=5.0)) for it in asked)]
    assert verify(lines).fault == ""
    check_sequence(sequence(lines))
    refused = [it.code for step in replay(lines) for it in step.commands if isinstance(it, c.Refuse)]
    assert refused == ["invalid_value"] * (len(wrong) - 2)


def test_only_a_new_session_of_a_known_site_can_be_recorded() -> None:
    session = Session(SITE, seed=SEED)
    session.handle(i.Tick(), now=1.0)
    with pytest.raises(IllegalState):
        Recorder(session)
    drawn = Session(SITE, seed=SEED)
    drawn.ids.uuid()
    with pytest.raises(IllegalState):
        Recorder(drawn)

    class Elsewhere:
        identity = "elsewhere"

        def attach(self, session: Session) -> Any:
            return SITE.attach(session)

    with pytest.raises(NotSupported):
        Recorder(Session(Elsewhere(), seed=SEED))


# --- secrets and texts ---


def test_no_token_of_the_center_is_in_the_journal() -> None:
    for mode, style in CHANNELS:
        for story in STORIES:
            chat = recorded(story, mode, style)
            tokens = set(re.findall(r'"(?:token|accessToken)":"([^"]+)"', _all_that_was_sent(chat)))
            assert tokens or style == "legacy"
            text = "".join(chat.lines)
            assert [token for token in tokens if token in text] == []


def _all_that_was_sent(chat: Recorded) -> str:
    parts = [command.value.reveal() for command in chat.log if isinstance(command, c.Save)]
    return "".join(parts + [command.text for command in chat.log if isinstance(command, c.SendFrame)])


SECRETS: list[i.Input] = [
    i.ResponseReceived(id=1, status=200, body=json.dumps({"accessToken": CANARY, "expiresIn": 60}).encode()),
    i.ResponseReceived(id=1, status=200, body=json.dumps({"thirdParty": {"refresh_token": CANARY}}).encode()),
    i.ResponseReceived(id=1, status=200, headers=(("set-cookie", CANARY), ("authorization", CANARY))),
    i.ResponseReceived(id=1, status=400, body=f"no JSON ?access_token={CANARY}&x=1".encode()),
    i.FrameReceived(socket=1, text=json.dumps({"postback": {"data": {"accessToken": {"token": CANARY}}}})),
    i.FrameReceived(socket=1, text=json.dumps({"inner": json.dumps({"identityToken": CANARY})})),
    i.FrameReceived(socket=1, text=json.dumps({"a": json.dumps({"b": json.dumps({"codeVerifier": f'{CANARY}"\\'})})})),
    i.FrameReceived(socket=1, text='{"authorizationCode": "' + CANARY),
    i.FrameReceived(socket=1, text='{"authorizationCode": "' + CANARY + "\\"),
    i.FrameReceived(socket=1, text='"{\\"token\\":\\"' + CANARY + '", "b": 1}'),
    i.FrameReceived(socket=1, text=json.dumps({"eventType": "EventInS3", "data": {"s3Object": {
        "url": f"https://files.example/a/{CANARY}?X-Amz-Signature={CANARY}"}}})),
    i.FrameReceived(socket=1, text=json.dumps({"eventType": "EventInS3", "url": CANARY})),
    i.FrameReceived(socket=1, text=json.dumps({"eventType": "EventInS3", "url": f"https://u:{CANARY}@h.example/"})),
    i.FrameReceived(socket=1, text=json.dumps({"url": f"https://h.example/?a=1&X-Amz-Security-Token={CANARY}"})),
    i.FrameReceived(socket=1, text=json.dumps({"authorization": f"Bearer {CANARY}"})),
    i.FrameReceived(socket=1, text=json.dumps({"postback": {
        "eventType": "InvitationToGroupChatCreated", "data": {"invitation": {"code": CANARY}}}})),
    i.FrameReceived(socket=1, text=json.dumps({"postback": {
        "eventType": "InvitationToGroupChatCreated", "data": {"invitation": CANARY, "invitationCode": CANARY}}})),
    i.JoinThread(request=1, code=CANARY),
    i.SendInvitation(request=1, thread="t", code=CANARY, emails=()),
    i.SocketClosed(socket=1, reason=f"wss://gateway.example/?brandId=1&transactionToken={CANARY}&b=2"),
    i.RequestFailed(id=1, reason=f"GET https://h.example/cb?code={CANARY} failed"),
    i.SaveFailed(id=1, reason=f"Bearer {CANARY}"),
]  # fmt: skip


@pytest.mark.parametrize("input", SECRETS, ids=lambda secret: type(secret).__name__)
@pytest.mark.parametrize("texts", ["plain", "hashed"])
def test_secrets_do_not_get_into_the_journal(input: i.Input, texts: Any) -> None:
    session = Session(SITE, seed=SEED)
    recorder = Recorder(session, texts=texts)
    lines = [recorder.header(), recorder.line(input, 1.0, session.handle(input, now=1.0))]
    assert CANARY not in "".join(lines)
    assert verify(lines).is_good


def test_a_secret_is_found_again_where_nothing_names_it() -> None:
    session = Session(SITE, seed=SEED)
    recorder = Recorder(session)
    token = "a+b/c d=canary"
    frames = [json.dumps({"token": token}), f"echo {token}", "in a URL a%2Bb%2Fc%20d%3Dcanary or a%2Bb%2Fc+d%3Dcanary"]
    lines = [recorder.line(i.FrameReceived(socket=1, text=text), 1.0, ()) for text in frames]
    placeholders = [re.findall(r"secret-\w{10}-*", line) for line in lines]
    assert placeholders == [placeholders[0], placeholders[0], placeholders[0] * 2]
    assert len(placeholders[0][0]) == len("secret-0123456789")
    assert "canary" not in "".join(lines)
    other = recorder.line(i.FrameReceived(socket=1, text=json.dumps({"token": "another token"})), 1.0, ())
    assert re.findall(r"secret-\w{10}", other) != re.findall(r"secret-\w{10}", lines[0])


def test_a_flood_of_tokens_is_forgotten_but_never_shown() -> None:
    recorder = Recorder(Session(SITE, seed=SEED))
    frames = [json.dumps({"token": f"canary-{number:09}"}) for number in range(300)]
    lines = [recorder.line(i.FrameReceived(socket=1, text=text), 1.0, ()) for text in frames]
    assert "canary" not in "".join(lines)
    assert len(recorder._redactor._known) <= 200
    again = recorder.line(i.FrameReceived(socket=1, text=frames[0]), 1.0, ())
    assert json.loads(again)["input"] == json.loads(lines[0])["input"]


def test_what_was_restored_is_cleared_of_secrets() -> None:
    kept = {"credentials": json.dumps({"token": CANARY, "expires_at": 5.0}), "thread": "t-1"}
    line = Recorder(Session(SITE, seed=SEED, restored=kept)).header()
    assert CANARY not in line
    assert "expires_at" in line


def test_hashed_texts_hide_what_people_write() -> None:
    session = Session(SITE, seed=SEED)
    recorder = Recorder(session, texts="hashed")
    frame = {"data": {"messageContent": {"text": QUESTION, "payload": {"text": QUESTION}},
                      "customFields": [{"ident": "size", "value": "forty-two"}]}}  # fmt: skip
    inputs: list[Any] = [
        i.SendMessage(request=1, thread="t", text=QUESTION),
        i.FrameReceived(socket=1, text=json.dumps(frame)),
        i.ResponseReceived(id=1, status=200, body=json.dumps(frame).encode()),
        i.StartThread(request=2, answers=(("a", QUESTION),), name=QUESTION),
        i.RenameThread(request=3, thread="t", name=QUESTION),
        i.SendTranscript(request=4, thread="t", email="jo@mail.example"),
        i.SendOfflineMessage(
            request=6, email="jo@mail.example", text=QUESTION, first_name="Tuesday", last_name="Tuesday-order"
        ),
        i.SendInvitation(request=7, thread="t", code="H7", emails=("jo@mail.example",)),
        i.SetCustomer(request=9, id="c-1", first_name="Tuesday", last_name="Tuesday-order"),
        i.ViewPage(request=10, title="Tuesday", url="app://order?of=Tuesday&token=4711-4711-4711"),
        i.ReportVisitorEvent(request=11, data=(("note", QUESTION), ("token", "Tuesday"))),
        i.PreviewText(request=8, thread="t", text=QUESTION[:-1]),
        i.SendMessage(request=5, thread="t", text=session.policy.begin_text),
    ]
    lines = [recorder.line(input, 1.0, ()) for input in inputs]
    text = "".join(lines)
    for word in ("order", "Tuesday", "forty", "mail.example", "4711"):
        assert word not in text
    hashed: str = json.loads(lines[0])["input"]["text"]
    assert len(hashed) == len(QUESTION)
    assert [at for at, letter in enumerate(hashed) if letter == " "] == [
        at for at, letter in enumerate(QUESTION) if letter == " "
    ]
    assert text.count(json.dumps(hashed)[1:-1]) == 10  # the same text, the same hash
    assert json.loads(lines[-1])["input"]["text"] == session.policy.begin_text
    other = Recorder(Session(SITE, seed=b"some other seed, also long"), texts="hashed")
    assert hashed not in other.line(inputs[0], 1.0, ())


@pytest.mark.parametrize("by", ["rest", "socket"])
@pytest.mark.parametrize(("mode", "style"), CHANNELS)
def test_hashed_texts_hide_who_and_where_the_customer_was(mode: Mode, style: Style, by: Any) -> None:
    chat = recorded(visitor, mode, style, texts="hashed", policy=Policy(custom_events=by))
    text = "".join(chat.lines)
    for word in ("Jolanthe", "Ostermann", "illness", "gout", "toe", "4711", "Tuesday", "jo@mail"):
        assert word not in text
    assert "my note" in text
    assert verify(chat.lines).is_good


@pytest.mark.parametrize("texts", ["plain", "hashed"])
@pytest.mark.parametrize("mode", ["single", "live"])
def test_the_code_of_an_invitation_is_a_secret(mode: Mode, texts: Any) -> None:
    chat = recorded(visitor, mode, "legacy", texts=texts)
    (sent,) = [command.text for command in chat.log if isinstance(command, c.SendFrame) and "SendEmail" in command.text]
    code = json.loads(sent)["payload"]["data"]["invitation"]["code"]
    assert code in chat.answers.values()
    for secret in (code, "H7"):
        assert not [line for line in chat.lines if secret in line]


@pytest.mark.parametrize("texts", ["plain", "hashed"])
def test_a_code_is_a_secret_however_short_it_is(texts: Any) -> None:
    chat = Alone(settings=EVERYTHING)
    tape = Taped(chat.session, texts)
    chat.session = tape  # type: ignore[assignment]  # it is one in all but name
    chat.ask(i.Open)
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread())
    chat.ask(i.CreateInvitation, thread=THREAD)
    chat.answer("CreateInvitationToGroupChat", "InvitationToGroupChatCreated", {"invitation": {"code": "H7Q2ZD"}})
    assert chat.answers[chat.asked] == "H7Q2ZD"
    chat.ask(i.SendInvitation, thread=THREAD, code="H7Q2ZD", emails=("jo@mail.example",))
    assert chat.frame("SendEmailInvitationToGroupChat")["payload"]["data"]["invitation"] == {"code": "H7Q2ZD"}
    assert verify(tape.lines).is_good
    assert not [line for line in tape.lines if "H7Q2ZD" in line]


def test_hashed_texts_hide_what_people_are_called() -> None:
    identity = {"firstName": "Jolanthe", "lastName": "Ostermann", "customFields": [{"ident": "a", "value": "gout"}]}
    author = {"fullName": "Jolanthe Ostermann", "nickname": "Jolanthe", "surname": "Ostermann"}
    people = [{"idOnExternalPlatform": "c-1", "name": 'Jolanthe "O" Ostermann \u00e4', "isPrimary": True}]
    inputs: list[i.Input] = [
        i.ResponseReceived(id=1, status=200, body=json.dumps({"customerIdentity": identity}).encode()),
        i.FrameReceived(socket=1, text=json.dumps({"authorEndUserIdentity": author})),
        i.FrameReceived(socket=1, text=json.dumps({"recipients": people, "endUserRecipients": people})),
    ]
    recorder = Recorder(Session(SITE, seed=SEED), texts="hashed")
    lines = [recorder.line(input, 1.0, ()) for input in inputs]
    for word in ("Jolanthe", "Ostermann", "gout"):
        assert not [line for line in lines if word in line]
    heard = json.loads(json.loads(lines[-1])["input"]["text"])
    assert [len(person["name"]) for person in heard["recipients"]] == [len(people[0]["name"])]  # type: ignore[arg-type]


def test_a_hash_is_outside_ascii_where_the_text_is() -> None:
    """So an address that is none stays none in the replay, and a frame does not grow."""
    recorder = Recorder(Session(SITE, seed=SEED), texts="hashed")
    email = "jürg.müller@mail.example"
    line = recorder.line(i.SetCustomerFields(request=1, fields=(("email", email),)), 1.0, ())
    ((_, hashed),) = json.loads(line)["input"]["fields"]
    assert [letter.isascii() for letter in hashed] == [letter.isascii() for letter in email]
    assert check_email(hashed) == check_email(email) is not None
    frame = json.dumps({"data": {"text": "Grüße, 你好"}}, ensure_ascii=False)
    heard = json.loads(recorder.line(i.FrameReceived(socket=1, text=frame), 1.0, ()))["input"]["text"]
    assert "Gr" not in heard
    assert len(heard.encode()) <= len(frame.encode())


@pytest.mark.parametrize("code", ["", "  ", "half \ud83d", "a\nb"])
def test_a_code_that_is_refused_for_its_form_is_refused_in_the_replay(code: str) -> None:
    session = Session(SITE, seed=SEED)
    recorder = Recorder(session)
    input = i.JoinThread(request=1, code=code)
    lines = [recorder.header(), recorder.line(input, 1.0, session.handle(input, now=1.0))]
    (step,) = replay(lines)
    assert (step.input, step.fault) == (input, "")


def test_a_name_that_is_kept_is_hashed_where_it_is_restored() -> None:
    first = Session(SITE, seed=SEED)
    first.handle(i.SetCustomer(request=1, id="c-1", first_name="Jolanthe", last_name="Ostermann"), now=1.0)
    first.handle(i.SetCustomerFields(request=2, fields=(("a", "b"),)), now=1.0)
    session = Session(SITE, seed=SEED, restored=first.kept)
    recorder = Recorder(session, texts="hashed")
    header = recorder.header()
    assert json.loads(json.loads(header)["restored"]["identity"])["customer"] == "c-1"
    for word in ("Jolanthe", "Ostermann"):
        assert word not in header
    input = i.SetCustomer(request=1, id="c-1", first_name="Jolanthe")
    assert verify([header, recorder.line(input, 1.0, session.handle(input, now=1.0))]).is_good


@pytest.mark.parametrize("texts", ["plain", "hashed"])
@pytest.mark.parametrize(("mode", "style"), CHANNELS)
def test_where_a_file_lies_is_not_in_the_journal(mode: Mode, style: Style, texts: Any) -> None:
    chat = recorded(files, mode, style, texts=texts)
    taken = [message for message in chat.told(MessageReceived) if message.message.attachments]
    assert len(taken) == 2
    text = "".join(chat.lines)
    assert "/chat/files/" not in text
    assert "files.example.test/secret-" in text
    assert "files.example.test/a/b" not in text
    assert verify(chat.lines).is_good


@pytest.mark.parametrize(("mode", "style"), CHANNELS)
def test_hashed_texts_hide_files_and_their_names(mode: Mode, style: Style) -> None:
    chat = recorded(files, mode, style, texts="hashed")
    text = "".join(chat.lines)
    for word in (
        "Lebenslauf",
        "mug.png",
        "canary",
        b64encode(LETTER.content).decode(),
        b64encode(PICTURE.content).decode(),
    ):
        assert word not in text
    assert len(recorded(files, mode, style).lines) == len(chat.lines)


# --- tampering, damage, other versions ---


def changed(line: str, old: str, new: str) -> str:
    assert old in line
    return line.replace(old, new, 1)


def test_any_changed_line_is_named() -> None:
    lines = small()
    for number in range(2, len(lines) + 1):
        line = changed(lines[number - 1], '"at":1', '"at":2')
        report = verify([*lines[: number - 1], line, *lines[number:]])
        assert (report.line, report.fault) == (number, "the line was changed, or one before it is missing")
        assert not report.is_good
        assert report.inputs == number - 1


def test_missing_doubled_and_swapped_lines_are_named() -> None:
    lines = small()
    for wrong in (lines[:5] + lines[6:], [*lines[:6], lines[5], *lines[6:]], [*lines[:5], lines[6], lines[5]]):
        assert verify(wrong).line in (6, 7)


def test_another_digest_and_other_draws_are_told_apart() -> None:
    lines = small()
    number = next(number for number, line in enumerate(lines) if '"draws":["' in line)
    digest = json.loads(lines[3])["digest"]
    report = verify([*lines[:3], changed(lines[3], digest, "0" * 32)])
    assert (report.line, report.fault) == (4, "the session gives other commands")

    def forged(draws: list[str]) -> list[str]:
        """Return the journal with other draws, and a sum that fits."""
        session = Session(SITE, seed=SEED)
        recorder = Recorder(session)
        recorder._last_sum = json.loads(lines[number - 1])["sum"]
        fields = json.loads(lines[number])
        line = recorder._summed({"at": fields["at"], "input": fields["input"], "draws": draws}, fields["digest"])
        return [*lines[:number], line]

    draws = json.loads(lines[number])["draws"]
    assert verify(forged(draws)).is_good
    for wrong in ([], draws[1:], [*draws, "00" * 16]):
        assert verify(forged(wrong)).fault == "the session draws another number of ids"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "no JSON"),
        ("no JSON", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no JSON object"),
        ("{}", "no journal of deskline"),
        (
            '{"format":"deskline journal","version":2,"library":"9.0"}',
            "this deskline reads 1 (deskline '9.0' wrote it)",
        ),
        ('{"format":"deskline journal","version":1}', "the header was changed"),
    ],
)
def test_what_is_no_journal_of_ours_is_refused(line: str, says: str) -> None:
    with pytest.raises(JournalError, match=re.escape(says)) as raised:
        verify([line])
    assert raised.value.line == 1
    assert raised.value.code == "journal"
    with pytest.raises(JournalError):
        verify([])


@pytest.mark.parametrize(
    "wrong", [{"vendor": "none"}, {"vendor": []}, {"site": {}}, {"policy": {"heartbeat": -1.0}}, {"texts": "odd"}]
)
def test_a_header_that_cannot_be_used_is_refused(wrong: dict[str, object]) -> None:
    recorder = Recorder(Session(SITE, seed=SEED))
    fields = json.loads(recorder.header())
    fields = {name: value for name, value in fields.items() if name != "sum"} | wrong
    recorder._last_sum = ""
    with pytest.raises(JournalError, match="the header cannot be read"):
        verify([recorder._summed(fields, "")])


@pytest.mark.parametrize(
    "line",
    ["", "{", "[]", "{}", '{"at":1,"input":5}', '{"at":1,"input":{"kind":"Nothing"},"draws":[]}',
     '{"at":1,"input":{"kind":"Open"},"draws":[]}', '{"at":"x","input":{"kind":"Tick"},"draws":[]}',
     '{"at":1,"input":{"kind":"Tick"},"draws":["xy"]}', '{"at":1,"input":{"kind":"Tick"},"draws":[1]}',
     '{"at":1,"input":{"kind":"ResponseReceived","id":1,"status":2,"body":7},"draws":[]}'],
)  # fmt: skip
def test_a_damaged_line_ends_the_replay_and_is_named(line: str) -> None:
    lines = small()[:4]
    with pytest.raises(JournalError, match="line 5: "):
        list(replay([*lines, line]))
    report = verify([*lines, line])
    assert (report.line, report.inputs) == (5, 3)
    assert report.fault.startswith("line 5") or report.fault


def test_a_journal_of_before_another_vendor_came_still_replays() -> None:
    lines = (ROOT / "tests" / "core" / "kept" / "visit-before-bright-pattern.jsonl").read_text("utf-8").splitlines()
    report = verify(lines)
    assert (report.fault, report.inputs) == ("", len(lines) - 1)


def test_a_site_may_hold_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vendor's site has one now; the journal is ready for it."""
    from deskline_core import journal, vendors

    class Guarded(CXone, frozen=True, kw_only=True):
        key: Secret = Secret("")
        hosts: tuple[str, ...] = ()

    site = Guarded(environment="EU1", brand_id=1, channel_id="chat_1", key=Secret(CANARY), hosts=("a.example",))
    monkeypatch.setattr(vendors, "SITES", {"cxone": Guarded})
    monkeypatch.setattr(journal, "SITES", {"cxone": Guarded})
    line = Recorder(Session(site, seed=SEED)).header()
    assert CANARY not in line
    session = journal._open(line).session
    assert isinstance(session.site, Guarded)
    assert session.site.key.reveal().startswith("secret-")
    assert session.site.hosts == ("a.example",)
    with pytest.raises(TypeError):
        journal._secret(Secret, 5)


# --- ids ---


def test_draws_are_given_once_more_without_drawing() -> None:
    ids = Ids(SEED)
    assert ids.draws_after(0) == ()
    first, second, third = ids.uuid(), ids.fraction(), ids.uuid()
    assert ids.drawn == 3
    assert len(ids.draws_after(1)) == 2
    played = PlayedIds()
    played.play(ids.draws_after(0))
    assert (played.uuid(), played.fraction(), played.left, played.uuid()) == (first, second, 1, third)
    assert (ids.drawn, played.left, played.missed) == (3, 0, 0)
    assert played.uuid() != played.uuid()
    assert played.missed == 2


def test_keys_differ_by_purpose_and_seed() -> None:
    keys = {Ids(SEED).key(b"journal"), Ids(SEED).key(b"other"), Ids(SEED + b"!").key(b"journal")}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}


def test_canonical_forms_know_all_values_of_commands() -> None:
    """What a vendor may answer with, besides structs and texts, does not stop the recorder."""
    session = Session(SITE, seed=SEED)
    recorder = Recorder(session)
    values: list[object] = [None, True, 3, 1.5, "text", (1, "a"), frozenset({1})]
    lines = {recorder.line(i.Tick(), 1.0, [c.Answer(request=1, value=value)]).rpartition(",")[2] for value in values}
    assert len(lines) == len(values)


def test_a_seed_is_long_enough() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes, not 15"):
        Ids(b"123456789012345")
