"""What messages say: the content samples as an app sees them, and every way in which content can be wrong."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from deskline_core.cxone.content import customer_party, is_hidden, is_unsupported, read_message, user_party
from deskline_core.cxone.decode import decode_frame
from deskline_core.cxone.inactivity import read_inactivity
from deskline_core.cxone.parts import Content, EndUserIdentity, User, UserStatistics, WireMessage
from deskline_core.cxone.wire import MessageCreated, Partial
from deskline_core.lifecycle import MessageStatus
from deskline_core.model import Attachment, Choice, ContentKind, Inactivity, Link, Party, PartyRole
from tests.core.cxone.cxone_samples import message, samples

BOT = Party(id="70900", role=PartyRole.BOT, name="Anchor Bot", image="https://files.example.test/u/70900-public.png")
AGENT = Party(id="70112", role=PartyRole.AGENT, name="Noor Haas", image="https://files.example.test/u/70112-public.png")
CUSTOMER = Party(
    id="c1a0f1de-7b7e-4d43-8c1b-5b8b0c9e2d01",
    role=PartyRole.CUSTOMER,
    name="Kit Marlow",
    image="https://files.example.test/u/customer.png",
)
UNSUPPORTED = "Unsupported message content"

TEXT, UNKNOWN = ContentKind.TEXT, ContentKind.UNKNOWN

READ: dict[str, tuple[ContentKind, Party, str]] = {
    "inbound": (TEXT, CUSTOMER, "The handle came off."),
    "outbound": (TEXT, AGENT, "Sorry to hear that. Shall we send a new one?"),
    "withVisitor": (TEXT, CUSTOMER, "The handle came off."),
    "upperCaseIds": (TEXT, CUSTOMER, "The handle came off."),
    "attachment": (TEXT, CUSTOMER, ""),
    "bot": (TEXT, BOT, "Hello Kit, how can we help?"),
    "aiGenerated": (TEXT, BOT, "Our returns desk is open until six."),
    "privacyModeAgent": (
        TEXT,
        Party(id="70112", role=PartyRole.AGENT, name="Noor Haas", image="https://files.example.test/u/70112.png"),
        "Privacy-mode author",
    ),
    "additionalContent": (TEXT, AGENT, "A very long answer, cut here …"),
    "content.TEXT": (TEXT, BOT, "On its way."),
    "content.TEXT.postbackReply": (TEXT, CUSTOMER, "Early"),
    "content.TEXT.initialMessage": (TEXT, CUSTOMER, "Begin Conversation"),
    "content.TEXT.unsupportedAnswer": (TEXT, CUSTOMER, "The customer's app cannot show this message."),
    "content.TEXT.inactivityAnswer": (TEXT, CUSTOMER, "Yes"),
    "content.QUICK_REPLIES": (ContentKind.QUICK_REPLIES, BOT, "When should we ring?"),
    "content.LIST_PICKER": (ContentKind.LIST_PICKER, BOT, "Colours\nWhich glaze?"),
    "content.RICH_LINK": (ContentKind.RICH_LINK, BOT, "Stoneware mug\nhttps://shop.example.test/mug"),
    "content.TIME_PICKER": (ContentKind.TIME_PICKER, BOT, "Repair visit\nPick a slot"),
    "content.PLUGIN.INACTIVITY_POPUP": (UNKNOWN, BOT, "Are you still there?"),
    "content.INACTIVITY_POPUP.topLevel": (UNKNOWN, BOT, "Are you still there?"),
    "content.PLUGIN.MENU.legacy": (UNKNOWN, BOT, UNSUPPORTED),
    "content.PLUGIN.GALLERY.legacy": (UNKNOWN, BOT, UNSUPPORTED),
    "content.PLUGIN.SATISFACTION_SURVEY.legacy": (UNKNOWN, BOT, UNSUPPORTED),
    "content.POSTBACK": (TEXT, CUSTOMER, "Moss"),
    "content.ADAPTIVE_CARD": (ContentKind.CARD, BOT, "Order 118"),
    "content.STREAMED": (ContentKind.STREAM, BOT, UNSUPPORTED),
    "content.FILE.payloadNotShown": (UNKNOWN, BOT, "A file was sent"),
    "content.FORM.payloadNotShown": (UNKNOWN, BOT, "A form was sent"),
    "content.UNKNOWN": (UNKNOWN, BOT, "Please update your app"),
    "content.UNKNOWN.noFallback": (UNKNOWN, BOT, ""),
}
HIDDEN = {
    "content.TEXT.initialMessage",
    "content.TEXT.unsupportedAnswer",
    "content.TEXT.inactivityAnswer",
    "content.PLUGIN.INACTIVITY_POPUP",
    "content.INACTIVITY_POPUP.topLevel",
}


def sample(name: str) -> WireMessage:
    return message(f"MessageCreated.{name}")


def as_sent(content: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return a message of the agent's side with this content, as it travels."""
    return {
        "idOnExternalPlatform": "m1",
        "direction": "outbound",
        "createdAt": "2026-03-04T10:20:05+00:00",
        "messageContent": {"type": "TEXT", "payload": {"text": "Hello"}} if content is None else content,
        **changes,
    }


