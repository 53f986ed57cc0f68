"""Messages and files between a session and a center joined in memory, with answers that get lost on the way."""

from typing import Any, Literal

import pytest
from msgspec.structs import replace

from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.controls import AgentJoins, AgentReads, Fail, Lose
from deskline_core import inputs as i
from deskline_core.model import Location, Upload
from deskline_core.policy import Policy
from deskline_core.session import Session
from tests.pair import SEED, Pair

NOTE = Upload(name="note.txt", content=b"note", mime_type="text/plain")
CHANNEL = BrightPatternChannel(id="shop", greeting="")


def begun(channel: BrightPatternChannel = CHANNEL, *, version: Literal["v1", "v2"] = "v2", **policy: Any) -> Pair:
    pair = Pair(channel)
    pair.site = replace(pair.site, version=version)
    pair.session = Session(pair.site, policy=Policy(**policy), seed=SEED)
    pair.begin()
    pair.ask(i.StartThread)
    pair.control(AgentJoins())
    pair.advance(1)
    return pair


def send(pair: Pair, text: str = "Hello", *files: Upload, **more: Any) -> str:
    id: str = pair.ask(i.SendMessage, thread=pair.thread.id, text=text, attachments=files, **more)
    return id


def said(pair: Pair) -> list[tuple[str, str]]:
    return [(message.text, message.status) for message in pair.thread.messages]


def test_what_is_sent_arrives_in_order_and_can_be_fetched() -> None:
    pair = begun()
    send(pair, "", NOTE, NOTE)
    place = Location(latitude=52.52, longitude=13.405)
    last = pair.ask(i.SendLocation, thread=pair.thread.id, location=place, text="a < b")
    assert pair.ask(i.AwaitSettled, message=last) == "delivered"
    assert [text for text, _ in said(pair)] == ["", "", "52.52, 13.405", "a < b"]
    file = pair.thread.messages[1]
    download = pair.ask(i.FetchFile, thread=pair.thread.id, message=file.id)
    assert (download.name, download.content) == ("note.txt", b"note")


def test_what_an_agent_reads_is_seen() -> None:
    pair = begun()
    send(pair)
    pair.control(AgentReads())
    assert said(pair) == [("Hello", "seen")]


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(("done", "status"), [(True, "delivered"), (False, "failed")])
def test_a_lost_answer_is_made_up_for_by_the_history(version: Literal["v1", "v2"], done: bool, status: str) -> None:
    pair = begun(version=version)
    pair.control(Lose(match="send", done=done))
    id = send(pair)
    assert pair.ask(i.AwaitSettled, message=id) == status
    assert [text for text, _ in said(pair)] == ["Hello"]


def test_by_policy_what_is_not_there_is_sent_again_once() -> None:
    pair = begun(resend_uncertain=True)
    pair.control(Lose(match="send", done=False))
    id = send(pair)
    assert pair.ask(i.AwaitSettled, message=id) in ("sent", "delivered")
    assert [text for text, _ in said(pair)] == ["Hello"]


def test_an_older_center_has_a_file_once_though_it_takes_no_id() -> None:
    pair = begun(replace(CHANNEL, file_ids="empty"), version="v1")
    send(pair, "look", NOTE)
    pair.advance(1)
    pair.lose()
    pair.advance(30)
    assert pair.session.state == "ready"
    assert [text for text, _ in said(pair)] == ["", "look"]
    assert said(pair)[0] == ("", "delivered")


def test_nothing_is_doubled_or_swapped_while_answers_get_lost() -> None:
    pair = begun()
    pair.control(Lose(match="send", times=2))
    pair.control(Fail(match="send", status=503))
    ids = [send(pair, str(number)) for number in range(6)]
    pair.advance(60)
    assert [message.id for message in pair.thread.messages if message.status != "failed"] == [*ids[:2], *ids[3:]]
    assert sorted(status for _, status in said(pair)) == ["delivered"] * 5 + ["failed"]
