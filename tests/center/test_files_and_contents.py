"""Files that agents send, and content of every type, by controls and by scripts."""

import json
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from deskline_center import RequestArrived, Respond, Script
from deskline_center.controls import AgentSays, CloseContact
from deskline_center.cxone import contents
from deskline_center.cxone.channel import FileType
from deskline_center.scripts import Join, Say
from tests.center.strict_content import Content
from tests.center.visitor import CHANNEL, THREAD, Far, names

ROOT = f"/chat/1.0/brand/5150/channel/{CHANNEL}"
NOTE = {"friendlyName": "note ä.txt", "mimeType": "text/plain", "content": "aGVsbG8="}


def fetched(far: Far, url: str) -> tuple[int, bytes, str]:
    answer = far.rest("GET", urlsplit(url).path)
    return answer.status, answer.body, dict(answer.headers).get("content-type", "")


def last_message(frames: list[Any]) -> Any:
    (frame,) = [frame for frame in frames if names([frame]) == ["MessageCreated"]][-1:]
    return frame["data"]["message"]


def test_a_file_that_an_agent_gives_is_kept_and_can_be_fetched() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    far.do(AgentSays(text="", attachments=(NOTE, {"url": "https://a.test/f", "friendlyName": "f"})))
    kept, named = last_message(visitor.frames())["attachments"]
    assert (kept["friendlyName"], kept["fileName"], kept["mimeType"]) == ("note ä.txt", "note ä.txt", "text/plain")
    assert "content" not in kept
    assert fetched(far, kept["url"]) == (200, b"hello", "text/plain")
    assert named["url"] == "https://a.test/f"


@pytest.mark.parametrize("odd", [{"friendlyName": "lies nowhere"}, {"url": 5}, {"url": 5, "content": "&&&"}])
def test_an_odd_file_is_sent_as_odd_as_it_is(odd: dict[str, Any]) -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    far.do(AgentSays(text="x", attachments=(odd,)))
    (file,) = last_message(visitor.frames())["attachments"]
    assert file["url"] == ("5" if "url" in odd else "")


@pytest.mark.parametrize("content", ["&&&", None, 5])
def test_a_file_that_cannot_be_read_is_not_sent(content: Any) -> None:
    odd = {"friendlyName": "a.txt", "content": content}
    far = Far(scripts=(Script(name="odd", steps=(Say(text="x", attachments=(odd, NOTE)),)),), script="odd")
    visitor = far.visitor()
    visitor.say()
    (file,) = last_message(visitor.frames())["attachments"]
    assert file["friendlyName"] == "note ä.txt"
    far.do(CloseContact())
    assert far.refused(AgentSays(text="x", attachments=(NOTE, odd))) == "an attachment's content is no base64"
    assert len(far.center.overview()["threads"][0]["contacts"]) == 1, "nothing has changed"


def test_files_may_be_empty() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    answer = far.rest("POST", f"{ROOT}/attachment", {"content": "", "fileName": "a.txt", "mimeType": "text/plain"})
    far.do(AgentSays(attachments=({"friendlyName": "b.txt", "mimeType": "text/plain", "content": ""},)))
    (sent,) = last_message(visitor.frames())["attachments"]
    for url in (json.loads(answer.body)["fileUrl"], sent["url"]):
        assert fetched(far, url) == (200, b"", "text/plain")


def test_a_file_comes_back_as_no_page_that_could_run() -> None:
    far = Far()
    page = {"content": "PHN2Zy8+", "fileName": "a.svg", "mimeType": "image/svg+xml"}
    url = json.loads(far.rest("POST", f"{ROOT}/attachment", page).body)["fileUrl"]
    headers = dict(far.rest("GET", urlsplit(url).path).headers)
    assert (
        headers.items()
        >= {
            "content-type": "image/svg+xml",
            "content-disposition": "attachment",
            "content-security-policy": "sandbox",
            "x-content-type-options": "nosniff",
        }.items()
    )


@pytest.mark.parametrize(
    ("path", "status", "key"),
    [
        (f"{ROOT}/attachment", 200, "allowedFileSize"),
        (f"{ROOT}/attachment".replace("5150", "1"), 413, "error"),
        ("/oauth/token", 413, "error"),
        ("/nowhere", 404, "error"),
    ],
)
def test_a_body_that_is_too_large_for_the_server(path: str, status: int, key: str) -> None:
    far = Far()
    headers = (("origin", "https://shop.test"),)
    (answer,) = far.feed(RequestArrived(id="r", method="POST", path=path, headers=headers, is_too_large=True))
    assert isinstance(answer, Respond)
    assert (answer.status, key in json.loads(answer.body)) == (status, True)
    assert dict(answer.headers)["access-control-allow-origin"] == "https://shop.test"


