"""Every request with every status that is documented for it: Bright Pattern reference, sections 3 and 3.18."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from deskline_center.brightpattern import BrightPatternChannel, IceServer, Parameter
from deskline_center.brightpattern.controls import EndSession, SetCase, SetStage
from deskline_center.brightpattern.identity import read_claim
from deskline_center.brightpattern.rest import ROUTES
from deskline_center.controls import AgentJoins, AgentSays, Availability, CloseContact, Fail
from tests.center.brightpattern.client import APP, CLIENT, START, Client, Desk, authorization, code, names

UPLOAD = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nhi\r\n--x--\r\n"
)
MULTIPART = {"content-type": "multipart/form-data; boundary=x"}


def path_of(client: Client, name: str) -> tuple[str, str, Any]:
    """The method, path and a good body of a request."""
    chat = f"chats/{client.chat}"
    return {
        "availability": ("GET", "availability", None),
        "parameters": ("GET", "parameters", None),
        "request-chat": ("POST", "chats", {}),
        "active-chat": ("GET", "chats/active", None),
        "poll": ("GET", f"{chat}/events", None),
        "send": ("POST", f"{chat}/events", {"events": [{"event": "chat_session_typing"}]}),
        "history": ("GET", f"{chat}/history", None),
        "case-history": ("GET", f"{chat}/casehistory", None),
        "close-case": ("POST", f"{chat}/closecase", None),
        "upload": ("POST", "files", UPLOAD),
        "file": ("GET", f"{chat}/files/f", None),
        "photo": ("GET", f"{chat}/profilephotos/p", None),
        "icon": ("GET", f"{chat}/chaticon", None),
        "notifications": ("POST", f"{chat}/notifications", {}),
        "version": ("GET", "version", None),
        "ice-servers": ("GET", "iceservers", None),
        "configuration": ("GET", "configuration", None),
    }[name]


def ready(**settings: Any) -> Client:
    """A client whose chat has a case, and something that waits for a poll."""
    desk = Desk(**settings)
    client = desk.chat()
    client.headers |= MULTIPART
    desk.do(SetCase())
    return client


NAMED = sorted({route.name for route in ROUTES})
PLAIN = [name for name in NAMED if name not in ("file", "photo")]


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("name", PLAIN)
def test_200(name: str, version: str) -> None:
    client = ready()
    client.version = version
    method, path, body = path_of(client, name)
    answer = client.ask(method, path, body)
    absent = version == "v1" and name in ("version", "notifications")
    assert answer.status == (404 if absent else 200)
    if name != "icon":
        assert dict(answer.headers)["content-type"] == "application/json"


@pytest.mark.parametrize("name", [name for name in NAMED if name not in ("file", "photo", "icon")])
def test_403(name: str) -> None:
    client = ready()
    method, path, body = path_of(client, name)
    client.headers["authorization"] = authorization(app="nobody")
    assert code(client.ask(method, path, body)) == (403, "3000")


@pytest.mark.parametrize(
    "name", ["poll", "send", "history", "case-history", "close-case", "icon", "file", "notifications"]
)
def test_404_session(name: str) -> None:
    client = ready()
    client.chat = "unknown"
    method, path, body = path_of(client, name)
    assert code(client.ask(method, path, body)) == (404, "5005")


@pytest.mark.parametrize("name", ["file", "photo"])
def test_404_file(name: str) -> None:
    client = ready()
    method, path, body = path_of(client, name)
    assert code(client.ask(method, path, body)) == (404, "5502")


def test_404_active_chat_and_cases_without_an_id() -> None:
    client = Desk().client()
    assert code(client.ask("GET", "chats/active")) == (404, "5005")
    assert code(client.ask("GET", "casehistory")) == (404, "5005")
    assert code(client.ask("POST", "closecase")) == (404, "5005")


@pytest.mark.parametrize("form", ["chats/{}/", ""])
def test_406_and_200_of_cases(form: str) -> None:
    desk = Desk()
    client = desk.chat()
    history, close = f"{form.format(client.chat)}casehistory", f"{form.format(client.chat)}closecase"
    assert code(client.ask("GET", history)) == code(client.ask("POST", close)) == (406, "5601")
    desk.do(SetCase())
    assert [s["chat_id"] for s in client.get(history)["sessions"]] == [client.chat]
    assert json.loads(client.ask("POST", close, {"events": [{"event": "chat_session_end"}]}).body) == {}
    assert not client.is_over


def test_406_of_subscriptions() -> None:
    desk = Desk(push_kinds=("ios_apns_device_token",))
    client = desk.chat()
    path = f"chats/{client.chat}/notifications"
    apns = {"ios_apns_device_token": "00ff", "ios_app_bundle_id": "net.example.parcel"}
    bad: list[Any] = [
        {"android_firebase_device_token": "x"},
        {**apns, "ios_firebase_device_token": "x"},
        {"ios_apns_device_token": "00ff"},
        {**apns, "ios_apns_device_token": ""},
        {**apns, "ios_apns_device_token": 7},
        b"no json",
    ]
    for body in bad:
        assert code(client.ask("POST", path, body)) == (406, "5603")
    assert desk.seen()["subscription"] == {}
    assert client.ask("POST", path, apns).status == 200
    assert desk.seen()["subscription"] == apns
    assert client.ask("POST", path, {}).status == 200
    assert desk.seen()["subscription"] == {}


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b"{}", b'{"events":{}}', b'{"events":[1]}', b'{"events":[{}]}']
)
def test_400_of_events(body: bytes) -> None:
    client = Desk().chat()
    assert code(client.ask("POST", client.events, body)) == (400, "5003")


@pytest.mark.parametrize("body", [b"", b"no json", b"[]"])
def test_400_of_a_request_for_a_chat(body: bytes) -> None:
    assert code(Desk().client().ask("POST", "chats", body)) == (400, "5003")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (UPLOAD, "application/json"),
        (UPLOAD, "multipart/form-data"),
        (UPLOAD, ""),
        (UPLOAD.replace(b"; filename", b"; nothing"), "multipart/form-data; boundary=x"),
        (UPLOAD.replace(b"\r\n\r\n", b"\r\n"), "multipart/form-data; boundary=x"),
    ],
)
def test_400_of_an_upload(body: bytes, kind: str) -> None:
    assert code(Desk().client().ask("POST", "files", body, headers={"content-type": kind})) == (400, "5003")


@pytest.mark.parametrize(("parts", "headers", "status"), [(98, 1000, 200), (100, 0, 400), (0, 3000, 400)])
def test_an_upload_is_not_read_without_end(parts: int, headers: int, status: int) -> None:
    body = b"--x\r\n\r\n\r\n" * parts + UPLOAD.replace(b"--x\r\n", b"--x\r\n" + b"more: 1\r\n" * headers)
    assert Desk().client().ask("POST", "files", body, headers=MULTIPART).status == status


def test_400_of_a_large_upload() -> None:
    client = Desk().client()
    large = UPLOAD.replace(b"hi", bytes(25 * 1024 * 1024 + 1))
    assert code(client.ask("POST", "files", large, headers=MULTIPART)) == (400, "5501")
    assert code(client.ask("POST", "files", b"", is_too_large=True)) == (400, "5501")
    assert client.ask("POST", "files", large.replace(b"\0", b"", 1), headers=MULTIPART).status == 200


def test_400_of_a_large_body() -> None:
    client = Desk().chat()
    assert code(client.say("x" * 256 * 1024)) == (400, "5003")
    assert code(client.ask("POST", client.events, b"", is_too_large=True)) == (400, "5003")


def test_429_of_polls() -> None:
    client = Desk().chat()
    client.hold()
    assert code(client.ask("GET", client.events)) == (429, "5509")


@pytest.mark.parametrize(
    ("name", "error", "status"),
    [("availability", "5001", 503), ("request-chat", "5001", 503), ("close-case", "5602", 500), ("poll", "5000", 503)],
)
def test_statuses_that_only_trouble_brings(name: str, error: str, status: int) -> None:
    client = ready()
    client.desk.do(Fail(match=name, code=error))
    method, path, body = path_of(client, name)
    assert code(client.ask(method, path, body)) == (status, error)


@pytest.mark.parametrize(("setting", "answer"), [("refuse", (503, "5001")), ("start", (200, None))])
def test_503_out_of_hours(setting: str, answer: object) -> None:
    desk = Desk(closed_start=setting, ewt=7)
    client = desk.client()
    assert client.get("availability") == {"chat": "available", "ewt": "7"}
    desk.do(Availability(online=False))
    assert client.get("availability") == {"chat": "notAvailable"}
    assert code(client.ask("POST", "chats", {})) == answer


def test_version_and_the_path_that_is_none() -> None:
    client = Desk().client()
    assert client.get("version")["server_version"].endswith("(Stable)")
    for method, path in (
        ("GET", "files"),
        ("DELETE", "chats"),
        ("GET", "/clientweb"),
        ("GET", "/clientweb/api/v3/version"),
    ):
        assert code(client.ask(method, path)) == (404, None)
    client.version = "v1"
    assert code(client.ask("GET", "version")) == (404, None)


def test_parameters_and_servers() -> None:
    server = IceServer(url="turn:turn.example.test", username="u", credential="p")
    client = Desk(expected=(Parameter(name="firm", type="COMPANY"),), ice_servers=(server,)).client()
    assert client.get("parameters") == {"parameters": [{"firm": "COMPANY"}]}
    servers = {"servers": [{"url": "turn:turn.example.test", "username": "u", "credential": "p"}]}
    assert client.get("iceservers") == servers


@pytest.mark.parametrize("name", ["chat_session_end", "chat_session_disconnect", "chat_session_file", "", 5])
def test_only_a_message_comes_with_the_request_for_a_chat(name: object) -> None:
    desk = Desk()
    client = desk.client()
    client.begin(initial_message={"event": name, "file_id": "6fda"})
    assert names(client.poll()) == ["status queued"]
    assert (desk.seen()["over"], desk.center.overview()["threads"][0]["messages"]) == (False, [])


def test_what_a_request_for_a_chat_answers() -> None:
    desk = Desk(ewt=12)
    client = desk.client()
    begun = client.begin(phone_number="+15550100", parameters={"first_name": "Ada", "last_name": "Byron"})
    assert begun == {
        "chat_id": client.chat, "state": "queued", "ewt": "12", "is_new_chat": True, "phone_number": "+15550100",
    }  # fmt: skip
    assert client.get("chats/active") == {key: begun[key] for key in begun if key != "is_new_chat"}
    assert client.begin()["is_new_chat"] is False
    desk.do(AgentJoins())
    assert (client.begin()["state"], client.get("chats/active")["ewt"]) == ("connected", "0")
    assert desk.center.overview()["customers"][0]["name"] == "Ada Byron"
    assert desk.seen()["client"] == CLIENT


def test_no_estimate_and_an_entry_that_keeps_the_chat() -> None:
    client = Desk(ewt=None, first_stage="ivr").client()
    assert client.get("availability") == {"chat": "available"}
    assert client.begin() == {"chat_id": client.chat, "state": "ivr", "is_new_chat": True, "phone_number": ""}
    assert client.poll() == [{"event": "chat_session_status", "state": "ivr", "ewt": ""}]


def test_v1_may_quote_and_say_establishing() -> None:
    client = Desk(v1_stage="establishing", is_new_chat="string").client(version="v1")
    begun = client.begin()
    assert (begun["state"], begun["is_new_chat"]) == ("establishing", "true")
    assert client.begin()["is_new_chat"] == "false"
    client.version = "v2"
    assert client.begin()["state"] == "queued"


def test_v1_may_be_without_receipts_and_cases() -> None:
    desk = Desk(v1_is_full=False)
    client = desk.client(version="v1")
    client.begin()
    client.poll()
    desk.do(AgentJoins())
    desk.do(SetCase())
    assert names(client.poll()) == ["status connecting", "party_joined", "status connected"]
    client.say()
    assert client.poll() == []
    assert code(client.ask("GET", f"chats/{client.chat}/casehistory")) == (404, None)
    assert "message_delivered" not in names(client.history())


@pytest.mark.parametrize(("setting", "is_same"), [("same", True), ("new", False)])
def test_a_second_session_for_the_same_client(setting: str, is_same: bool) -> None:
    desk = Desk(second_chat=setting)
    client = desk.client()
    first = client.begin()
    assert (client.begin()["chat_id"] == first["chat_id"]) is is_same
    assert len(desk.center.overview()["chats"]) == (1 if is_same else 2)


@pytest.mark.parametrize(("setting", "status"), [("refuse", 404), ("accept", 200)])
def test_a_chat_of_somebody_else(setting: str, status: int) -> None:
    client = Desk(BrightPatternChannel(id="other"), foreign_client=setting).chat()
    client.headers["authorization"] = authorization("somebody-else")
    assert client.ask("GET", f"chats/{client.chat}/history").status == status
    client.headers["authorization"] = authorization(CLIENT, "other")
    assert client.ask("GET", f"chats/{client.chat}/history").status == 404


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (None, "2000"),
        ("Bearer x", "2002"),
        ("MOBILE-API-140-327-PLAIN", "2001"),
        ('MOBILE-API-140-327-PLAIN appId="a b" clientId="c"', "2001"),
        ('MOBILE-API-140-327-PLAIN appId="a", clientId="c" and more', "2001"),
        (f'MOBILE-API-140-327-PLAIN appId="{"a" * 2048}", clientId="c"', "2001"),
        ('MOBILE-API-140-327-PLAIN clientId="c"', "2003"),
        ('MOBILE-API-140-327-PLAIN appId="", clientId="c"', "2003"),
        (f'MOBILE-API-140-327-PLAIN appId="{APP}"', "2004"),
        ('MOBILE-API-140-327-PLAIN appId="nobody", clientId="c"', "3000"),
        (f"MOBILE-API-140-327-PLAIN appId={APP}, clientId=c", None),
        (f'MOBILE-API-140-327-PLAIN clientId="c,d e" ,appId="{APP}"', None),
    ],
)
def test_the_authorization_header(header: str | None, error: str | None) -> None:
    answer = Desk().client().ask("GET", "availability", headers={"authorization": header})
    assert code(answer) == ((200, None) if error is None else (403, error))


def test_values_keep_their_commas_and_spaces_in_quotes() -> None:
    claim = read_claim('MOBILE-API-140-327-PLAIN appId="a, b", clientId="c d"')
    assert (claim.app, claim.client, claim.quoted) == ("a, b", "c d", True)


@pytest.mark.parametrize(
    ("tenant", "query", "status"),
    [
        ("", "tenantUrl=any.test&nonce=17", 200),
        ("", "", 403),
        ("", "tenantUrl=", 403),
        ("acme.test", "tenantUrl=acme.test", 200),
        ("acme.test", "tenantUrl=https%3A%2F%2Facme.test%2F&timestamp=17", 200),
        ("acme.test", "tenantUrl=other.test", 403),
    ],
)
def test_the_tenant(tenant: str, query: str, status: int) -> None:
    answer = Desk(tenant=tenant).client().ask("GET", "availability", query=query)
    assert code(answer) == (status, None if status == 200 else "1000")


def test_a_file_goes_up_and_comes_back_by_both_addresses() -> None:
    client = Desk().chat()
    binary = bytes(range(256)) * 3 + b"\r\n--y\r\n"
    body = UPLOAD.replace(b"hi", binary).replace(b"a.txt", b"C:\\\\me\\\\gr\xc3\xbc\xc3\x9fe.txt")
    up = json.loads(client.ask("POST", "files", body, headers=MULTIPART).body)
    assert up["file_name"].endswith("e.txt")
    for path in (f"chats/{client.chat}/files/{up['file_id']}", f"/clientweb/file/{up['file_id']}"):
        answer = client.ask("GET", path)
        assert (answer.status, answer.body) == (200, binary)
        assert dict(answer.headers)["content-type"] == "text/plain"
        assert dict(answer.headers)["content-disposition"] == "attachment"


def test_a_file_of_no_kind_is_just_bytes() -> None:
    client = Desk().chat()
    for kind in (b"", b"Content-Type: text/plain\r\n"):
        body = UPLOAD.replace(b"Content-Type: text/plain\r\n", kind).replace(b"a.txt", b"/")
        up = json.loads(client.ask("POST", "files", body, headers=MULTIPART).body)
        assert up["file_name"] == "file"
    client.desk.do(AgentSays(text="", attachments=({"content": "aGk=", "mimeType": "no kind at all"},)))
    file = client.poll()[0]["file_id"]
    assert dict(client.ask("GET", f"/clientweb/file/{file}").headers)["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(("setting", "status"), [(True, 200), (False, 404)])
def test_files_after_the_end(setting: bool, status: int) -> None:
    client = Desk(files_after_end=setting).chat()
    up = json.loads(client.ask("POST", "files", UPLOAD, headers=MULTIPART).body)
    client.desk.do(CloseContact())
    assert client.ask("GET", f"chats/{client.chat}/files/{up['file_id']}").status == status
    assert client.ask("GET", f"/clientweb/file/{up['file_id']}").status == 200


@pytest.mark.parametrize("current", [True, False])
def test_the_history_of_a_case_is_that_of_its_chats(current: bool) -> None:
    desk = Desk(current_in_case_history=current)
    client = desk.chat()
    desk.do(SetCase(case="CS-7"))
    first = client.chat
    client.say("The first time")
    desk.do(CloseContact())
    desk.later(60)
    client.begin()
    desk.do(SetCase(case="CS-8"))
    assert [s["chat_id"] for s in client.get("casehistory")["sessions"]] == [client.chat][: int(current)]
    desk.do(SetCase(case="CS-7"))
    sessions = client.get("casehistory")["sessions"]
    assert [(s["chat_id"], s["created_time"]) for s in sessions] == [
        (first, int(START)), (client.chat, int(START) + 60),
    ][: 1 + int(current)]  # fmt: skip
    assert names(sessions[0]["events"])[-3:] == ["case_set", "message", "ended"]


def test_the_scenario_may_forbid_the_history_of_cases() -> None:
    client = ready(case_history_allowed=False)
    assert code(client.ask("GET", "casehistory")) == (403, None)


@pytest.mark.parametrize(("setting", "told"), [(True, [""]), (False, [])])
def test_a_case_that_is_closed(setting: bool, told: list[str]) -> None:
    client = ready(case_gone_after_close=setting)
    client.poll()
    assert client.ask("POST", "closecase").status == 200
    assert [e["case_id"] for e in client.poll()] == told
    assert client.desk.seen()["case"] == ("" if setting else "CS-1001")


ENDS: list[Callable[[Client], object]] = [
    lambda client: client.send("end"),
    lambda client: client.desk.do(CloseContact()),
    lambda client: client.desk.do(EndSession(how="lost")),
    lambda client: client.desk.do(SetStage(stage="failed")),
]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", ["send", "history", "case-history", "close-case", "notifications", "active-chat"])
def test_nothing_but_the_last_poll_is_left_of_a_chat_that_is_over(name: str, end: Callable[[Client], object]) -> None:
    client = ready()
    end(client)
    method, path, body = path_of(client, name)
    assert code(client.ask(method, path, body)) == (404, "5005")
    client.poll()
    assert code(client.ask("GET", client.events)) == (404, "5005")
