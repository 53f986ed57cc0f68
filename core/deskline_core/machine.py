"""Tables of rows become shared state machines, run by `transitions`.

A table is data: each row has the id of the reference (S29, T13; D for pairs the references leave open), a trigger,
its source states, a destination, the names of a guard and of what follows, and a sentence. :class:`Machine` builds
one ``transitions`` machine from a table, once, at import; sessions and threads are plain objects that are never
registered as models: the shared machine is fired with the object as argument.

:class:`CompiledEvent` interprets tuples made from the machine's own objects instead of walking them at each trigger,
which is as fast as a hand-written table. It covers what tables use, and refuses the rest when it is built.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, Protocol

from transitions import Event as StockEvent
from transitions import Machine as StockMachine
from transitions import State as StockState
from transitions import Transition as StockTransition

from .errors import RefusalCode
from .values import Value

__all__ = [
    "CompiledEvent",
    "Kind",
    "Machine",
    "Owner",
    "Row",
    "Rule",
    "Rules",
    "Undeclared",
    "build",
    "compiled",
    "graph",
    "others",
    "refusal",
    "row",
    "undeclared_pairs",
]


class Kind(StrEnum):
    """What a row of the references is."""

    TRANSITION = "transition"
    SESSION_RULE = "session rule"
    REQUEST_RULE = "request rule"


class Row(Value, frozen=True, kw_only=True):
    """One row of a table: in ``sources``, on ``trigger``, if ``guard``, go ``to`` and do ``then``.

    ``to`` None stays where it is. ``refuse`` answers the request that came with the trigger by a refusal. ``guard``
    and ``then`` are names of methods of the machine's owner. Rows stand in order: the first whose guard holds counts.
    """

    id: str
    trigger: str
    sources: tuple[str, ...]
    says: str
    to: str | None = None
    guard: str | None = None
    then: str | None = None
    refuse: RefusalCode | None = None

    kind = Kind.TRANSITION


class Rule(Value, frozen=True, kw_only=True):
    """A row of the references that is no transition.

    A request rule refuses the named ``requests`` in the named states with ``refuse``, or admits them where it has
    none. A session rule names the point of the session where it holds.
    """

    id: str
    kind: Kind
    says: str
    requests: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    refuse: RefusalCode | None = None


class Rules:
    """Rules that are no transitions, looked up by (request, state) and by id."""

    __slots__ = ("_by_pair", "ids")

    def __init__(self, rules: Iterable[Rule]) -> None:
        rules = tuple(rules)
        self.ids = frozenset(rule.id for rule in rules)
        self._by_pair: Mapping[tuple[str, str], Rule] = {
            (request, state): rule for rule in rules for request in rule.requests for state in rule.states
        }

    def find(self, request: str, state: str) -> Rule | None:
        """Return the rule for a request in a state of the connection."""
        return self._by_pair.get((request, state))

    def holds(self, id: str) -> bool:
        """Whether a session rule stands."""
        return id in self.ids


class Owner(Protocol):
    """What a table's callbacks are methods of."""

    def entered(self, input: object, /) -> None:
        """Act on a change of state, before what the row names."""
        ...

    def refused(self, input: object, row: Row, /) -> None:
        """Refuse the request that came as input."""
        ...


class Undeclared(Exception):
    """A (state, trigger) pair without a row: the table is not total."""


def row(
    id: str,
    trigger: str,
    sources: tuple[str, ...],
    says: str,
    to: str | None = None,
    *,
    guard: str | None = None,
    then: str | None = None,
) -> Row:
    """Return a row that admits its trigger, written short: a table is read by its columns."""
    return Row(id=id, trigger=trigger, sources=sources, says=says, to=to, guard=guard, then=then)


def refusal(
    id: str, trigger: str, sources: tuple[str, ...], code: RefusalCode, says: str, *, guard: str | None = None
) -> Row:
    """Return a row that refuses the request that comes with its trigger."""
    return Row(id=id, trigger=trigger, sources=sources, says=says, refuse=code, guard=guard)