def made(content: dict[str, Any] | None = None, **changes: Any) -> WireMessage:
    """Return it as it is read."""
    return msgspec.json.decode(msgspec.json.encode(as_sent(content, **changes)), type=WireMessage)


# --- samples ---


def test_all_message_samples_are_read() -> None:
    assert {name for name in samples() if name.startswith("MessageCreated.")} == {f"MessageCreated.{n}" for n in READ}


@pytest.mark.parametrize("name", READ)
def test_a_content_sample(name: str) -> None:
    wired = sample(name)
    read = read_message(wired, "t1")
    assert (read.kind, read.party, read.text) == READ[name]
    assert (read.id, read.thread) == (wired.id_on_external_platform, "t1")
    sent_at = samples()[f"MessageCreated.{name}"]["data"]["message"]["createdAtWithMilliseconds"]
    assert read.created_at == datetime.fromisoformat(sent_at)
    assert read.mine == (wired.direction == "inbound")
    assert is_hidden(wired) == (name in HIDDEN)
    assert is_unsupported(wired) == (READ[name][0] is UNKNOWN and name not in HIDDEN)
    sent = samples()[f"MessageCreated.{name}"]["data"]["message"]["messageContent"]
    if read.kind is TEXT:
        assert read.source == ""
    else:
        payload = sent.get("payload")
        if sent["type"] == "STREAMED":  # where it comes from is signed
            payload = {"protocol": "sse"}
        assert msgspec.json.decode(read.source) == {"type": sent["type"], "payload": payload}


def test_choices() -> None:
    assert read_message(sample("content.QUICK_REPLIES"), "t").choices == (
        Choice(text="Early", postback="slot:early"),
        Choice(
            text="Late", postback="slot:late", description="after noon", image="https://files.example.test/moon.png"
        ),
    )
    picker = read_message(sample("content.LIST_PICKER"), "t")
    assert picker.choices[0] == Choice(
        text="Moss", postback="glaze/moss", description="matt green", image="https://files.example.test/moss.png"
    )


def test_the_slots_of_a_time_picker_are_choices() -> None:
    assert read_message(sample("content.TIME_PICKER"), "t").choices == (
        Choice(
            text="2026-03-06T09:00:00+00:00",
            postback="t1",
            starts_at=datetime(2026, 3, 6, 9, tzinfo=UTC),
            duration=1800.0,
        ),
        Choice(
            text="2026-03-06T13:30:00+00:00",
            postback="t2",
            starts_at=datetime(2026, 3, 6, 13, 30, tzinfo=UTC),
            duration=1800.0,
        ),
    )


