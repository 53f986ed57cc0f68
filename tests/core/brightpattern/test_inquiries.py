"""What can be asked of a site without a conversation (sections 3.1, 3.14 to 3.16; B1)."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.model import Availability, IceServer
from deskline_core.policy import Policy
from deskline_core.values import Secret
from tests.core.brightpattern.alone import V1, Alone, ready, talking

ASKED: dict[type[i.AppRequest], str] = {
    i.CheckAvailability: "GET availability", i.FetchVersion: "GET version", i.FetchIceServers: "GET iceservers",
    i.FetchConfiguration: "GET configuration",
}  # fmt: skip
KINDS = pytest.mark.parametrize(("kind", "call"), ASKED.items(), ids=[kind.__name__ for kind in ASKED])


@pytest.mark.row("B1")
@pytest.mark.parametrize("where", [ready, talking])
@pytest.mark.parametrize(
    ("answer", "availability"),
    [
        ({"chat": "available", "ewt": "12"}, Availability(is_open=True, estimated_wait=12.0)),
        ({"chat": "available", "ewt": ""}, Availability(is_open=True)),
        ({"chat": "notAvailable"}, Availability(is_open=False)),
    ],
)
def test_the_app_is_told_whether_the_site_is_open(where: Any, answer: object, availability: Availability) -> None:
    chat = where()
    assert chat.ask(i.CheckAvailability) == ["GET availability"]
    assert chat.reply("GET availability", answer) == ["CheckAvailability answered"]
    assert chat.answers[chat.asked] == availability


@pytest.mark.row("B1")
def test_a_site_without_a_chat_server_is_as_good_as_closed() -> None:
    chat = ready(policy=Policy(rest_attempts=1))
    chat.ask(i.CheckAvailability)
    assert chat.deny("GET availability", "5001", 503) == ["CheckAvailability answered"]
    assert chat.answers[chat.asked] == Availability(is_open=False)


@pytest.mark.row("B1")
def test_a_site_that_does_not_let_us_in_is_named() -> None:
    chat = ready()
    chat.ask(i.CheckAvailability)
    assert chat.deny("GET availability", "3000", 403) == ["CheckAvailability refused site_refused"]
    assert chat.refusals[-1].remote_code == "3000"


@pytest.mark.parametrize(("retry", "attempts"), [(True, 4), (False, 1)])
def test_the_first_availability_is_tried_again_by_the_policy(retry: bool, attempts: int) -> None:
    chat = Alone(policy=Policy(retry_first_availability=retry))
    chat.ask(i.Open)
    chat.saved()
    chat.reply("GET parameters", {"parameters": []})
    for attempt in range(1, attempts + 1):
        words = chat.fail("GET availability")
        assert bool(words) is (attempt == attempts)
        chat.wait(5)
    assert chat.session.state == "prepared"


def test_versions_servers_and_looks_are_fetched() -> None:
    chat = ready()
    chat.ask(i.FetchVersion)
    assert chat.reply("GET version", {"server_version": "5.5.6.12345 (Stable)"}) == ["FetchVersion answered"]
    assert chat.answers[chat.asked] == "5.5.6.12345 (Stable)"
    chat.ask(i.FetchIceServers)
    servers = [{"url": "turn:t.example", "username": "u", "credential": "c"}, {"url": "stun:s.example"}, {}]
    chat.reply("GET iceservers", {"servers": servers})
    assert chat.answers[chat.asked] == (
        IceServer(url="turn:t.example", username="u", credential=Secret("c")), IceServer(url="stun:s.example"),
    )  # fmt: skip
    chat.ask(i.FetchConfiguration)
    chat.reply("GET configuration", b'\xef\xbb\xbf{"definition": {}}')
    assert chat.answers[chat.asked] == '{"definition": {}}'
    assert chat.sent("GET configuration").limit == chat.session.policy.max_body


@KINDS
def test_what_cannot_be_read_is_refused(kind: type[i.AppRequest], call: str) -> None:
    chat = ready()
    chat.ask(kind)
    assert chat.reply(call, b'"c2FsdA=="') == [f"{kind.__name__} refused refused_by_center"]
    assert chat.refusal[1].startswith(f"the {call.removeprefix('GET ')} request was answered, but it ")


def test_an_encrypted_list_is_named() -> None:
    chat = ready()
    chat.ask(i.FetchIceServers)
    chat.reply("GET iceservers", b'"c2FsdA=="')
    assert chat.refusal[1] == "the iceservers request was answered, but it is encrypted, or no list of servers"


@KINDS
@pytest.mark.parametrize(("code", "status"), [("", 404), ("5005", 404), ("5502", 404)])
def test_what_is_not_there_has_not_ended(kind: type[i.AppRequest], call: str, code: str, status: int) -> None:
    chat = ready()
    chat.ask(kind)
    assert chat.deny(call, code, status) == [f"{kind.__name__} refused refused_by_center"]
    assert chat.refusals[-1].remote_code == code


@KINDS
def test_what_is_not_answered_is_asked_again_and_then_refused(kind: type[i.AppRequest], call: str) -> None:
    chat = ready()
    chat.ask(kind)
    for _ in range(3):
        assert chat.fail(call) == []
        assert chat.wait(5) == [call]
    assert chat.fail(call) == [f"{kind.__name__} refused connection_lost"]


@KINDS
def test_nobody_wants_to_know_any_more(kind: type[i.AppRequest], call: str) -> None:
    chat = ready()
    chat.ask(kind)
    assert chat.withdraw(chat.asked) == [f"stop {call}"]
    assert chat.withdraw(chat.asked) == []


@KINDS
def test_before_it_is_prepared_nothing_is_asked(kind: type[i.AppRequest], call: str) -> None:
    assert Alone().ask(kind) == [f"{kind.__name__} refused illegal_state"]


def test_an_older_center_has_no_version() -> None:
    chat = ready(site=V1)
    assert chat.ask(i.FetchVersion) == ["FetchVersion refused not_supported"]
    v2 = ready().session.capabilities
    assert v2 - chat.session.capabilities == {"FetchVersion", "RegisterDevice", "NotePush"}
    assert chat.session.capabilities < v2
