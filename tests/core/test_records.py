"""Records of an earlier run may be damaged, or made by somebody else: what cannot be used counts as none, and goes."""

import json
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.lifecycle import MessageStatus
from deskline_core.policy import Policy
from tests.core.brightpattern.alone import CHAT, Alone
from tests.core.restarting import Run, World

VENDORS = ("multi legacy", "bright pattern")
MESSAGE: dict[str, Any] = {
    "order": 1, "id": "m-1", "thread": "t-1", "party": {"id": "c-1", "role": "customer"}, "at": "2026-05-28T20:26:46Z",
    "stage": "waits", "text": "hi",
}  # fmt: skip
FILE: dict[str, Any] = {"name": "a.txt", "mime_type": "text/plain", "size": 4}
NO_FILE = "its file was not kept"


def run_on(kind: str, records: dict[str, str], **rest: Any) -> Run:
    """Return a run that found these records, and is ready."""
    world = World(kind, **rest)
    world.store = dict(records)
    run = world.run()
    run.do(i.Open)
    run.advance(5)
    assert run.session.state == "ready"
    return run


def message(**changed: Any) -> dict[str, str]:
    """Return a record of a message, with some of it changed; None leaves it out."""
    fields: dict[str, Any] = {name: value for name, value in (MESSAGE | changed).items() if value is not None}
    return {"message.m-1": json.dumps(fields)}


CHANGES: list[dict[str, Any]] = [
    {"stage": "flies"}, {"order": "1"}, {"order": None}, {"at": "soon"}, {"at": "2026-05-28T20:26:46"}, {"text": 5},
    {"at": "0001-01-01T00:00:00+14:00"}, {"at": "9999-12-31T23:59:59-14:00"}, {"party": {"id": "c", "role": "ghost"}},
    {"files": [{}]}, {"followers": [1]}, {"id": "m-2"}, {"parameters": {"a": "b"}}, {"location": {"latitude": "north"}},
]  # fmt: skip
BROKEN = [
    "", "null", "[]", "{}", "\ud800", "[" * 100_000, '{"order":' + "[" * 100_000, json.dumps(MESSAGE)[:-1],
    *(json.dumps(MESSAGE | changed) for changed in CHANGES),
]  # fmt: skip


@pytest.mark.parametrize("kind", VENDORS)
@pytest.mark.parametrize("text", BROKEN)
def test_a_record_that_cannot_be_read_is_forgotten_and_counted(kind: str, text: str) -> None:
    run = run_on(kind, {"message.m-1": text, "file.m-1.0": "bm90ZQ=="})
    assert run.session.outbox == ()
    assert [key for key in run.world.store if "." in key] == []
    assert run.session.counts == {"unreadable records": 1}
    assert [type(event).__name__ for event in run.events if "Save" in type(event).__name__] == []


@pytest.mark.parametrize("kind", VENDORS)
@pytest.mark.parametrize("content", ["no base64!", "\ud800", "bm90Z"])
def test_a_content_that_cannot_be_read_takes_its_message_along(kind: str, content: str) -> None:
    run = run_on(kind, message(files=[FILE]) | {"file.m-1.0": content})
    assert run.session.outbox == ()
    assert run.session.counts == {"unreadable records": 1}
    assert [key for key in run.world.store if "." in key] == []


@pytest.mark.parametrize("kind", VENDORS)
def test_content_whose_message_was_never_accepted_is_forgotten_in_silence(kind: str) -> None:
    run = run_on(kind, {"file.m-1.0": "bm90ZQ==", "file.": "", "thread.": "{}", "thread.t-1": "[]"})
    assert (run.session.counts, [key for key in run.world.store if "." in key]) == ({}, [])