def test_slots_that_lack_something() -> None:
    slots = [{"id": "a"}, {"startTime": "soon"}, {"startTime": "2026-03-06T10:00:00+0100", "duration": "long"}, 7]
    slots.append({"startTime": "2026-03-06T09:00:00Z", "id": 3, "duration": "inf"})
    read = read_message(made({"type": "TIME_PICKER", "payload": {"event": {"timeSlots": slots}}}), "t")
    at = datetime(2026, 3, 6, 9, tzinfo=UTC)
    assert read.choices == (
        Choice(text="2026-03-06T10:00:00+0100", postback="2026-03-06T10:00:00+0100", starts_at=at),
        Choice(text="2026-03-06T09:00:00Z", postback="3", starts_at=at),
    )


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("MENU.legacy", (Choice(text="Repairs", postback="menu/repairs"),)),
        ("GALLERY.legacy", (Choice(text="Open", postback="card/1"),)),
        ("SATISFACTION_SURVEY.legacy", ()),  # its button opens a page: nothing to answer with
        ("INACTIVITY_POPUP", ()),  # its answer is marked as such
    ],
)
def test_old_plugins_offer_the_buttons_that_can_be_answered(name: str, choices: tuple[Choice, ...]) -> None:
    read = read_message(sample(f"content.PLUGIN.{name}"), "t")
    assert read.choices == choices
    assert read.kind is UNKNOWN


def test_a_plugin_button_without_a_text_or_a_postback() -> None:
    elements = [{"type": "BUTTON", "text": "a"}, {"type": "BUTTON", "postback": "b"}, {"type": "TEXT", "text": "c"}, 1]
    content = {"type": "PLUGIN", "payload": {"elements": [{"type": "MENU", "elements": elements}, "odd"]}}
    assert read_message(made(content), "t").choices == ()


def test_what_a_rich_link_leads_to() -> None:
    assert read_message(sample("content.RICH_LINK"), "t").link == Link(
        url="https://shop.example.test/mug", title="Stoneware mug", image="https://files.example.test/mug.jpg"
    )
    assert read_message(made({"type": "RICH_LINK", "payload": {"title": {"content": "x"}}}), "t").link is None
    assert read_message(made({"type": "QUICK_REPLIES", "payload": {"url": "https://a.test"}}), "t").link is None


# --- attachments ---

FILE = {"url": "https://files.example.test/a1", "friendlyName": "mug.jpg"}


def test_the_files_of_a_message() -> None:
    assert read_message(sample("attachment"), "t").attachments == (
        Attachment(
            id="8bb83951-bccf-4acb-9720-ab125f0f2f8b",
            name="mug.jpg",
            url="https://files.example.test/a/mug.jpg",
            mime_type="image/jpeg",
        ),
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([FILE], [("mug.jpg", "https://files.example.test/a1", "", "")]),
        ([{"url": "u", "fileName": "f", "mimeType": None, "previewUrl": "p"}], [("f", "u", "", "p")]),
        ([{"url": "u"}], [("", "u", "", "")]),
        ([{"url": ""}, FILE], [("mug.jpg", "https://files.example.test/a1", "", "")]),
        ([{"friendlyName": "lies nowhere"}, 5, FILE], [("mug.jpg", "https://files.example.test/a1", "", "")]),
        ([{"url": ["odd"]}], []),
        (None, []),
        ({}, []),
        ("odd", []),
    ],
)
@pytest.mark.parametrize("type_", ["TEXT", "QUICK_REPLIES", "NEW"])
def test_a_file_that_cannot_be_read_loses_nothing_else(files: object, expected: list[object], type_: str) -> None:
    content = {"type": type_, "payload": {"text": "" if type_ == "TEXT" else {"content": ""}}, "fallbackText": "f"}
    frame = {"eventId": "e", "eventType": "MessageCreated", "data": {"message": as_sent(content, attachments=files)}}
    received = decode_frame(msgspec.json.encode(frame).decode(), limit=10_000, max_source=100)
    push = received.received if isinstance(received, Partial) else received
    assert isinstance(push, MessageCreated)
    read = read_message(push.data.message, "t")
    assert [(file.name, file.url, file.mime_type, file.preview_url) for file in read.attachments] == expected
    assert read.text == ("" if type_ == "TEXT" else "f")  # a file alone needs no words


def test_a_file_s_address_is_not_shown() -> None:
    message = read_message(sample("attachment"), "t")
    assert "/a/mug.jpg" not in repr(message) + repr(sample("attachment").attachments)