def test_a_script_sends_files_and_contents() -> None:
    content = contents.quick_replies("When?", ("Early", "slot:early"))
    script = Script(name="files", steps=(Join(), Say(text="look", attachments=(NOTE,)), Say(content=content)))
    far = Far(scripts=(script,), script="files")
    visitor = far.visitor()
    visitor.say()
    far.later(1)
    created = [frame["data"]["message"] for frame in visitor.frames() if names([frame]) == ["MessageCreated"]]
    assert fetched(far, created[-2]["attachments"][0]["url"])[:2] == (200, b"hello")
    assert created[-1]["messageContent"] == content
    assert created[-1]["attachments"] == []


def test_scripts_with_files_can_be_written_as_json() -> None:
    step = msgspec.json.decode(json.dumps({"do": "say", "text": "x", "attachments": [NOTE]}), type=Say)
    assert step.attachments == (NOTE,)


@pytest.mark.parametrize(
    "content",
    [
        contents.quick_replies("When?", ("Early", "slot:early"), ("Late", "slot:late")),
        contents.list_picker("Colours", "Which?", ("Moss", "glaze/moss")),
        contents.rich_link("Mug", "https://shop.test/mug", "https://files.test/mug.png"),
        contents.time_picker("Visit", "Pick one", "2026-03-06T09:00:00+00:00", "2026-03-06T13:30:00+00:00"),
    ],
    ids=lambda content: str(content["type"]),
)
def test_contents_that_every_client_takes_have_what_each_needs(content: dict[str, Any]) -> None:
    msgspec.convert(content, Content)
    far = Far()
    visitor = far.visitor()
    visitor.say()
    far.do(AgentSays(content=content))
    assert last_message(visitor.frames())["messageContent"] == content


@pytest.mark.parametrize(
    ("content", "type_", "payload"),
    [
        (contents.adaptive_card({"type": "AdaptiveCard", "body": []}, "a card"), "ADAPTIVE_CARD",
         {"type": "AdaptiveCard", "body": []}),
        (contents.menu("Workshop", ("Repairs", "menu/repairs")), "PLUGIN", {"postback": "", "elements": [
            {"id": "menu", "type": "MENU", "elements": [
                {"id": "title", "type": "TITLE", "text": "Workshop"},
                {"id": "button-1", "type": "BUTTON", "text": "Repairs", "postback": "menu/repairs"},
            ]},
        ]}),
        (contents.unknown("HOLOGRAM", "look up"), "HOLOGRAM", {"elements": [{"id": "element", "type": "HOLOGRAM"}]}),
    ],
)  # fmt: skip
def test_contents_that_some_clients_show_by_their_fallback(content: dict[str, Any], type_: str, payload: Any) -> None:
    assert (content["type"], content["payload"]) == (type_, payload)
    assert content["fallbackText"]


def test_uploads_keep_to_what_the_channel_allows() -> None:
    far = Far(allowed_file_size=1, allowed_file_types=(FileType(mime_type="image/*"),))
    refused = {
        "allowedFileSize": "1",
        "allowedFileTypes": [{"mimeType": "image/*", "description": ""}],
        "isAttachmentsEnabled": True,
    }
    for content, kind, taken in (
        ("aGk=", "image/png", True),
        ("aGk=", "text/plain", False),
        ("A" * 1_500_000, "image/png", False),
    ):
        answer = far.rest("POST", f"{ROOT}/attachment", {"content": content, "fileName": "f", "mimeType": kind})
        assert answer.status == 200
        body = json.loads(answer.body)
        assert body == refused or taken
        if taken:
            assert fetched(far, body["fileUrl"]) == (200, b"hi", "image/png")


def test_the_thread_that_is_named_gets_the_file() -> None:
    far = Far(mode="multi")
    visitor = far.visitor()
    visitor.say()
    visitor.say(on=far.uuid())
    far.do(AgentSays(thread=THREAD, text="", attachments=(NOTE,)))
    assert last_message(visitor.frames())["threadIdOnExternalPlatform"] == THREAD
