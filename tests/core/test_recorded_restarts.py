"""Journals of sessions that keep what they do, and of those that go on from there: they replay, and show nothing."""

import json
from base64 import b64encode
from typing import Any, Literal

import pytest

from deskline_core import inputs as i
from deskline_core.journal import verify
from deskline_core.model import Location, Upload
from deskline_core.snapshot import Snapshot
from tests.core.recorded import Taped
from tests.core.restarting import LAG, Run, World, channels

Texts = Literal["plain", "hashed"]
PRIVATE = Upload(name="Zebulon diagnosis.txt", content=b"Zebulon is ill, says Doctor Quixworth", mime_type="text/plain")
WORDS = ("Zebulon", "Quixworth", "WmVidWxvbi", "Wmf", "diagnosis", "48.13", "11.57")
"""What people wrote, and how it begins in base64; and where they were."""


def taped(world: World, texts: Texts, **rest: Any) -> tuple[Run, Taped]:
    """Return a run that is recorded."""
    run = world.run(**rest)
    tape = Taped(run.session, texts)
    run.session = tape  # type: ignore[assignment]  # it is one in all but name
    return run, tape


def private(run: Run, kind: str) -> None:
    """Write what is nobody's business, and lose the connection with all of it on its way."""
    run.do(i.SetCustomer, id="customer-1", first_name="Zebulon", last_name="Quixworth")
    run.do(i.Open)
    run.advance(3)
    number = run.do(i.StartThread, name="Zebulon's case")
    run.advance(2)
    thread = run.answers[number]
    run.send(thread, "I am Zebulon")
    run.advance(2)
    run.network = False
    run.lose()
    run.do(i.SetThreadFields, thread=thread, fields=(("illness", "Zebulon is ill"),))
    run.do(i.RenameThread, thread=thread, name="Quixworth")
    run.send(thread, "Zebulon here again", postback="choice-1", attachments=(PRIVATE, PRIVATE))
    if kind == "bright pattern":
        place = Location(latitude=48.13712, longitude=11.57541, url="https://maps.example/Zebulon")
        run.texts[run._requests + 1] = "Zebulon is here"
        run.do(i.SendLocation, thread=thread, location=place, text="Zebulon is here")
    run.advance(4)


@pytest.mark.parametrize("kind", channels())
@pytest.mark.parametrize("texts", ["plain", "hashed"])
@pytest.mark.parametrize("form", ["store", "snapshot"])
def test_journals_over_a_restart_replay_and_hold_no_secret(kind: str, texts: Texts, form: str) -> None:
    world = World(kind)
    first, tape = taped(world, texts, lag=LAG)
    private(first, kind)
    frozen = first.session.snapshot()
    first.die()
    if form == "snapshot":
        world.store = dict(Snapshot.read(frozen.text()).records)
    second, again = taped(world, texts)
    second.do(i.Open)
    second.advance(40)
    assert [text for _, text, _ in world.there() if "Zebulon" in text]
    assert second.session.outbox == ()
    for lines in (tape.lines, again.lines):
        report = verify(lines)
        assert report.is_good, report
        if texts == "hashed":
            assert [word for word in WORDS for line in lines if word in line] == []
    tokens = [text for key, text in world.store.items() if key == "credentials"]
    assert all(text not in line for text in tokens for line in (*tape.lines, *again.lines))


SIGNED = "https://files.example/a.txt?X-Amz-Signature=canary-0123456789"
KEPT = {
    "order": 1, "id": "m-1", "thread": "t-1", "party": {"id": "c-1", "role": "customer", "name": "Zebulon"},
    "at": "2026-05-28T20:26:46Z", "stage": "failed", "text": "hi", "cause": "'Zebulon.txt' was not taken",
    "files": [{"name": "Zebulon.txt", "mime_type": "text/plain", "size": 4, "url": SIGNED, "id": "f-1"}],
}  # fmt: skip


@pytest.mark.parametrize("kind", ["single legacy", "bright pattern"])
@pytest.mark.parametrize("texts", ["plain", "hashed"])
@pytest.mark.parametrize(
    "records",
    [
        {"message.m-1": json.dumps(KEPT)},
        {"message.m-1": json.dumps(KEPT), "file.m-1.0": "bm90ZQ=="},
        {"message.m-1": "Zebulon, no JSON", "file.m-2.0": "Zebulon!", "thread.t-1": '["Zebulon"]'},
    ],
)
def test_records_of_an_earlier_run_are_shown_by_no_journal(kind: str, texts: Texts, records: dict[str, str]) -> None:
    world = World(kind)
    world.store = dict(records)
    run, tape = taped(world, texts)
    run.do(i.Open)
    run.advance(3)
    failed = [message.id for message in run.session.outbox]
    assert failed == (["m-1"] if "order" in records["message.m-1"] else [])
    for id in failed:
        run.do(i.DiscardMessage, message=id)
    report = verify(tape.lines)
    assert report.is_good, report
    shown = "".join(tape.lines)
    assert "canary" not in shown or (kind, texts) == ("bright pattern", "plain")  # its files need who we are
    assert "Zebulon" not in shown or texts == "plain"


def test_content_that_is_packed_already_is_emptied_and_still_goes() -> None:
    packed = b'{"content":"WmVidWxvbg==","fileName":"Zebulon.txt","mimeType":"text/plain"}'
    file = {"name": "Zebulon.txt", "mime_type": "text/plain", "size": 7, "packed": True}
    world = World("multi legacy")
    thread, id = "00000001-0000-4000-8000-000000000000", "00000002-0000-4000-8000-000000000000"
    record = {**KEPT, "id": id, "thread": thread, "stage": "waits", "files": [file], "cause": ""}
    world.store = {
        f"message.{id}": json.dumps(record),
        f"file.{id}.0": b64encode(packed).decode(),
        f"thread.{thread}": '{"state":"pending"}',
    }
    run, tape = taped(world, "hashed")
    run.do(i.Open)
    run.advance(5)
    assert [there for there, _, _ in world.there()] == [id]
    assert verify(tape.lines).is_good
    assert [word for word in WORDS for line in tape.lines if word in line] == []