def test_postbacks() -> None:
    assert read_message(sample("content.TEXT.postbackReply"), "t").postback == "slot:early"
    assert read_message(sample("content.POSTBACK"), "t").postback == "glaze/moss"
    inner = made({"type": "TEXT", "payload": {"text": "a", "postback": "inner"}})
    outer = made({"type": "TEXT", "payload": {"text": "a", "postback": "inner"}, "postback": "outer"})
    assert read_message(inner, "t").postback == "inner"
    assert read_message(outer, "t").postback == "outer"


# --- parties ---


def test_in_privacy_mode_an_agent_is_an_id() -> None:
    assert user_party(User(id=70112)) == Party(id="70112", role=PartyRole.AGENT)


@pytest.mark.parametrize(
    ("user", "role", "name"),
    [
        (User(id=1, nickname="Nick", first_name="No", surname="One"), PartyRole.AGENT, "Nick"),
        (User(id=1, first_name="No", surname="One", full_name="Other"), PartyRole.AGENT, "No One"),
        (User(id=1, surname="One"), PartyRole.AGENT, "One"),
        (User(id=1, full_name="Full Name"), PartyRole.AGENT, "Full Name"),
        (User(id=1, is_bot_user=True, is_survey_user=True), PartyRole.BOT, ""),
        (User(id=1, is_survey_user=True), PartyRole.SCENARIO, ""),
    ],
)
def test_a_user(user: User, role: PartyRole, name: str) -> None:
    assert user_party(user) == Party(id="1", role=role, name=name)


def test_a_customer() -> None:
    assert customer_party(EndUserIdentity(id_on_external_platform="c", first_name="Kit", image="i")) == Party(
        id="c", role=PartyRole.CUSTOMER, name="Kit", image="i"
    )
    assert customer_party(None) == Party(id="", role=PartyRole.CUSTOMER)


def test_someone_unknown() -> None:
    assert user_party(None) == Party(id="", role=PartyRole.AGENT)
    assert user_party(None, "inbound") == Party(id="", role=PartyRole.CUSTOMER)


def test_equal_users_are_one_party_until_they_change() -> None:
    noor = user_party(User(id=70112, nickname="Noor"))
    assert user_party(User(id=70112, nickname="Noor")) is noor
    assert user_party(User(id=70112, nickname="Nora")).name == "Nora"
    assert user_party(User(id="70112", nickname="Noor")) == noor
    for number in range(1000):
        assert user_party(User(id=number)).id == str(number)
    assert user_party(User(id=70112, nickname="Noor")) == noor


def test_equal_users_are_one_object() -> None:
    assert read_message(sample("bot"), "t").party is read_message(sample("content.TEXT"), "t").party


def test_the_older_key_of_the_author() -> None:
    assert read_message(made(user={"id": 5}), "t").party.id == "5"


def test_a_direction_that_is_not_known_is_the_other_side_s() -> None:
    assert not read_message(made(direction="sideways"), "t").mine


# --- text, time and status ---


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"type": "TEXT", "payload": {"text": "a"}, "text": "b", "fallbackText": "c"}, "a"),
        ({"type": "TEXT", "payload": {}, "text": "b", "fallbackText": "c"}, "b"),
        ({"type": "TEXT", "payload": {"text": ""}, "fallbackText": "c"}, ""),
        ({"type": "TEXT", "payload": {"text": 5}, "fallbackText": "c"}, "5"),
        ({"type": "TEXT", "payload": {"text": None}, "fallbackText": "c"}, "c"),
        ({"type": "TEXT", "payload": [], "text": "b", "fallbackText": "c"}, "c"),
        ({"type": "TEXT", "payload": None, "text": "b"}, "b"),
        ({"type": "TEXT"}, ""),
        ({"type": "POSTBACK", "payload": {"postback": "p"}, "fallbackText": "c"}, "c"),
        ({"type": "QUICK_REPLIES", "payload": {"text": "flat"}, "fallbackText": "c"}, "c"),
        ({"type": "LIST_PICKER", "payload": {"title": {"content": "only"}}}, "only"),
        ({"type": "RICH_LINK", "payload": {"url": "u"}, "fallbackText": "c"}, "u"),
        ({"type": "NEW", "payload": {"text": "not ours to read"}}, ""),
        ({"type": ""}, ""),
    ],
)
def test_the_text_to_show(content: dict[str, Any], text: str) -> None:
    assert read_message(made(content), "t").text == text


