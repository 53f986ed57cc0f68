"""What we send to Bright Pattern: the samples' very events, and a multipart body that no name can break."""

import json
from email import message_from_bytes, policy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskline_core.brightpattern import encode
from deskline_core.values import Secret
from tests.core.brightpattern.brightpattern_samples import AGENT, CUSTOMER, body, samples

FIRST = f"{CUSTOMER}:1"
LABEL = "e49a03d7-5b18-4c6f-8d72-1a6f0b9c3e58"
BROWSE = '{"provider_type":"example","cobrowsing_url":"https://cobrowse.example.net/s/9"}'

EVENTS: dict[str, msgspec.Raw] = {
    "client.chat_session_message": encode.message(f"{CUSTOMER}:2", "It is \nPX-9"),
    "client.chat_session_message.button_answer": encode.message(f"{CUSTOMER}:3", "Saturday", "dir-3"),
    "client.chat_session_message_delivered": encode.receipt("delivered", "2"),
    "client.chat_session_message_read": encode.receipt("read", "2"),
    "client.chat_session_typing": encode.typing(),
    "client.chat_session_typing.preview": encode.typing("It is P"),
    "client.chat_session_not_typing": encode.not_typing(),
    "client.chat_session_form_data": encode.form_data(
        "31", "survey_form", [("service", "1"), ("helpful", "8"), ("recommend", "10")], secure=False
    ),
    "client.chat_session_form_data.free_text": encode.form_data("7", "", [("text", "Parcel question")], secure=False),
    "client.chat_form_data_cancel": encode.form_cancel("31", "survey_form", secure=False),
    "client.chat_session_secure_form_data": encode.form_data(
        "19", "customs_number_form", [("number", "000")], secure=True
    ),
    "client.chat_session_secure_form_cancel": encode.form_cancel("19", "customs_number_form", secure=True),
    "client.chat_session_disconnect": encode.disconnect(),
    "client.chat_session_end": encode.end(),
    "client.chat_session_file": encode.file(f"{CUSTOMER}:4", LABEL, "image", "label.jpg"),
    "client.chat_session_location": encode.location(f"{CUSTOMER}:6", "59.33", "18.06"),
    "client.chat_session_navigation": encode.navigation(
        f"{CUSTOMER}:5", "Track a parcel", "https://parcel.example.net/track"
    ),
    "client.chat_session_signaling.request_call": encode.signal(
        "signaling", f"{CUSTOMER}:7", AGENT, '{"type":"REQUEST_CALL","offerVideo":true}'
    ),
    "client.chat_session_cobrowsing_rejected": encode.signal("cobrowsing_rejected", "", "", "{}"),
    "client.chat_session_cobrowsing_started": encode.signal("cobrowsing_started", "", "", BROWSE),
    "client.chat_session_cobrowsing_ended": encode.signal("cobrowsing_ended", "", "", ""),
}
REQUESTS: dict[str, bytes] = {
    "request.send_events": encode.events(encode.message(FIRST, "My parcel is lost")),
    "request.request_chat": encode.chat_request(
        "",
        "Tomas",
        {"first_name": "Tomas", "customer_no": "88-17", "user_platform": {"os": "Linux 6.8", "model": "desk"}},
    ),
    "request.request_chat.initial_message": encode.chat_request(
        "", "Tomas", {"email": "tomas@example.net"}, encode.message("1", "My parcel is lost")
    ),
    "request.notifications.apns": encode.notifications("apns", Secret("00ff12ab"), "net.example.parcel"),
    "request.notifications.fcm_ios": encode.notifications("fcm_ios", "fcm-i-77", ""),
    "request.notifications.fcm_android": encode.notifications("fcm_android", Secret("fcm-a-77"), "not told"),
    "request.notifications.cancel": encode.notifications("", "", ""),
}


def wanted(name: str) -> Any:
    """Return a sample as we write it: always with both texts, never with the channel, which nobody reads (7)."""
    message = samples()[name]
    said = message.get("initial_message", message)
    if said.get("event") == "chat_session_message":
        said = {"msg_text": said["msg"], **said}
        said.pop("channel", None)
    return {**message, "initial_message": said} if "initial_message" in message else said


def test_every_sample_that_a_client_sends_is_written() -> None:
    assert {name for name in samples() if name.startswith("client.")} == set(EVENTS)
    assert {name for name in samples() if name.startswith("request.")} == set(REQUESTS)


@pytest.mark.parametrize("name", EVENTS)
def test_events(name: str) -> None:
    assert json.loads(bytes(EVENTS[name])) == wanted(name)


@pytest.mark.parametrize("name", REQUESTS)
def test_requests(name: str) -> None:
    assert json.loads(REQUESTS[name]) == wanted(name)