def others(
    id: str,
    states: Iterable[str],
    rows: Sequence[Row],
    triggers: Iterable[str],
    says: str,
    *,
    refuse: RefusalCode | None = None,
) -> tuple[Row, ...]:
    """Return rows that declare the given triggers in every state where ``rows`` have no unguarded row for them."""
    made: list[Row] = []
    for trigger in triggers:
        closed = {source for row in rows if row.trigger == trigger and row.guard is None for source in row.sources}
        sources = tuple(state for state in states if state not in closed)
        if sources:
            made.append(Row(id=id, trigger=trigger, sources=sources, says=says, refuse=refuse))
    return tuple(made)


def undeclared_pairs(states: Iterable[str], rows: Sequence[Row]) -> set[tuple[str, str]]:
    """Return the (state, trigger) pairs that no unguarded row declares."""
    triggers = {row.trigger for row in rows}
    closed = {(source, row.trigger) for row in rows if row.guard is None for source in row.sources}
    return {(state, trigger) for state in states for trigger in triggers} - closed


_Callback = Callable[..., Any]
_Step = tuple[tuple[tuple[_Callback, bool], ...], tuple[_Callback, ...], Any, tuple[_Callback, ...]]
_NOT_COVERED: Final = (
    "has_queue", "send_event", "prepare_event", "finalize_event", "on_exception", "before_state_change",
    "after_state_change", "on_final", "ignore_invalid_triggers",
)  # fmt: skip


class CompiledEvent(StockEvent):
    """An event whose ``trigger`` runs prepared tuples: (conditions, before, destination, after) per source state."""

    plan: dict[Any, tuple[_Step, ...]]
    attribute: str

    def compile(self) -> None:
        """Prepare the tuples from the finished machine's own objects."""
        machine = self.machine
        for name in _NOT_COVERED:
            if getattr(machine, name):
                msg = f"a compiled event does not cover {name}"
                raise NotImplementedError(msg)
        for state in machine.states.values():
            _check_state(state)
        self.attribute = machine.model_attribute
        self.plan = {
            machine.get_state(source).value: tuple(_step(machine, transition) for transition in transitions)
            for source, transitions in self.transitions.items()
        }

    def trigger(self, model: Any, subject: Any = None, input: Any = None) -> bool:
        """Run the first transition whose conditions hold; return whether there was one.

        Every callback gets these two arguments and no others: passing on whatever comes would cost a third more.
        """
        for conditions, before, destination, after in self.plan.get(getattr(model, self.attribute), ()):
            for condition, target in conditions:
                if condition(subject, input) != target:  # as the stock event compares them
                    break
            else:
                for callback in before:
                    callback(subject, input)
                if destination is not None:
                    setattr(model, self.attribute, destination)
                for callback in after:
                    callback(subject, input)
                return True
        return False


def compiled(event: StockEvent) -> CompiledEvent:
    """Return an event of a finished machine, prepared."""
    if not isinstance(event, CompiledEvent):
        msg = "only a machine whose event_cls is CompiledEvent can be compiled"
        raise NotImplementedError(msg)
    event.compile()
    return event


def _check_state(state: Any) -> None:
    if type(state) is not StockState or state.final or state.ignore_invalid_triggers:
        msg = f"a compiled event covers plain states only, not {state!r}"
        raise NotImplementedError(msg)


def _step(machine: StockMachine, transition: Any) -> _Step:
    if type(transition) is not StockTransition or transition.prepare:
        msg = f"a compiled event covers plain transitions without prepare only, not {transition!r}"
        raise NotImplementedError(msg)
    conditions = tuple([(_function(c.func), c.target) for c in transition.conditions])
    before, after = transition.before, transition.after
    if transition.dest is None:
        return conditions, _functions(before), None, _functions(after)
    source, destination = machine.get_state(transition.source), machine.get_state(transition.dest)
    return (
        conditions,
        _functions([*before, *source.on_exit]),
        destination.value,
        _functions([*destination.on_enter, *after]),
    )