def test_half_an_emoji_in_a_payload() -> None:
    content = Content(type="TEXT", payload=msgspec.Raw(b'{"text":"a\\ud83d"}'))
    assert read_message(msgspec.structs.replace(made(), message_content=content), "t").text == "a\ufffd"


def test_a_payload_that_is_too_deep() -> None:
    raw = msgspec.Raw(b'{"a":' * 5000 + b"1" + b"}" * 5000)
    for type_ in ("TEXT", "QUICK_REPLIES", "PLUGIN"):
        content = Content(type=type_, payload=raw, parameters=raw, fallback_text="f")
        wired = msgspec.structs.replace(made(), message_content=content)
        assert read_message(wired, "t").text in {"f", ""}  # how deep is too deep is for the interpreter to say
        assert not is_hidden(wired)


def test_buttons_that_cannot_be_shown_are_left_out() -> None:
    actions = [{"postback": "p"}, {"text": ""}, 4, {"text": "ok", "postback": None}, {"text": 5, "postback": 6}]
    read = read_message(made({"type": "QUICK_REPLIES", "payload": {"actions": actions}}), "t")
    assert read.choices == (Choice(text="ok"), Choice(text="5", postback="6"))
    assert read_message(made({"type": "LIST_PICKER", "payload": {"actions": {}}}), "t").choices == ()
    assert read_message(made({"type": "NEW", "payload": {"actions": actions}}), "t").choices == ()


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({}, datetime(2026, 3, 4, 10, 20, 5, tzinfo=UTC)),
        (
            {"createdAtWithMilliseconds": "2026-03-04T11:20:05.412+0100"},
            datetime(2026, 3, 4, 10, 20, 5, 412000, tzinfo=UTC),
        ),
        (
            {"createdAtWithMilliseconds": "2026-03-04T10:20:05.412"},
            datetime(2026, 3, 4, 10, 20, 5, 412000, tzinfo=UTC),
        ),
        ({"createdAtWithMilliseconds": "2026-03-04T10:21Z"}, datetime(2026, 3, 4, 10, 21, tzinfo=UTC)),
        ({"createdAtWithMilliseconds": "0001-01-01T00:00:00+01:00"}, datetime(2026, 3, 4, 10, 20, 5, tzinfo=UTC)),
        ({"createdAtWithMilliseconds": "soon"}, datetime(2026, 3, 4, 10, 20, 5, tzinfo=UTC)),
        ({"createdAt": "soon"}, datetime(2026, 1, 1, tzinfo=UTC)),
        ({"createdAt": ""}, datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_time(dates: dict[str, Any], expected: datetime) -> None:
    received_at = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    frame = {"eventType": "MessageCreated", "data": {"message": as_sent(**dates)}}
    push = decode_frame(msgspec.json.encode(frame).decode(), limit=10_000, max_source=100)
    assert isinstance(push, MessageCreated)
    created_at = read_message(push.data.message, "t", received_at).created_at
    assert created_at == expected
    assert created_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("statistics", "status"),
    [
        (None, MessageStatus.DELIVERED),
        (UserStatistics(), MessageStatus.DELIVERED),
        (UserStatistics(seen_at="2026-03-04T10:24:09+00:00"), MessageStatus.SEEN),
        (UserStatistics(read_at="2026-03-04T10:24:09+00:00"), MessageStatus.SEEN),
    ],
)
def test_the_status_of_the_customer_s_own(statistics: UserStatistics | None, status: MessageStatus) -> None:
    own = msgspec.structs.replace(made(direction="inbound"), user_statistics=statistics)
    other = msgspec.structs.replace(own, direction="outbound")
    assert read_message(own, "t").status is status
    assert read_message(other, "t").status is MessageStatus.DELIVERED


# --- hidden ---