def test_a_request_of_the_samples_is_written_byte_for_byte() -> None:
    for name in ("request.request_chat", "request.notifications.apns"):
        assert REQUESTS[name] == body(name)


def test_several_events_go_in_their_order() -> None:
    assert encode.events(encode.not_typing(), encode.end()) == (
        b'{"events":[{"event":"chat_session_not_typing"},{"event":"chat_session_end"}]}'
    )
    assert encode.events() == b'{"events":[]}'


def test_a_text_goes_as_html_and_as_it_is() -> None:
    assert json.loads(bytes(encode.message("1", "<b>\n&"))) == {
        "event": "chat_session_message",
        "msg_id": "1",
        "msg": "&lt;b&gt;<br>&amp;",
        "msg_text": "<b>\n&",
    }


def test_a_place_may_have_a_page() -> None:
    assert json.loads(bytes(encode.location("1", "1", "2", "https://maps.example")))["url"] == "https://maps.example"


@pytest.mark.parametrize("data", ["", "7", "[]", "{", "null"])
def test_a_step_that_says_nothing_has_an_empty_object(data: str) -> None:
    assert json.loads(bytes(encode.signal("signaling", "1", AGENT, data)))["data"] == {}


def test_a_step_cannot_call_itself_another_event() -> None:
    step = encode.signal("cobrowsing_started", "", "", '{"event":"chat_session_end","more":1}')
    assert json.loads(bytes(step)) == {"event": "chat_session_cobrowsing_started", "more": 1}


def test_an_event_does_not_show_what_it_says() -> None:
    assert "000" not in repr(encode.form_data("19", "f", [("number", "000")], secure=True))


# --- files ---


def test_an_upload_is_one_part_called_file() -> None:
    kind, body = encode.upload("a b.png", b"\x00\r\n\xff", "image/png", "b0undary")
    assert kind == "multipart/form-data; boundary=b0undary"
    assert body == (
        b'--b0undary\r\nContent-Disposition: form-data; name="file"; filename="a b.png"\r\n'
        b"Content-Type: image/png\r\n\r\n\x00\r\n\xff\r\n--b0undary--\r\n"
    )


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("Lebenslauf ä.pdf", "Lebenslauf ä.pdf"),
        ('a"; filename="b.exe', "a%22; filename=%22b.exe"),
        ("a\r\nContent-Type: text/html\r\n\r\nb", "a%0D%0AContent-Type: text/html%0D%0A%0D%0Ab"),
        ("a\\", "a%5C"),
        ("a\x00\x7f", "a%00%7F"),
        ("half \ud83d", "half ?"),
    ],
)
def test_a_name_ends_nothing(name: str, read: str) -> None:
    _, body = encode.upload(name, b"abc", "text/plain", "b0undary")
    assert body.count(b"\r\n") == 6
    assert f'filename="{read}"\r\n'.encode() in body


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("application/vnd.ms-excel", "application/vnd.ms-excel"),
        ("text/plain; charset=utf-8", "text/plain; charset=utf-8"),
        ("", "application/octet-stream"),
        ("text", "application/octet-stream"),
        ("text/plain\r\nX-More: 1", "application/octet-stream"),
        ("text/plain\n", "application/octet-stream"),
        ('text/plain; a="b', "application/octet-stream"),
        ("täxt/plain", "application/octet-stream"),
    ],
)
def test_a_type_says_nothing_else(given: str, written: str) -> None:
    _, body = encode.upload("a", b"", given, "b0undary")
    assert f"\r\nContent-Type: {written}\r\n\r\n".encode() in body


@given(st.text(max_size=30), st.binary(max_size=50), st.text(max_size=20))
def test_whatever_is_uploaded_is_read_as_one_file(name: str, content: bytes, mime_type: str) -> None:
    _, body = encode.upload(name, content, mime_type, "b0undary-of-a-random-id")
    head, _, rest = body.partition(b"\r\n\r\n")
    assert rest == content + b"\r\n--b0undary-of-a-random-id--\r\n"
    assert head.count(b"\r\n") == 2
    assert b"\n" not in head.replace(b"\r\n", b"")


def test_a_server_reads_what_was_uploaded() -> None:
    kind, body = encode.upload("label.jpg", b"\xff\xd8", "image/jpeg", "b0undary")
    message = message_from_bytes(b"Content-Type: %b\r\n\r\n%b" % (kind.encode(), body), policy=policy.HTTP)
    [file] = message.iter_parts()
    assert file.get_param("name", header="content-disposition") == "file"
    assert (file.get_filename(), file.get_content_type(), file.get_payload(decode=True)) == (
        "label.jpg",
        "image/jpeg",
        b"\xff\xd8",
    )
