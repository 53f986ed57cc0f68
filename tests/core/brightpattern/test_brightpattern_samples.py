"""Every sample line is read by the decoder it belongs to, to the value that stands here."""

from typing import Any, get_args

import pytest

from deskline_core.brightpattern import wire
from deskline_core.brightpattern.decode import (
    read_availability,
    read_case_history,
    read_chat,
    read_error,
    read_ice_servers,
    read_parameters,
    read_upload,
    read_version,
)
from deskline_core.brightpattern.refusals import ERRORS as ERROR_ROWS
from deskline_core.values import Secret
from tests.core.brightpattern.brightpattern_samples import (
    AGENT,
    CUSTOMER,
    EXPERT,
    SCENARIO,
    SOURCE,
    at,
    batch,
    body,
    compact,
    event,
    samples,
)

FIRST, SECOND = f"{CUSTOMER}:1", f"{CUSTOMER}:2"
THANKS = "Thanks for writing. We are looking for a colleague."
CLAIM, LABEL = "7c1e6b40-2f9d-4a83-b5e1-90d3c8f4a675", "e49a03d7-5b18-4c6f-8d72-1a6f0b9c3e58"
OLD_CHAT = "0b6f2d18-93ac-4f57-b0d4-7d8e15c64a21"


def call(id: str, data: str) -> wire.ChatSessionSignaling:
    return wire.ChatSessionSignaling(msg_id=id, party_id=AGENT, data=data)


