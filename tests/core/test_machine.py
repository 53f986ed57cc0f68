"""Tables become machines: every row in its order, nothing undeclared, and what is not covered is refused at once."""

import re
from enum import StrEnum
from typing import Any

import pytest
from transitions import Machine as StockMachine
from transitions import MachineError, State, Transition
from transitions.extensions import HierarchicalMachine

from deskline_core.errors import RefusalCode
from deskline_core.machine import (
    CompiledEvent,
    Machine,
    Row,
    Undeclared,
    compiled,
    others,
    undeclared_pairs,
)


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    OFF = "off"


class Lamp:
    """The subject of the tables here; it notes what is called, and in which state."""

    def __init__(self, state: str = Light.RED, *, powered: bool = True) -> None:
        self.state = state
        self.powered = powered
        self.called: list[tuple[object, ...]] = []

    def entered(self, input: object) -> None:
        self.called.append(("entered", self.state, input))

    def refused(self, input: object, row: Row) -> None:
        self.called.append(("refused", input, row.id))

    def is_powered(self, input: object) -> bool:
        self.called.append(("is_powered", self.state, input))
        return self.powered

    def ring(self, input: object) -> None:
        self.called.append(("ring", self.state, input))


GO = Row(id="X1", trigger="go", sources=(Light.RED,), to=Light.GREEN, guard="is_powered", then="ring", says="go")
DARK = Row(id="X2", trigger="go", sources=(Light.RED,), to=Light.OFF, says="no power")
STAY = Row(id="X3", trigger="go", sources=(Light.GREEN,), then="ring", says="already")
NEVER = Row(id="X4", trigger="go", sources=(Light.OFF,), refuse=RefusalCode.ILLEGAL_STATE, says="broken")
AGAIN = Row(id="X5", trigger="again", sources=(Light.RED,), to=Light.RED, says="into the same state")
ROWS = (GO, DARK, STAY, NEVER, AGAIN)
LAMP = Machine("lamp", states=tuple(Light), rows=ROWS, owner=Lamp)


# --- what a row does ---


def test_a_row_enters_its_state_before_what_follows() -> None:
    lamp = Lamp()
    LAMP.fire("go", lamp, "input")
    assert lamp.state is Light.GREEN
    assert lamp.called == [("is_powered", "red", "input"), ("entered", "green", "input"), ("ring", "green", "input")]


def test_rows_stand_in_order_and_the_first_whose_guard_holds_counts() -> None:
    lamp = Lamp(powered=False)
    LAMP.fire("go", lamp)
    assert lamp.state is Light.OFF
    assert lamp.called == [("is_powered", "red", None), ("entered", "off", None)]


def test_a_row_without_destination_enters_nothing() -> None:
    lamp = Lamp(Light.GREEN)
    LAMP.fire("go", lamp)
    assert lamp.state is Light.GREEN
    assert lamp.called == [("ring", "green", None)]


def test_a_row_that_refuses_hands_over_the_input_and_itself() -> None:
    lamp = Lamp(Light.OFF)
    LAMP.fire("go", lamp, "input")
    assert lamp.state is Light.OFF
    assert lamp.called == [("refused", "input", "X4")]


def test_a_row_into_its_own_state_enters_it() -> None:
    lamp = Lamp()
    LAMP.fire("again", lamp)
    assert lamp.called == [("entered", "red", None)]


def test_a_plain_text_that_equals_a_state_is_that_state() -> None:
    lamp = Lamp("red")
    LAMP.fire("go", lamp)
    assert lamp.state is Light.GREEN


def test_subjects_share_a_machine_and_are_not_kept_by_it() -> None:
    one, other = Lamp(), Lamp(Light.GREEN)
    LAMP.fire("go", one)
    LAMP.fire("go", other)
    assert (one.state, other.state) == (Light.GREEN, Light.GREEN)
    assert LAMP.stock.models == []


def test_a_machine_may_drive_any_attribute() -> None:
    class Two(Lamp):
        mood = Light.OFF

    machine = Machine("mood", states=tuple(Light), rows=ROWS, owner=Two, attribute="mood")
    two = Two()
    machine.fire("go", two)
    assert two.called == [("refused", None, "X4")]
    two.mood = Light.RED
    machine.fire("go", two)
    assert (two.mood, two.state) == (Light.GREEN, Light.RED)


def test_a_machine_tells_its_triggers_states_and_rows() -> None:
    assert (LAMP.triggers, LAMP.states, LAMP.rows, LAMP.owner) == (("go", "again"), tuple(Light), ROWS, Lamp)


# --- totality ---


def test_an_undeclared_pair_is_an_error_that_names_it() -> None:
    lamp = Lamp(Light.OFF)
    with pytest.raises(Undeclared, match=r"the lamp table has no row for 'again' in .*off"):
        LAMP.fire("again", lamp)
    assert (lamp.state, lamp.called) == (Light.OFF, [])


