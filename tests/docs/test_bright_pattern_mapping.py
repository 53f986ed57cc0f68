"""The page for those who come from Bright Pattern's SDKs names what there is, all of it, and nothing else."""

import re
from typing import get_args

import pytest

import deskline
from deskline_core.brightpattern import wire
from deskline_core.brightpattern.refusals import ERRORS as CODES
from tests.docs.mapping import HANDLES, Page, found

PAGE = Page("from-bright-patterns-sdks.md")

FROM_THE_FAR_SIDE = """
    chat_session_status chat_session_ended chat_session_party_joined chat_session_party_left chat_session_message
    chat_session_message_delivered chat_session_message_read chat_session_typing chat_session_not_typing
    chat_session_timeout_warning chat_session_inactivity_timeout chat_session_case_set chat_session_location
    chat_session_form_show chat_session_secure_form_show chat_session_secure_form_cancel chat_session_file
    chat_session_file_url chat_session_signaling chat_session_cobrowsing_requested chat_session_cobrowsing_rejected
    chat_session_cobrowsing_started chat_session_cobrowsing_ended chat_session_info chat_session_message_edit
    chat_session_message_delete
""".split()  # noqa: SIM905 - so they can be compared with the reference at a glance
FROM_A_CLIENT = """
    chat_session_message chat_session_message_delivered chat_session_message_read chat_session_typing
    chat_session_not_typing chat_session_form_data chat_session_secure_form_data chat_session_secure_form_cancel
    chat_form_data_cancel chat_session_disconnect chat_session_end chat_session_file chat_session_location
    chat_session_navigation chat_session_signaling chat_session_cobrowsing_rejected chat_session_cobrowsing_started
    chat_session_cobrowsing_ended
""".split()  # noqa: SIM905
NO_EVENTS = "chat_session_message_status chat_session_form_submit chat_session_unknown_event".split()  # noqa: SIM905
SEED = """
    chatSessionMessage chatSessionMessageDelivered chatSessionMessageRead chatSessionStatus chatSessionCaseSet
    chatSessionPartyJoined chatSessionPartyLeft chatSessionTyping chatSessionNotTyping chatSessionLocation
    chatSessionTimeoutWarning chatSessionInactivityTimeout chatSessionEnded chatSessionDisconnect chatSessionEnd
""".split()  # noqa: SIM905
CALLS = """
    addChatID startPolling stopPolling sendChatMessage closeCase getVersion appDidReceiveMessage init delegate callback
""".split()  # noqa: SIM905
CLIENT_ERRORS = """
    failedToBuildBaseURL failedToCodeJSON failedToCreateURLRequest badStatusCode unexpectedResponse dataEmpty
    failedToCast failedToEncodeImage FailedToBuildBaseURL FailedTenantURL FailedToCodeJSON FailedToCreateURLRequest
    BadStatusCode VolleyError SessionNotCreated FileUploadError CommonCCError
""".split()  # noqa: SIM905
STATES = """
    ivr establishing queued connecting connected completed failed available notAvailable internal external scenario
    msteams
""".split()  # noqa: SIM905
METHODS = """
    GET availability|GET parameters|POST chats|GET chats/active|GET chats/{id}/events|POST chats/{id}/events
    |GET chats/{id}/history|GET chats/{id}/casehistory|POST chats/{id}/closecase|POST files|GET chats/{id}/files/{file}
    |GET chats/{id}/profilephotos/{party}|POST chats/{id}/notifications|GET version|GET iceservers|GET configuration
    |POST requestsms
"""
SMALL = """
    network_connection_error network_connection_established ios_apns_device_token ios_app_bundle_id
    ios_firebase_device_token android_firebase_device_token chatID REQUEST_CALL OFFER_CALL ANSWER_CALL ICE_CANDIDATE
    END_CALL CALL_REJECTED CALL_STATE phone_number from parameters initial_message directChatPIN /buttons
    /buttons-column /choice /attachment
""".split()  # noqa: SIM905


def in_part(title: str) -> str:
    (part,) = PAGE.parts(title)
    return part


@pytest.mark.parametrize("name", sorted(set(PAGE.ours)))
def test_a_name_of_ours_is_one(name: str) -> None:
    assert name.split(".", maxsplit=1)[0] in {*HANDLES, *deskline.__all__}
    assert found(name) is not None


def test_every_row_has_a_name_of_ours_or_says_why_not() -> None:
    assert PAGE.poor() == []


def test_an_event_among_the_errors_is_marked_as_one() -> None:
    told = PAGE.events_among_errors("Errors")
    assert told != []
    assert [row for row in told if "event" not in row[2]] == []


def test_what_only_we_have_is_named_nowhere_else() -> None:
    assert set(PAGE.ours_there) & set(PAGE.ours_only) == set()


@pytest.mark.parametrize(
    "names",
    [NO_EVENTS, SEED, CALLS, CLIENT_ERRORS, STATES, SMALL, [name.strip() for name in METHODS.split("|")]],
    ids=["no events", "seed", "calls", "client errors", "states", "small", "methods"],
)
def test_the_vendors_names_are_all_there(names: list[str]) -> None:
    assert [name for name in names if name not in PAGE.named] == []


def test_each_event_stands_with_its_direction() -> None:
    server, client = in_part("What the far side sends"), in_part("What a client sends")
    assert [name for name in FROM_THE_FAR_SIDE if f"`{name}`" not in server] == []
    assert [name for name in FROM_A_CLIENT if f"`{name}`" not in client] == []


def test_each_event_that_is_read_is_named() -> None:
    tags = {str(kind.__struct_config__.tag) for kind in get_args(wire.KnownEvent)}
    named = (*FROM_THE_FAR_SIDE, *FROM_A_CLIENT)
    assert [tag for tag in sorted(tags) if not any(name.startswith(tag) for name in named)] == []


def test_each_code_stands_with_its_name() -> None:
    named = in_part("Errors")
    assert [row.name for row in CODES.values() if f"`{row.name}`" not in named] == []
    numbers = set(re.findall(r"\b\d{4}\b", named))
    assert numbers | {"2001", "2002", "2003"} == set(CODES)