STATES: dict[str, wire.WireEvent] = {
    "event.chat_session_status.queued": wire.ChatSessionStatus(state="queued"),
    "event.chat_session_status.queued.ewt": wire.ChatSessionStatus(state="queued", ewt=45.0),
    "event.chat_session_status.connecting": wire.ChatSessionStatus(state="connecting", ewt=0.0),
    "event.chat_session_status.connected": wire.ChatSessionStatus(state="connected", ewt=0.0),
    "event.chat_session_status.completed": wire.ChatSessionStatus(state="completed"),
    "event.chat_session_status.failed": wire.ChatSessionStatus(state="failed"),
    "event.chat_session_status.ivr": wire.ChatSessionStatus(state="ivr"),
    "variant.status_without_ewt": wire.ChatSessionStatus(state="queued"),
    "variant.status_numeric_ewt": wire.ChatSessionStatus(state="queued", ewt=45.0),
    "variant.status_unknown_state": wire.ChatSessionStatus(state="parked"),
    "event.chat_session_ended": wire.ChatSessionEnded(),
    "event.chat_session_timeout_warning": wire.ChatSessionTimeoutWarning(
        msg="No answer for a while. Do you want to go on?", at=at(360)
    ),
    "event.chat_session_inactivity_timeout": wire.ChatSessionInactivityTimeout(
        msg="We closed this chat because nobody answered.", at=at(660)
    ),
    "variant.inactivity_timeout_misspelt": wire.ChatSessionInactivityTimeout(msg="closed", at=at(660)),
    "event.chat_session_case_set": wire.ChatSessionCaseSet(case_id="PARCEL-20417", at=at(16)),
    "event.chat_session_case_set.cleared": wire.ChatSessionCaseSet(at=at(500)),
    "variant.case_set_without_id": wire.ChatSessionCaseSet(at=at(500)),
    "event.chat_session_info": wire.ChatSessionInfo(service_name="Parcel desk"),
}
PARTIES: dict[str, wire.WireEvent] = {
    "event.chat_session_party_joined.internal": wire.ChatSessionPartyJoined(
        party_id=AGENT,
        first_name="Mara",
        last_name="Lindqvist",
        display_name="Mara L.",
        type="internal",
        at=at(14),
    ),
    "event.chat_session_party_joined.scenario": wire.ChatSessionPartyJoined(
        party_id=SCENARIO, display_name="Parcel bot", type="scenario", at=at(1)
    ),
    "event.chat_session_party_joined.external": wire.ChatSessionPartyJoined(
        party_id=CUSTOMER, first_name="Tomas", last_name="Ok", display_name="Tomas", type="external", at=at(0)
    ),
    "variant.party_type_msteams": wire.ChatSessionPartyJoined(
        party_id=EXPERT, display_name="Expert", type="msteams", at=at(70)
    ),
    "event.chat_session_party_left": wire.ChatSessionPartyLeft(party_id=AGENT, at=at(930)),
    "variant.party_left_with_type": wire.ChatSessionPartyLeft(party_id=EXPERT, at=at(80)),
    "event.chat_session_typing": wire.ChatSessionTyping(party_id=AGENT, at=at(26)),
    "variant.timestamp_number": wire.ChatSessionTyping(party_id=AGENT, at=at(26)),
    "event.chat_session_not_typing": wire.ChatSessionNotTyping(party_id=AGENT, at=at(30)),
}
MESSAGES: dict[str, wire.WireEvent] = {
    "event.chat_session_message.scenario_first": wire.ChatSessionMessage(
        party_id=SCENARIO, msg_id="0", msg=THANKS, msg_text=THANKS, at=at(2)
    ),
    "event.chat_session_message.agent_html": wire.ChatSessionMessage(
        party_id=AGENT,
        msg_id="2",
        msg="Good day Tomas,<br>which parcel is it? <b>PX-…</b>",
        msg_text="Good day Tomas,\nwhich parcel is it? PX-…",
        at=at(31),
    ),
    "event.chat_session_message.buttons": wire.ChatSessionMessage(
        party_id=AGENT,
        msg_id="4",
        msg="Deliver again? /buttons [Tomorrow] [Saturday]",
        msg_text="Deliver again? /buttons [Tomorrow] [Saturday]",
        directive_id="dir-3",
        at=at(60),
    ),
    "event.chat_session_message.own_in_history": wire.ChatSessionMessage(
        party_id=CUSTOMER, msg_id=FIRST, msg="My parcel is lost", msg_text="My parcel is lost", at=at(20)
    ),
    "variant.timestamp_ms_string": wire.ChatSessionMessage(party_id=AGENT, msg_id="2", msg="a", at=at(31)),
    "variant.message_without_party": wire.ChatSessionMessage(msg_id="1", msg="first words from the form", at=at(1)),
    "variant.message_attachments": wire.ChatSessionMessage(
        party_id=EXPERT,
        msg_id="24",
        msg="see card",
        attachments='[{"id":"k1","contentType":"text/html","content":"<p>card</p>","name":"card"}]',
        at=at(75),
    ),
    "event.chat_session_message_delivered": wire.ChatSessionMessageDelivered(
        party_id=AGENT, ref_msg_id=FIRST, at=at(21)
    ),
    "event.chat_session_message_read": wire.ChatSessionMessageRead(party_id=AGENT, ref_msg_id=FIRST, at=at(24)),
    "event.chat_session_message_edit": wire.ChatSessionMessageEdit(
        party_id=AGENT, ref_msg_id="2", msg="Good day Tomas, which parcel number?", at=at(40)
    ),
    "event.chat_session_message_delete": wire.ChatSessionMessageDelete(ref_msg_id="4"),
    "event.chat_session_location": wire.ChatSessionLocation(
        msg_id="10",
        party_id=AGENT,
        url="https://maps.example.net/?at=59.33,18.06",
        latitude="59.33",
        longitude="18.06",
        at=at(150),
    ),
    "event.chat_session_file.attachment": wire.ChatSessionFile(
        party_id=AGENT, msg_id="6", file_id=CLAIM, file_type="attachment", file_name="claim-form.pdf", at=at(120)
    ),
    "event.chat_session_file.image": wire.ChatSessionFile(
        party_id=AGENT, msg_id="8", file_id=LABEL, file_type="image", file_name="label.jpg", at=at(130)
    ),
    "variant.file_sender_in_session_id": wire.ChatSessionFile(
        party_id=AGENT, msg_id="6", file_id=CLAIM, file_type="attachment", at=at(120)
    ),
    "event.chat_session_file_url": wire.ChatSessionFileUrl(
        party_id=AGENT, file_url="https://files.example.net/map/depot.png", file_type="image", at=at(140)
    ),
}
FORMS: dict[str, wire.WireEvent] = {
    "event.chat_session_form_show.named": wire.ChatSessionFormShow(
        form_request_id="31", form_name="survey_form", form_timeout=90.0, at=at(940)
    ),
    "event.chat_session_form_show.free_text": wire.ChatSessionFormShow(
        form_request_id="7", form_timeout=60.0, at=at(4)
    ),
    "event.chat_session_secure_form_show": wire.ChatSessionSecureFormShow(
        form_request_id="19", form_id="customs_number_form", at=at(300)
    ),
    "event.chat_session_secure_form_cancel": wire.ChatSessionSecureFormCancel(form_request_id="19"),
}
CALLS: dict[str, wire.WireEvent] = {
    "event.chat_session_signaling.offer_call": call(
        "12", r'{"type":"OFFER_CALL","offerVideo":"true","sdp":"v=0\r\no=- 20 1 IN IP4 192.0.2.7\r\n"}'
    ),
    "event.chat_session_signaling.answer_call": call(
        "14", r'{"type":"ANSWER_CALL","sdp":"v=0\r\no=- 21 1 IN IP4 192.0.2.7\r\n"}'
    ),
    "event.chat_session_signaling.call_rejected": call(
        "16", '{"type":"CALL_REJECTED","reason_code":"1","reason":"busy"}'
    ),
    "event.chat_session_signaling.ice_candidate": call(
        "18",
        '{"type":"ICE_CANDIDATE","sdpMid":"0","sdpMLineIndex":"0",'
        '"candidate":"candidate:1 1 udp 1 192.0.2.7 40000 typ host"}',
    ),
    "event.chat_session_signaling.end_call": call("20", '{"type":"END_CALL"}'),
    "variant.signaling_call_state_old": call("26", '{"type":"CALL_STATE","audioEnabled":true,"videoEnabled":false}'),
    "event.chat_session_cobrowsing_requested": wire.ChatSessionCobrowsing(kind="requested", data='{"msg_id":"22"}'),
    "event.chat_session_cobrowsing_rejected": wire.ChatSessionCobrowsing(
        kind="rejected", party_id=CUSTOMER, at=at(170)
    ),
    "event.chat_session_cobrowsing_started": wire.ChatSessionCobrowsing(
        kind="started",
        party_id=CUSTOMER,
        data='{"provider_type":"example","cobrowsing_url":"https://cobrowse.example.net/s/9"}',
        at=at(172),
    ),
    "event.chat_session_cobrowsing_ended": wire.ChatSessionCobrowsing(kind="ended", party_id=CUSTOMER, at=at(199)),
}
OUR_OWN: dict[str, wire.WireEvent] = {
    "event.chat_session_navigation.own_in_history": wire.ChatSessionNavigation(
        party_id=CUSTOMER,
        msg_id=f"{CUSTOMER}:5",
        title="Track a parcel",
        page="https://parcel.example.net/track",
        at=at(18),
    ),
    "client.chat_session_message": wire.ChatSessionMessage(
        msg_id=SECOND, msg="It is <br>PX-9", msg_text="It is \nPX-9"
    ),
    "client.chat_session_message.button_answer": wire.ChatSessionMessage(
        msg_id=f"{CUSTOMER}:3", msg="Saturday", directive_id="dir-3"
    ),
    "client.chat_session_message_delivered": wire.ChatSessionMessageDelivered(ref_msg_id="2"),
    "client.chat_session_message_read": wire.ChatSessionMessageRead(ref_msg_id="2"),
    "client.chat_session_typing": wire.ChatSessionTyping(),
    "client.chat_session_typing.preview": wire.ChatSessionTyping(),
    "client.chat_session_not_typing": wire.ChatSessionNotTyping(),
    "client.chat_session_form_data": wire.ChatSessionFormData(form_request_id="31"),
    "client.chat_session_form_data.free_text": wire.ChatSessionFormData(form_request_id="7"),
    "client.chat_form_data_cancel": wire.ChatSessionFormData(form_request_id="31"),
    "client.chat_session_secure_form_data": wire.ChatSessionFormData(form_request_id="19"),
    "client.chat_session_secure_form_cancel": wire.ChatSessionSecureFormCancel(form_request_id="19"),
    "client.chat_session_disconnect": wire.ChatSessionDisconnect(),
    "client.chat_session_end": wire.ChatSessionEnd(),
    "client.chat_session_file": wire.ChatSessionFile(
        msg_id=f"{CUSTOMER}:4", file_id=LABEL, file_type="image", file_name="label.jpg"
    ),
    "client.chat_session_location": wire.ChatSessionLocation(
        msg_id=f"{CUSTOMER}:6", latitude="59.33", longitude="18.06"
    ),
    "client.chat_session_navigation": wire.ChatSessionNavigation(
        msg_id=f"{CUSTOMER}:5", title="Track a parcel", page="https://parcel.example.net/track"
    ),
    "client.chat_session_signaling.request_call": wire.ChatSessionSignaling(
        msg_id=f"{CUSTOMER}:7", data='{"type":"REQUEST_CALL","offerVideo":true}'
    ),
    "client.chat_session_cobrowsing_rejected": wire.ChatSessionCobrowsing(kind="rejected"),
    "client.chat_session_cobrowsing_started": wire.ChatSessionCobrowsing(
        kind="started", data='{"provider_type":"example","cobrowsing_url":"https://cobrowse.example.net/s/9"}'
    ),
    "client.chat_session_cobrowsing_ended": wire.ChatSessionCobrowsing(kind="ended"),
}
UNKNOWN: dict[str, wire.WireEvent] = {
    "variant.unknown_event": wire.UnknownEvent(
        kind="chat_session_weather",
        source='{"event":"chat_session_weather","sky":"grey","timestamp":"1767225609"}',
    )
}
EVENTS = STATES | PARTIES | MESSAGES | FORMS | CALLS | OUR_OWN | UNKNOWN