def test_guards_that_all_say_no_leave_a_pair_undeclared() -> None:
    machine = Machine("lamp", states=tuple(Light), rows=(GO,), owner=Lamp)
    with pytest.raises(Undeclared):
        machine.fire("go", Lamp(powered=False))


def test_pairs_without_an_unguarded_row_are_undeclared() -> None:
    assert undeclared_pairs(Light, ROWS) == {(Light.GREEN, "again"), (Light.OFF, "again")}
    assert undeclared_pairs(Light, (GO,)) == {(state, "go") for state in Light}


def test_others_declare_what_is_left() -> None:
    rest = others("X9", Light, ROWS, ("go", "again", "new"), "changes nothing", refuse=RefusalCode.NOT_SUPPORTED)
    assert rest == (
        Row(id="X9", trigger="again", sources=(Light.GREEN, Light.OFF), says="changes nothing",
            refuse=RefusalCode.NOT_SUPPORTED),
        Row(id="X9", trigger="new", sources=tuple(Light), says="changes nothing", refuse=RefusalCode.NOT_SUPPORTED),
    )  # fmt: skip
    assert undeclared_pairs(Light, (*ROWS, *rest)) == set()


# --- mistakes in a table are found when it is built ---


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"guard": "is_lit"}, AttributeError),
        ({"then": "sing"}, AttributeError),
        ({"to": "purple"}, ValueError),
        ({"to": ""}, ValueError),
        ({"sources": ("purple",)}, ValueError),
    ],
)
def test_unknown_names_are_found_at_build(change: dict[str, Any], error: type[Exception]) -> None:
    row: dict[str, Any] = {"id": "X1", "trigger": "go", "sources": (Light.RED,), "says": "go", **change}
    with pytest.raises(error):
        Machine("lamp", states=tuple(Light), rows=(Row(**row),), owner=Lamp)


def test_an_unknown_trigger_is_an_error() -> None:
    with pytest.raises(KeyError):
        LAMP.fire("fly", Lamp())


# --- what a compiled event does not cover, it refuses ---


def nothing(*_: object) -> None:
    """A callback."""


class Plain(StockMachine):
    event_cls = CompiledEvent


class Special(State):  # type: ignore[misc,unused-ignore]
    """A state with a mind of its own, as those of the package's extensions."""


class SpecialStates(Plain):
    state_cls = Special


class Strange(Transition):  # type: ignore[misc,unused-ignore]
    """A transition with a mind of its own."""


class StrangeTransitions(Plain):
    transition_cls = Strange


def compile_with(kind: type[StockMachine] = Plain, *, go: dict[str, Any] | None = None, **options: Any) -> Any:
    """Compile the one event of a machine with two states."""
    machine = kind(**{"model": None, "states": ["a", "b"], "initial": "a", "auto_transitions": False, **options})
    machine.add_transition("go", "a", **{"dest": "b", **(go or {})})
    return compiled(machine.events["go"])


def test_what_tables_use_is_covered() -> None:
    event = compile_with(go={"conditions": [nothing], "unless": nothing, "before": nothing, "after": [nothing]})
    assert list(event.plan) == ["a"]


@pytest.mark.parametrize(
    "options",
    [
        {"queued": True},
        {"send_event": True},
        {"ignore_invalid_triggers": True},
        *(
            {name: nothing}
            for name in ("prepare_event", "finalize_event", "on_exception", "before_state_change", "after_state_change",
                         "on_final")
        ),
        {"states": ["a", {"name": "b", "final": True}]},
        {"states": [{"name": "a", "ignore_invalid_triggers": True}, "b"]},
        {"states": ["a", {"name": "b", "on_enter": "ring"}]},
        {"states": [{"name": "a", "on_exit": "ring"}, "b"]},
        {"kind": SpecialStates},
        {"kind": StrangeTransitions},
        {"kind": StockMachine},
        {"kind": HierarchicalMachine, "states": ["a", {"name": "b", "children": ["c"]}]},
        *({"go": {name: "ring"}} for name in ("conditions", "unless", "before", "after")),
        {"go": {"prepare": nothing}},
    ],
    ids=lambda options: re.sub(" at 0x[0-9a-f]+", "", str(options)),
)  # fmt: skip
def test_what_is_not_covered_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedError, match="compiled"):
        compile_with(**options)


def test_destinations_of_the_machine_only() -> None:
    for dest in ("", "nowhere"):
        with pytest.raises(ValueError, match="not a registered state"):
            compile_with(go={"dest": dest})


def test_stock_and_compiled_agree_on_a_pair_without_a_row_but_for_how_they_say_it() -> None:
    lamp = Lamp(Light.OFF)
    stock = StockMachine(model=None, states=list(Light), initial=Light.RED, auto_transitions=False)
    stock.add_transition("go", Light.RED, Light.OFF)
    with pytest.raises(MachineError):
        stock.events["go"].trigger(lamp)
    assert LAMP.stock.events["again"].trigger(lamp) is False
