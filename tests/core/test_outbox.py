"""Rows D401-D415: one message on its way out, and the box that all of them are in."""

from typing import Any

import pytest

from deskline_core.commands import Answer, Notify, Refuse
from deskline_core.errors import RefusalCode
from deskline_core.events import MessageStatusChanged
from deskline_core.inputs import AwaitSettled, SendMessage
from deskline_core.lifecycle import MessageStatus
from deskline_core.message_table import STATES, is_settled
from deskline_core.model import ContentKind, Location, Party, PartyRole
from deskline_core.outbox import Outbox
from deskline_core.outgoing import MESSAGE, Outgoing
from deskline_core.policy import Policy
from tests.core.bare import ledger

ME = Party(id="me", role=PartyRole.CUSTOMER)
PATHS: dict[str, tuple[str, ...]] = {
    "queued": (),
    "uploading": ("upload",),
    "sending": ("write",),
    "uncertain": ("write", "doubtful"),
    "sent": ("write", "acknowledged"),
    "delivered": ("server_copy",),
    "seen": ("seen",),
    "failed": ("refused",),
}
"""How each status is reached."""


class Box:
    """An outbox whose session is the little that it needs."""

    def __init__(self, **policy: Any) -> None:
        from deskline_core.cxone.site import CXone
        from deskline_core.session import Session

        site = CXone.local("http://localhost:8080", 1386, "chat_1")
        self.session = Session(site, policy=Policy(**policy), seed=b"a seed of at least sixteen bytes")
        self.confirmed: list[str] = []
        self.outbox = Outbox(self.session, ledger(self.session), lambda outgoing: self.confirmed.append(outgoing.id))
        self._last = 0

    def put(self, id: str, *, thread: str = "t", hidden: bool = False, status: str = "queued") -> Outgoing:
        outgoing = Outgoing(
            self.outbox, id=id, thread=thread, text=id, postback="", party=ME, at=1_780_000_000.0, hidden=hidden
        )
        self.outbox.put(outgoing)
        for trigger in PATHS[status]:
            outgoing.fire(trigger)
        assert outgoing.status == status
        self.commands()
        return outgoing

    def wait(self, outgoing: Outgoing) -> int:
        """Let a request wait for the outcome."""
        self._last += 1
        self.session.requests.accept(self._last)
        outgoing.waiters.add(self._last)
        return self._last

    def commands(self) -> list[Any]:
        found = list(self.session._commands)
        self.session._commands.clear()
        return found

    def ids(self) -> list[str]:
        return [outgoing.id for outgoing in self.outbox]


def moves(trigger: str, **policy: Any) -> dict[str, str]:
    """Return where a trigger leads from every status that it moves."""
    found: dict[str, str] = {}
    for status in STATES:
        outgoing = Box(**policy).put("m", status=status)
        outgoing.fire(trigger)
        if outgoing.status != status:
            found[status] = outgoing.status
    return found


# --- one message ---


@pytest.mark.row("D401")
def test_a_message_is_written_from_the_queue() -> None:
    assert moves("write") == {"queued": "sending", "uploading": "sending"}


@pytest.mark.row("D402")
def test_attachments_go_before_it() -> None:
    assert moves("upload") == {"queued": "uploading"}


@pytest.mark.row("D403")
def test_an_acknowledgement_counts_as_sent() -> None:
    assert moves("acknowledged") == {"sending": "sent", "uncertain": "sent"}


@pytest.mark.row("D404")
def test_what_was_certainly_not_written_goes_back_to_the_queue() -> None:
    assert moves("unwritten") == {"sending": "queued", "uploading": "queued"}


@pytest.mark.row("D405")
def test_what_may_have_been_written_is_in_doubt() -> None:
    assert moves("doubtful") == {"sending": "uncertain"}


@pytest.mark.row("D406")
def test_a_refusal_fails_what_has_not_arrived() -> None:
    failed = dict.fromkeys(("queued", "uploading", "sending", "uncertain", "sent"), "failed")
    assert moves("refused") == failed


@pytest.mark.row("D407", "M11")
def test_the_far_sides_copy_lifts_everything_even_what_failed() -> None:
    lifted = ("queued", "uploading", "sending", "uncertain", "sent", "failed")
    assert moves("server_copy") == dict.fromkeys(lifted, "delivered")


@pytest.mark.row("D408", "M11", "M12")
def test_seen_is_the_highest_rank() -> None:
    assert moves("seen") == dict.fromkeys((s for s in STATES if s != "seen"), "seen")


@pytest.mark.row("D409", "D410")
def test_what_is_absent_has_failed_or_is_sent_again_by_policy() -> None:
    assert moves("absent") == {"uncertain": "failed"}
    assert moves("absent", resend_uncertain=True) == {"uncertain": "queued"}


@pytest.mark.row("D409")
def test_what_the_app_never_sees_is_sent_again_by_itself() -> None:
    outgoing = Box().put("begin", hidden=True, status="uncertain")
    outgoing.fire("absent")
    assert outgoing.status == "queued"


def test_what_the_app_never_sees_is_given_up_in_the_end() -> None:
    for writes, status in ((1, "queued"), (2, "queued"), (3, "failed")):
        outgoing = Box().put("begin", hidden=True, status="uncertain")
        outgoing.writes = writes
        outgoing.fire("absent")
        assert outgoing.status == status


@pytest.mark.row("D411", "D412")
def test_only_a_failed_message_is_sent_again() -> None:
    for status in STATES:
        box = Box()
        outgoing = box.put("m", status=status)
        request = box.wait(box.put("another"))
        outgoing.fire_request("retry", request)
        if status == "failed":
            assert outgoing.status == "queued"
        else:
            assert outgoing.status == status
            (refusal,) = box.commands()
            assert (refusal.request, refusal.code) == (request, RefusalCode.ILLEGAL_STATE)