def _functions(callbacks: Sequence[object]) -> tuple[_Callback, ...]:
    return tuple([_function(callback) for callback in callbacks])  # at import, where a generator costs as much again


def _function(callback: object) -> _Callback:
    if not callable(callback):
        msg = f"a compiled event covers functions only, not {callback!r}"
        raise NotImplementedError(msg)
    return callback


class _Compiled(StockMachine):
    event_cls = CompiledEvent


class Machine:
    """A shared machine over a table. ``owner`` is the class whose objects are fired; its methods are the callbacks.

    The owner has a method ``entered(input)``, called after each change of state and before what follows, and a
    method ``refused(input, row)`` for rows that refuse. Names in the table that the owner lacks are found here, at
    import, not when a chat runs.
    """

    __slots__ = ("attribute", "events", "name", "owner", "rows", "states", "stock")

    def __init__(
        self, name: str, *, states: Sequence[str], rows: Sequence[Row], owner: type[Owner], attribute: str = "state"
    ) -> None:
        self.name = name
        self.states = tuple(states)
        self.rows = tuple(rows)
        self.owner = owner
        self.attribute = attribute
        self.stock = build(_Compiled, self.states, self.rows, owner, attribute)
        self.events = {name: compiled(event) for name, event in self.stock.events.items()}

    def fire(self, trigger: str, subject: Any, input: object = None) -> None:
        """Fire a trigger. Raises :class:`Undeclared` if the table has no row for it in the subject's state."""
        if not self.events[trigger].trigger(subject, subject, input):
            state = getattr(subject, self.attribute)
            msg = f"the {self.name} table has no row for {trigger!r} in {state!r}"
            raise Undeclared(msg)

    @property
    def triggers(self) -> tuple[str, ...]:
        """All triggers of the table."""
        return tuple(self.events)


def build(
    kind: type[StockMachine], states: Sequence[str], rows: Sequence[Row], owner: type[Owner], attribute: str
) -> StockMachine:
    """Return a ``transitions`` machine of the given class for a table."""
    entered = owner.entered
    machine = kind(
        model=None,
        states=[{"name": state, "on_enter": [entered]} for state in states],
        initial=states[0],
        auto_transitions=False,
        send_event=False,
        model_attribute=attribute,
    )
    for row in rows:
        machine.add_transition(
            row.trigger,
            list(row.sources),
            row.to,
            conditions=[getattr(owner, row.guard)] if row.guard else None,
            after=_following(row, owner),
        )
    return machine


def _following(row: Row, owner: type[Owner]) -> list[str | Callable[..., bool | None]]:
    following: list[str | Callable[..., bool | None]] = [getattr(owner, row.then)] if row.then else []
    if row.refuse is not None:
        refused = owner.refused

        def refuse(subject: Any, input: object, row: Row = row) -> None:
            refused(subject, input, row)

        following.append(refuse)
    return following


def graph(states: Sequence[str], edges: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return the lines of the Mermaid text that ``transitions`` draws of (label, source, destination) edges.

    The first state is the initial one. States are named as Mermaid can have them: letters, digits, underscores.
    """
    from transitions.extensions import GraphMachine  # noqa: PLC0415 - it loads asyncio, so only who draws pays for it

    edges = tuple(edges)
    groups = {source for _, source, _ in edges}.difference(states)
    # It is its own model: without one, there is no combined graph.
    drawn: Any = GraphMachine(
        states=[*states, *sorted(groups)], initial=states[0], auto_transitions=False, graph_engine="mermaid"
    )
    for label, source, destination in edges:
        drawn.add_transition(label, source, destination)
    text: str = drawn.get_combined_graph().source
    return text.splitlines()