@pytest.mark.parametrize(
    ("parameters", "hidden"),
    [
        ({}, False),
        ([], False),
        (None, False),
        ("isInitialMessage", False),
        ({"isInitialMessage": True}, True),
        ({"isInitialMessage": False}, False),
        ({"isInitialMessage": "true"}, True),
        ({"isUnsupportedMessageTypeAnswer": 1}, True),
        ({"isInactivityPopupAnswer": True, "other": []}, True),
        ({"isInitialMessage": {}}, False),
        ({"other": True}, False),
    ],
)
def test_what_the_parameters_hide(parameters: object, hidden: bool) -> None:
    content = {"type": "TEXT", "payload": {"text": "Begin"}, "parameters": parameters}
    assert is_hidden(made(content, direction="inbound")) is hidden
    assert not is_hidden(made(content, direction="outbound"))


# --- inactivity ---

STAY = {"type": "BUTTON", "text": "Yes", "postback": '{"isExpired" : false}'}
END = {"type": "BUTTON", "text": "No", "postback": '{"isExpired":true}'}


def countdown(seconds: object = 90, started: object = "2026-03-04T10:35:00+00:00") -> dict[str, Any]:
    return {"type": "COUNTDOWN", "variables": {"startedAt": started, "numberOfSeconds": seconds}}


def popup(*elements: object) -> WireMessage:
    return made({"type": "INACTIVITY_POPUP", "payload": {"type": "INACTIVITY_POPUP", "elements": list(elements)}})


@pytest.mark.parametrize("name", ["content.PLUGIN.INACTIVITY_POPUP", "content.INACTIVITY_POPUP.topLevel"])
def test_a_warning_is_counted_from_receipt(name: str) -> None:
    wired = sample(name)
    warning = read_inactivity(wired, 1000.0)
    assert warning is not None
    assert (warning.title, warning.text, warning.question) == (
        "Still with us?",
        "This chat will end soon.",
        "Keep chatting?",
    )
    assert warning.ends_at == 1090.0
    assert (warning.stay.text, warning.end.text) == ("Yes", "No")
    assert '"isExpired": false' in warning.stay.postback
    assert '"isExpired": true' in warning.end.postback
    assert warning.message == wired.id_on_external_platform


@pytest.mark.parametrize(
    ("wire_now", "ends_at"),
    [
        (datetime(2026, 3, 4, 10, 35, 30, tzinfo=UTC), 1060.0),
        (datetime(2026, 3, 4, 11, 0, 0, tzinfo=UTC), 1000.0),
        (datetime(2026, 3, 4, 10, 0, 0, tzinfo=UTC), 1090.0),
        (None, 1090.0),
    ],
)
def test_a_recovered_warning_loses_what_has_passed_on_the_wire(wire_now: datetime | None, ends_at: float) -> None:
    warning = read_inactivity(popup(countdown(), STAY, END), 1000.0, wire_now)
    assert warning is not None
    assert warning.ends_at == ends_at


def test_elements_are_found_by_type_in_any_order() -> None:
    found = read_inactivity(popup(END, STAY, countdown("30", None), 5, {"type": "TEXT", "text": "body"}), 0.0)
    assert found == Inactivity(
        title="",
        text="body",
        question="",
        ends_at=30.0,
        stay=Choice(text="Yes", postback='{"isExpired" : false}'),
        end=Choice(text="No", postback='{"isExpired":true}'),
        message="m1",
    )


@pytest.mark.parametrize(
    "wired",
    [
        popup(countdown(), STAY),
        popup(countdown(), END),
        popup(STAY, END),
        popup(countdown(None), STAY, END),
        popup(countdown("many"), STAY, END),
        popup(countdown(-1), STAY, END),
        popup(countdown(1e9), STAY, END),
        popup(countdown("nan"), STAY, END),
        made({"type": "INACTIVITY_POPUP", "payload": {"elements": [countdown(), STAY, END]}}),
        made({"type": "PLUGIN", "payload": {"elements": []}}),
        made({"type": "PLUGIN", "payload": None}),
        made(),
    ],
)
def test_a_warning_that_cannot_be_answered_is_none_and_not_hidden(wired: WireMessage) -> None:
    assert read_inactivity(wired, 0.0) is None
    assert not is_hidden(wired)
