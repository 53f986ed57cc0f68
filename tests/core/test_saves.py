"""What the store keeps: every save is looked after until the store has answered, or its time is over."""

import pytest

from deskline_core import inputs as i
from deskline_core.commands import Forget, Notify, Save
from deskline_core.events import SaveLost
from deskline_core.saves import Saves
from tests.core.bare import NOW, bare


class Keeping:
    """A bare session's saves, and how many answers were stale."""

    def __init__(self) -> None:
        self.session = bare()
        self.stale = 0
        self.saves = Saves(self.session, self._count)

    def _count(self) -> None:
        self.stale += 1

    def lost(self) -> list[SaveLost]:
        said = [command.event for command in self.session._commands if isinstance(command, Notify)]
        return [event for event in said if isinstance(event, SaveLost)]


def test_a_save_is_under_way_until_the_store_has_it() -> None:
    keeping = Keeping()
    first, other, second = (keeping.saves.save(key, "text") for key in ("a", "b", "a"))
    assert [keeping.saves.under_way(key) for key in ("a", "b", "c")] == [second, other, None]
    keeping.saves.saved(i.Saved(id=second))
    assert keeping.saves.under_way("a") == first
    assert keeping.session.kept == {"a": "text", "b": "text"}
    assert [type(command) for command in keeping.session._commands] == [Save] * 3


@pytest.mark.parametrize(
    ("reason", "cause"),
    [("disk full", "disk full"), ("", "the store failed"), (None, "no answer from the store in time")],
)
def test_a_save_that_is_lost_is_told_and_what_waits_for_it_goes_on(reason: str | None, cause: str) -> None:
    keeping = Keeping()
    went_on: list[str] = []
    number = keeping.saves.save("a", "text")
    keeping.saves.after(number, lambda: went_on.append("on"))
    assert keeping.session.next_deadline == NOW + keeping.session.policy.save_timeout
    if reason is None:
        keeping.saves.elapsed(number)
    else:
        keeping.saves.failed(i.SaveFailed(id=number, reason=reason))
    assert (keeping.lost(), went_on) == ([SaveLost(key="a", cause=cause)], ["on"])
    assert keeping.session.next_deadline is None


def test_a_removal_names_all_its_keys_when_it_is_lost() -> None:
    keeping = Keeping()
    keeping.saves.save("a", "text")
    number = keeping.saves.forget("a", "b")
    assert keeping.session._commands[-1] == Forget(id=number, keys=("a", "b"))
    assert keeping.session.kept == {}
    keeping.saves.failed(i.SaveFailed(id=number, reason="read-only"))
    assert keeping.lost() == [SaveLost(key="a, b", cause="read-only")]


def test_an_answer_for_a_save_that_is_over_is_told_as_stale_and_nothing_else() -> None:
    keeping = Keeping()
    number = keeping.saves.save("a", "text")
    keeping.saves.saved(i.Saved(id=number))
    keeping.saves.saved(i.Saved(id=number))
    keeping.saves.failed(i.SaveFailed(id=number, reason="disk full"))
    keeping.saves.elapsed(number)
    assert (keeping.stale, keeping.lost()) == (3, [])


def commands(keeping: Keeping) -> list[Save | Forget]:
    """Return what the store is told, and that it was told."""
    told = [command for command in keeping.session._commands if isinstance(command, Save | Forget)]
    keeping.session._commands.clear()
    return told


def test_what_the_store_missed_is_written_as_it_is_by_then_when_it_keeps_things_again() -> None:
    keeping = Keeping()
    full = "disk full"
    keeping.saves.failed(i.SaveFailed(id=keeping.saves.save("a", "old"), reason=full))
    keeping.saves.failed(i.SaveFailed(id=keeping.saves.save("b", "text"), reason=full))
    keeping.saves.failed(i.SaveFailed(id=keeping.saves.forget("b", "c"), reason=full))
    newer, other = keeping.saves.save("a", "new"), keeping.saves.save("d", "text")
    keeping.saves.failed(i.SaveFailed(id=newer, reason=full))
    commands(keeping)
    keeping.saves.saved(i.Saved(id=other))
    again, gone = commands(keeping)
    assert isinstance(again, Save)
    assert isinstance(gone, Forget)
    assert (again.key, again.value.reveal(), gone.keys) == ("a", "new", ("b", "c"))
    for each in (again, gone):
        keeping.saves.saved(i.Saved(id=each.id))
    assert commands(keeping) == []


def test_what_a_newer_save_says_is_not_written_again() -> None:
    keeping = Keeping()
    first, newer = keeping.saves.save("a", "old"), keeping.saves.save("a", "new")
    keeping.saves.failed(i.SaveFailed(id=first, reason="disk full"))
    keeping.saves.saved(i.Saved(id=newer))
    keeping.saves.failed(i.SaveFailed(id=keeping.saves.save("b", "old"), reason="disk full"))
    last = keeping.saves.save("b", "new")
    commands(keeping)
    keeping.saves.saved(i.Saved(id=last))
    assert commands(keeping) == []


def test_the_content_of_a_file_is_not_written_again_as_its_message_is_refused() -> None:
    keeping = Keeping()
    content = keeping.saves.save("file.m-1.0", "bm90ZQ==")
    assert keeping.session.kept == {"file.m-1.0": ""}
    keeping.saves.failed(i.SaveFailed(id=content, reason="disk full"))
    other = keeping.saves.save("a", "text")
    commands(keeping)
    keeping.saves.saved(i.Saved(id=other))
    assert commands(keeping) == []
    keeping.saves.failed(i.SaveFailed(id=keeping.saves.forget("file.m-1.0"), reason="disk full"))
    other = keeping.saves.save("a", "text")
    commands(keeping)
    keeping.saves.saved(i.Saved(id=other))
    assert [command.keys for command in commands(keeping) if isinstance(command, Forget)] == [("file.m-1.0",)]