BATCHES: dict[str, list[wire.WireEvent]] = {
    "rest.poll.start": [
        MESSAGES["event.chat_session_message.scenario_first"],
        STATES["event.chat_session_status.queued"],
    ],
    "rest.poll.agent": [
        PARTIES["event.chat_session_party_joined.internal"],
        STATES["event.chat_session_status.connected"],
        STATES["event.chat_session_case_set"],
    ],
    "rest.poll.empty": [],
    "rest.send_events.v1": [PARTIES["event.chat_session_typing"]],
    "rest.send_events.v2_empty_body": [],
    "rest.history": [
        MESSAGES["event.chat_session_message.scenario_first"],
        PARTIES["event.chat_session_party_joined.internal"],
        OUR_OWN["event.chat_session_navigation.own_in_history"],
        MESSAGES["event.chat_session_message.own_in_history"],
        MESSAGES["event.chat_session_message.agent_html"],
    ],
    "variant.poll_known_unknown_known": [
        PARTIES["event.chat_session_typing"],
        wire.UnknownEvent(kind="chat_session_weather", source='{"event":"chat_session_weather","sky":"grey"}'),
        PARTIES["event.chat_session_not_typing"],
    ],
    "variant.poll_without_events": [],
    "request.send_events": [
        wire.ChatSessionMessage(msg_id=FIRST, msg="My parcel is lost", msg_text="My parcel is lost")
    ],
}
CASES = {
    "rest.case_history": [
        wire.CaseSession(
            chat_id=OLD_CHAT,
            created_at=at(-86_400),
            events=(
                wire.ChatSessionPartyJoined(
                    party_id=EXPERT,
                    first_name="Jon",
                    last_name="Berg",
                    display_name="Jon B.",
                    type="internal",
                    at=at(-86_390),
                ),
                wire.ChatSessionMessage(
                    party_id=EXPERT, msg_id="0", msg="Hello, Jon here.", msg_text="Hello, Jon here.", at=at(-86_380)
                ),
                wire.ChatSessionEnded(),
            ),
        ),
        wire.CaseSession(
            chat_id=CUSTOMER,
            created_at=at(0),
            events=(MESSAGES["event.chat_session_message.own_in_history"],),
        ),
    ],
    "variant.case_created_time_string": [wire.CaseSession(chat_id=OLD_CHAT, created_at=at(-86_400))],
}
CHATS = {
    "rest.request_chat.new_queued": wire.ChatAnswer(chat_id=CUSTOMER, state="queued", ewt=45.0, is_new_chat=True),
    "rest.request_chat.new_ivr": wire.ChatAnswer(
        chat_id=CUSTOMER, state="ivr", is_new_chat=True, phone_number="+46700000000"
    ),
    "rest.request_chat.existing": wire.ChatAnswer(chat_id=CUSTOMER, state="connected", ewt=0.0),
    "rest.active_chat": wire.ChatAnswer(chat_id=CUSTOMER, state="queued", ewt=30.0),
    "variant.is_new_chat_string": wire.ChatAnswer(chat_id=CUSTOMER, state="establishing", is_new_chat=True),
}
OTHERS: dict[str, tuple[Any, Any]] = {
    "rest.availability.open": (read_availability, wire.AvailabilityAnswer(is_open=True, ewt=20.0)),
    "rest.availability.open_no_ewt": (read_availability, wire.AvailabilityAnswer(is_open=True)),
    "rest.availability.closed": (read_availability, wire.AvailabilityAnswer(is_open=False)),
    "rest.parameters": (
        read_parameters,
        (
            ("first_name", "FIRST_NAME"),
            ("last_name", "LAST_NAME"),
            ("email", "EMAIL"),
            ("phone", "PHONE"),
            ("customer_no", "ACCOUNT"),
            ("firm", "COMPANY"),
            ("subject", "TEXT"),
        ),
    ),
    "rest.upload_file": (read_upload, wire.UploadAnswer(file_id=LABEL, file_name="label.jpg")),
    "rest.upload_file.minimal": (read_upload, wire.UploadAnswer(file_id=LABEL)),
    "rest.iceservers": (
        read_ice_servers,
        [
            wire.IceServer(url="stun:stun.example.net:3478"),
            wire.IceServer(url="turn:turn.example.net:3478", username="u1", credential=Secret("p1")),
        ],
    ),
    "rest.iceservers.encrypted": (read_ice_servers, None),
    "rest.version": (read_version, "5.20.1.40077 (Stable)"),
    "variant.error_code_number": (read_error, ("5005", "session not found")),
}
ERRORS = {f"error.{code}": code for code in ERROR_ROWS}
WRITTEN = {  # in test_brightpattern_encode
    "request.request_chat",
    "request.request_chat.initial_message",
    "request.notifications.apns",
    "request.notifications.fcm_ios",
    "request.notifications.fcm_android",
    "request.notifications.cancel",
}
NOT_READ = {
    "rest.close_case": "its success says all",
    "rest.notifications": "its success says all: what is in it, no source agrees on (18, row 24)",
    "rest.get_file": "bytes are taken as they are",
    "rest.profile_photo": "bytes are taken as they are",
    "rest.configuration": "how a web page looks (3.16)",
    "rest.requestsms.old": "removed by the vendor (3.17)",
    "push.apns_message": "it goes to the app, which hands over nothing but that there is something",
    "push.fcm_data": "it goes to the app, which hands over nothing but that there is something",
}