@pytest.mark.row("D413", "D414")
def test_only_what_is_not_on_its_way_is_discarded() -> None:
    for status in STATES:
        box = Box()
        outgoing = box.put("m", status=status)
        waiting, request = box.wait(outgoing), box.wait(box.put("another"))
        outgoing.fire_request("discard", request)
        if status in ("queued", "uploading", "failed", "uncertain"):
            assert "m" not in box.ids()
            refusal, answer = box.commands()
            assert (refusal.request, refusal.code) == (waiting, RefusalCode.UNKNOWN_MESSAGE)
            assert answer == Answer(request=request, value="m")
        else:
            (refusal,) = box.commands()
            assert (refusal.request, refusal.code) == (request, RefusalCode.ILLEGAL_STATE)
            assert outgoing.status == status


@pytest.mark.row("D415")
def test_what_has_no_row_of_its_own_changes_nothing_and_tells_nothing() -> None:
    news = {trigger for trigger in MESSAGE.triggers if trigger not in ("retry", "discard")}
    for trigger in news:
        box = Box()
        outgoing = box.put("m", status="seen")
        outgoing.fire(trigger)
        assert (outgoing.status, box.commands()) == ("seen", [])
    box = Box()
    box.put("m", status="delivered").fire("server_copy")
    assert box.commands() == []


def test_every_change_is_told_with_its_cause_unless_hidden() -> None:
    box = Box()
    box.put("m", status="sending").fire("doubtful", "lost")
    (told,) = box.commands()
    changed = MessageStatusChanged(thread="t", message="m", status=MessageStatus.UNCERTAIN, cause="lost")
    assert told == Notify(event=changed)
    box.put("h", hidden=True, status="sending").fire("doubtful", "lost")
    assert box.commands() == []


def test_the_message_is_shown_with_its_status() -> None:
    outgoing = Box().put("m", status="uncertain")
    shown = outgoing.message
    assert (shown.id, shown.text, shown.party, shown.status, shown.mine) == ("m", "m", ME, "uncertain", True)
    assert shown.created_at.timestamp() == 1_780_000_000.0
    assert (shown.kind, shown.location) == (ContentKind.TEXT, None)
    outgoing.location = Location(latitude=52.1, longitude=4.3)
    assert (outgoing.message.kind, outgoing.message.location) == (ContentKind.LOCATION, outgoing.location)


# --- all of them ---


def test_an_outcome_answers_who_waits_and_delivered_leaves_the_box() -> None:
    for trigger, status, stays in (
        ("refused", "failed", True),
        ("server_copy", "delivered", False),
        ("seen", "seen", False),
    ):
        box = Box()
        outgoing = box.put("m", status="sending")
        first, second = box.wait(outgoing), box.wait(outgoing)
        outgoing.fire(trigger)
        answers = [command for command in box.commands() if isinstance(command, Answer)]
        assert answers == [Answer(request=first, value=status), Answer(request=second, value=status)]
        assert (box.ids() == ["m"]) is stays
        assert box.confirmed == ([] if stays else ["m"])
        assert is_settled(outgoing.status)


def test_the_order_is_that_of_handing_in() -> None:
    box = Box()
    for id, thread in (("a", "t"), ("b", "u"), ("c", "t")):
        box.put(id, thread=thread)
    assert box.ids() == ["a", "b", "c"]
    assert [outgoing.id for outgoing in box.outbox.of("t")] == ["a", "c"]
    assert (len(box.outbox), bool(box.outbox), box.outbox.get("z")) == (3, True, None)
    assert Box().outbox.of("t") == []


def test_the_box_is_bounded_and_failed_ones_make_room() -> None:
    box = Box(outbox=2)
    first = box.put("a")
    assert not box.outbox.is_full
    box.put("b")
    assert box.outbox.is_full
    first.fire("refused")
    assert not box.outbox.is_full
    for id in "cdefgh":
        box.put(id, status="failed")
    assert len(box.outbox) <= 4
    assert "b" in box.ids()  # what waits is never dropped
    assert "h" in box.ids()


def test_as_many_again_that_failed_are_kept_and_the_oldest_of_them_goes_first() -> None:
    box = Box(outbox=3)
    for id in "abcdef":
        box.put(id, status="failed")
    assert (box.ids(), box.session.counts["messages over the limit"]) == (list("abcdef"), 0)
    box.put("g")
    assert (box.ids(), box.session.counts["messages over the limit"]) == (list("bcdefg"), 1)


def test_what_the_protocol_adds_to_a_full_box_makes_no_room() -> None:
    box = Box(outbox=2)
    for id in "ab":
        box.put(id)
    box.put("begin", hidden=True)
    assert (box.outbox.room, box.outbox.is_full) == (-1, True)


def test_signing_out_forgets_all_and_nothing_will_be_sent_fails_all() -> None:
    box = Box()
    waiting = box.wait(box.put("a"))
    box.outbox.clear()
    assert [(x.request, x.code) for x in box.commands() if isinstance(x, Refuse)] == [
        (waiting, RefusalCode.UNKNOWN_MESSAGE)
    ]
    assert box.ids() == []
    failing = box.put("b")
    waiting = box.wait(failing)
    box.outbox.give_up("no use")
    assert (failing.status, failing.cause) == ("failed", "no use")
    assert Answer(request=waiting, value=MessageStatus.FAILED) in box.commands()


def test_the_requests_that_name_messages_say_nothing_of_their_text() -> None:
    assert "secret" not in repr(SendMessage(request=1, thread="t", text="secret", postback="secret"))
    assert "m" in repr(AwaitSettled(request=1, message="m"))
