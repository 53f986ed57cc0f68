"""V2: one trigger with a condition, a before and an after: compiled, by a hand-written table, by the stock Machine."""

from collections.abc import Callable
from typing import Any

from transitions import Machine as StockMachine

from deskline_core.machine import CompiledEvent, compiled
from tests.benchmarks.measure import Figure, collector_at_rest, interleaved, timed

__all__ = ["dispatch"]

_TURNS = range(20_000)


class Lamp:
    """What is switched; models of the stock package need a dictionary."""

    def __init__(self) -> None:
        self.state = "off"
        self.count = 0


def _may(lamp: Lamp, _input: object) -> bool:
    return lamp.count >= 0


def _before(lamp: Lamp, _input: object) -> None:
    lamp.count += 1


def _after(lamp: Lamp, _input: object) -> None:
    lamp.count += 1


_Callbacks = tuple[Callable[[Lamp, object], object], ...]
_TABLE: dict[tuple[str, str], tuple[_Callbacks, _Callbacks, str, _Callbacks]] = {
    ("off", "switch"): ((_may,), (_before,), "on", (_after,)),
    ("on", "switch"): ((_may,), (_before,), "off", (_after,)),
}


def _by_hand(lamp: Lamp, trigger: str, input: object) -> bool:
    conditions, before, destination, after = _TABLE[lamp.state, trigger]
    for condition in conditions:
        if not condition(lamp, input):
            return False
    for callback in before:
        callback(lamp, input)
    lamp.state = destination
    for callback in after:
        callback(lamp, input)
    return True


class _Compiling(StockMachine):
    event_cls = CompiledEvent


def _machine(kind: type[StockMachine], model: object) -> Any:
    machine = kind(model=model, states=["off", "on"], initial="off", auto_transitions=False, send_event=False)
    for source, destination in (("off", "on"), ("on", "off")):
        machine.add_transition("switch", source, destination, conditions=[_may], before=[_before], after=[_after])
    return machine


def dispatch(repeats: int) -> list[Figure]:
    """Measure all three."""
    event = compiled(_machine(_Compiling, None).events["switch"])
    stock_lamp = Lamp()
    stock: Any = stock_lamp
    _machine(StockMachine, stock_lamp)

    def table(_repeat: int) -> float:
        lamp = Lamp()
        return _timed(lambda: [None for _ in _TURNS if not _by_hand(lamp, "switch", None)], lamp)

    def prepared(_repeat: int) -> float:
        lamp, fire = Lamp(), event.trigger
        return _timed(lambda: [None for _ in _TURNS if not fire(lamp, lamp, None)], lamp)

    def package(_repeat: int) -> float:
        fire = stock.switch
        return _timed(lambda: [None for _ in _TURNS if not fire(stock_lamp, None)], stock_lamp)

    found = interleaved({"table": table, "compiled": prepared, "stock": package}, repeats)
    what = "one trigger with condition, before and after"
    return [
        Figure(
            id="V2", what=what, value=found["compiled"], unit="us",
            reference="hand-written table", reference_value=found["table"], goal=2.0,
        ),
        Figure(
            id="V2", what=what, value=found["compiled"], unit="us",
            reference="stock Machine", reference_value=found["stock"], goal=20.0, at_least=True,
        ),
    ]  # fmt: skip


def _timed(run: Callable[[], object], lamp: Lamp) -> float:
    before = lamp.count
    with collector_at_rest():
        cost = timed(run, len(_TURNS))
    assert lamp.count == before + 2 * len(_TURNS)
    return cost