def test_no_sample_is_left_out() -> None:
    tables: list[Any] = [EVENTS, BATCHES, CASES, CHATS, OTHERS, ERRORS, WRITTEN, NOT_READ]
    assert len(samples()) == 143
    assert sorted(samples()) == sorted(name for table in tables for name in table)


def test_every_event_has_a_sample() -> None:
    assert {type(read) for read in EVENTS.values()} == {*get_args(wire.KnownEvent), wire.UnknownEvent}


@pytest.mark.parametrize("name", EVENTS)
def test_events(name: str) -> None:
    assert event(samples()[name]) == EVENTS[name]


@pytest.mark.parametrize("name", BATCHES)
def test_batches(name: str) -> None:
    assert batch(body(name)) == BATCHES[name]


@pytest.mark.parametrize("name", CASES)
def test_cases(name: str) -> None:
    assert read_case_history(body(name), max_events=1000, max_source=SOURCE) == CASES[name]


@pytest.mark.parametrize("name", CHATS)
def test_chats(name: str) -> None:
    assert read_chat(body(name)) == CHATS[name]


@pytest.mark.parametrize("name", OTHERS)
def test_other_answers(name: str) -> None:
    reader, value = OTHERS[name]
    assert reader(body(name)) == value


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name: str) -> None:
    assert read_error(body(name)) == (ERRORS[name], samples()[name]["error_message"])


def test_an_event_is_the_same_with_its_fields_in_another_order() -> None:
    for name, read in (STATES | PARTIES | MESSAGES | FORMS).items():
        assert event(dict(reversed(samples()[name].items()))) == read


def test_an_unknown_field_changes_nothing() -> None:
    for name, read in (STATES | PARTIES | MESSAGES | FORMS).items():
        assert batch(compact({"more": 1, "events": [{**samples()[name], "weather": ["grey"]}]})) == [read]