@pytest.mark.parametrize("kind", VENDORS)
@pytest.mark.parametrize(
    "strange",
    [
        {"order": -(10**18)},
        {"order": 10**18, "writes": 10**18},
        {"at": "0001-01-01T00:00:00Z"},
        {"at": "9999-12-31T23:59:59+14:00"},
        {"text": "x" * 200_000},
        {"text": "", "files": [FILE] * 50},
        {"text": "\u0000", "thread": "a/../b?c#d\n"},
        {"behind": "nowhere", "followers": ["m-1", "m-2"], "hidden": True},
        {"files": [{**FILE, "url": "no address", "dropped": True}], "unknown": {"of": "a newer one"}},
        {"files": [{**FILE, "packed": True, "content_type": "a\r\nb"}]},
        {"location": {"latitude": 1e300, "longitude": -1e300, "url": "\ud800"}},
    ],
)
@pytest.mark.parametrize("stage", ["waits", "left", "failed"])
def test_what_can_be_read_is_never_in_the_way(kind: str, strange: dict[str, Any], stage: str) -> None:
    records = message(**({"stage": stage} | strange)) | {"thread.t-1": '{"state":"pending"}', "chat": "t-1"}
    run = run_on(kind, records, policy=Policy(attachment_failure="drop"))
    run.advance(100)
    number = run.do(i.StartThread)
    run.advance(2)
    sent = run.send(run.answers[number], "hello")
    run.advance(5)
    assert run.world.customers() == [run.answers[sent]]
    assert all(outgoing.status in (MessageStatus.FAILED, MessageStatus.UNCERTAIN) for outgoing in run.session.outbox)


@pytest.mark.parametrize("kind", VENDORS)
@pytest.mark.parametrize("dropped", [False, True])
def test_a_message_without_the_content_of_its_file_is_not_sent_with_an_empty_one(kind: str, dropped: bool) -> None:
    stage = "failed" if dropped else "waits"
    run = run_on(kind, message(files=[{**FILE, "dropped": dropped}], stage=stage, thread="t-1"))
    (failed,) = run.session.outbox
    assert (failed.status, failed.cause) == (MessageStatus.FAILED, "" if dropped else NO_FILE)
    assert run.refused(i.RetryMessage, message="m-1") == "thread_ended"


def test_a_content_that_is_gone_is_not_retried() -> None:
    records = message(files=[FILE], thread="t-1") | {"thread.t-1": '{"state":"pending"}'}
    run = run_on("multi legacy", records)
    assert run.refused(i.RetryMessage, message="m-1") == "illegal_state"
    assert "was not kept" in run.refusals[run._requests].message
    assert run.ask(i.DiscardMessage, message="m-1") == "m-1"
    assert [key for key in run.world.store if key.startswith("message")] == []


def test_more_than_the_policy_admits_stays_and_admits_no_more() -> None:
    many = {
        f"message.m-{n}": json.dumps({**MESSAGE, "id": f"m-{n}", "order": n, "stage": "left"}) for n in range(9)
    } | {"thread.t-1": '{"state":"open"}'}
    world = World("multi legacy", policy=Policy(outbox=2))
    world.store = dict(many)
    run = world.run()
    assert len(run.session.outbox) == 9
    assert run.refused(i.SendMessage, thread="t-1", text="one more") == "limit_reached"


def test_the_order_is_that_of_the_records_whatever_the_store_says_first() -> None:
    first, second, third, thread = (f"0000000{n}-0000-4000-8000-000000000000" for n in range(4))
    world = World("multi legacy")
    for id, order in ((third, 3), (first, 1), (second, 2)):
        world.store[f"message.{id}"] = json.dumps({**MESSAGE, "id": id, "order": order, "thread": thread})
    world.store[f"thread.{thread}"] = '{"state":"pending"}'
    run = world.run()
    assert [outgoing.id for outgoing in run.session.outbox] == [first, second, third]
    last = run.send(thread, "last")
    assert [outgoing.id for outgoing in run.session.outbox][-1] == run.answers[last]
    run.do(i.Open)
    run.advance(5)
    assert [id for id, _, _ in world.there()] == [first, second, third, run.answers[last]]


def test_a_message_with_files_that_no_bright_pattern_session_made_is_forgotten() -> None:
    records = {"identity": json.dumps({"client_id": "c-1"}), "chat": CHAT, f"thread.{CHAT}": "{}"}
    chat = Alone(restored=records | message(thread=CHAT, files=[FILE, FILE], text=""), durable=True)
    assert chat.session.outbox == ()
    assert chat.session.counts == {"unreadable records": 1}
    chat.wait(0)
    assert "message.m-1" not in chat.session.kept
