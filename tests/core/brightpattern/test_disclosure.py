"""What of Bright Pattern's traffic is hidden in a journal, and that it is read as before: the replay needs that."""

import json
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskline_core.brightpattern import wire
from deskline_core.brightpattern.content import directed, plain
from deskline_core.brightpattern.decode import read_events
from deskline_core.brightpattern.disclosure import DISCLOSURE
from deskline_core.redaction import Redactor, place_number

PIECES = (
    "<b>", "</b>", "<br>", "<br/>", "<3", "<", ">", "<a href='x>y'>", '<img alt="a > b">', "<div>", "</div>", "<!--",
    "-->", "<script>", "</script>", "&amp;", "&lt", "&", "&#39;", "&#x27;", ";", "order", "4711", " ", "\n", "\r",
    "ä", "\U0001f600", "/buttons [Yes][No]", "/choice [ ]", "/attachment https://cdn.example/a.png, image", "/buttons",
    "/attachment https://cdn.example/%zz%e4%20%C3%A4/%E4%BD%A0%2Fa.png?x=%41,y", ", image",
    "-", '"', "=", "'",
)  # fmt: skip


def hashed() -> Redactor:
    return Redactor(b"a key", DISCLOSURE, hashed=True)


def shape(msg: str, msg_text: str | None) -> object:
    """Return what a replay must find as it was: how long texts are, and what is asked for by words in them."""
    said = directed(plain(msg, msg_text))
    names = [len(unquote(urlsplit(file.url).path.rpartition("/")[2])) for file in said.files]
    hosts = [(urlsplit(file.url).hostname, file.kind) for file in said.files]
    return len(said.text), [len(label) for label in said.labels], names, hosts


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_a_hashed_text_is_read_as_it_was(text: str) -> None:
    event = learned({"msg": text, "msg_text": text})
    assert shape(event["msg"], None) == shape(text, None)
    assert shape("", event["msg_text"]) == shape("", text)


def learned(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event of an answer as a journal has it where texts are hashed."""
    read: dict[str, Any] = json.loads(hashed().learn(json.dumps({"events": [event]}), words=True))["events"][0]
    return read


@pytest.mark.parametrize(
    ("event", "kept"),
    [
        ({"event": "chat_session_message", "msg_id": "4", "msg": "Ada's gout", "msg_text": "Ada's gout"}, ""),
        ({"event": "chat_session_typing", "msg": "my gout"}, ""),
        ({"event": "chat_session_party_joined", "party_id": "9C1E", "first_name": "Ada", "display_name": "Ada gout",
          "type": "internal"}, "internal"),
        ({"event": "chat_session_form_data", "form_request_id": "17", "data": {"gout": "Ada", "type": "toe"}}, "gout"),
        ({"event": "chat_session_form_data", "data": "Ada"}, ""),
        ({"event": "chat_session_signaling", "data": {"type": "OFFER_CALL", "x": {"y": {"z": "Ada gout"}}}},
         "OFFER_CALL"),
        ({"event": "chat_session_cobrowsing_started", "provider_type": "gout", "cobrowsing_url": "Ada"}, ""),
        ({"event": "chat_session_file", "file_id": "6fda", "file_name": "Ada gout.pdf"}, "6fda"),
        ({"event": "chat_session_file_url", "file_url": "https://cdn.example/Ada/gout.png"}, "https://cdn.example/"),
        ({"event": "chat_session_navigation", "title": "gout", "page": "https://shop.example/Ada"}, "shop.example"),
        ({"event": "chat_session_case_set", "case_id": "CS-1001"}, "CS-1001"),
    ],
    ids=lambda value: value["event"] if isinstance(value, dict) else "",
)  # fmt: skip
def test_what_tells_of_people_is_hashed_and_what_it_is_read_by_stays(event: dict[str, Any], kept: str) -> None:
    text = json.dumps(learned(event))
    assert "Ada" not in text
    assert kept == "gout" or "gout" not in text
    assert kept in text
    assert len(text) == len(json.dumps(event))
    assert learned(event)["event"] == event["event"]


@pytest.mark.parametrize(
    ("number", "instead"),
    [
        ("52.52", "11.11"), ("-0.1", "-1.1"), ("95.5", "99.9"), ("179.9", "111.1"), ("200", "200"), ("1.2.3", "1.2.3"),
    ],
)  # fmt: skip
def test_a_place_is_hidden_and_stays_one(number: str, instead: str) -> None:
    assert place_number(number) == instead
    event = learned({"event": "chat_session_location", "latitude": number, "longitude": number, "url": ""})
    assert (event["latitude"], event["longitude"]) == (instead, instead)


def test_a_place_in_numbers_is_hidden_too() -> None:
    assert '"latitude":11.11,"longitude" : -1.1' in hashed().learn('{"latitude":52.52,"longitude" : -0.1}', words=True)


def test_what_goes_out_is_measured() -> None:
    body = (
        '{"phone_number":"+15550100","from":"Ada","parameters":{"email":"a@b.example","user_platform":{"os":"Linux"}},'
        '"initial_message":{"event":"chat_session_message","msg":"gout","msg_id":"1"}}'
    )
    assert json.loads(hashed().known(body)) == {
        "phone_number": "<9>",
        "from": "<3>",
        "parameters": {"email": "<11>", "user_platform": {"os": "<5>"}},
        "initial_message": {"event": "chat_session_message", "msg": "<4>", "msg_id": "1"},
    }


def test_credentials_are_secret_and_ids_are_not() -> None:
    redactor = Redactor(b"a key", DISCLOSURE)
    answer = '{"servers":[{"url":"turn:turn.example","username":"u","credential":"swordfish-4711"}]}'
    text = redactor.learn(answer)
    assert "swordfish" not in text
    assert "turn:turn.example" in text
    assert "swordfish" not in redactor.known("the credential is swordfish-4711")
    header = 'MOBILE-API-140-327-PLAIN appId="shop", clientId="6b9a2f0c-6a10-4d0e-a0e8-8f1e5c2b7d08"'
    assert redactor.known(header) == header


@pytest.mark.parametrize(
    ("body", "called"),
    [
        ('{"events":[{"event":"chat_session_message"},{"event":"chat_session_typing"},{"event":"chat_session_message"}]}',
         "message, typing"),
        ('{"events":[]}', ""),
        ("", ""),
        ('{"events":[5,{"event":7}]}', ""),
        ('{"events":[{"event":"chat_form_data_cancel"}]}', "chat_form_data_cancel"),
    ],
)  # fmt: skip
def test_a_picture_calls_a_body_by_its_events(body: str, called: str) -> None:
    assert DISCLOSURE.captions.reported(body.encode()) == DISCLOSURE.captions.held(body.encode()) == called
    assert DISCLOSURE.captions.frame(body) == "a frame"


def test_the_source_of_an_unknown_event_shows_no_secret() -> None:
    url = "https://cdn.example/a.png?X-Amz-Signature=canary-4711"
    event = {"event": "chat_session_new", "credential": "canary-4711", "url": url}
    for body in ({"events": [event]}, {"events": [{**event, "event": 5}]}, {"events": event}):
        read = read_events(json.dumps(body).encode(), max_events=9, max_source=4096)
        (found,) = read if isinstance(read, list) else [read]
        assert isinstance(found, wire.UnknownEvent | wire.BrokenEvent)
        assert "secret-" in found.source
        assert "canary" not in found.source
