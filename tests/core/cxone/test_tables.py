"""The tables as data: total, reachable, in order, named after the references."""

import re
from collections import Counter, defaultdict

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection import CONNECTION
from deskline_core.cxone.connection_table import PROJECTION, STATES, project
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.cxone.credentials import CREDENTIALS
from deskline_core.cxone.rules import GOVERNED, LOCAL, RULES, STANDING, compile_rules
from deskline_core.cxone.thread import THREAD
from deskline_core.lifecycle import ChatState, MessageStatus, ThreadState
from deskline_core.machine import Kind, Machine, Row, Rule, undeclared_pairs
from deskline_core.outgoing import MESSAGE
from deskline_core.presence import INTENT, VISIBILITY

MACHINES = (CONNECTION, THREAD, CREDENTIALS, MESSAGE, VISIBILITY, INTENT)
EVERY = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
OWN = re.compile(r"D[1-9]\d*")
SESSION_RULES = {"S46"}
REQUEST_RULES = {"S42", "S43", "S44", "S45"}
ALL_ROWS: list[Row | Rule] = [*(row for machine in MACHINES for row in machine.rows), *RULES]


def in_order(machine: Machine) -> dict[tuple[str, str], list[Row]]:
    """Return the rows of each (state, trigger), as they are tried."""
    pairs = defaultdict[tuple[str, str], list[Row]](list)
    for row in machine.rows:
        for source in row.sources:
            pairs[source, row.trigger].append(row)
    return pairs


# --- totality ---


@EVERY
def test_the_whole_product_is_declared(machine: Machine) -> None:
    pairs = in_order(machine)
    assert set(pairs) == {(state, trigger) for state in machine.states for trigger in machine.triggers}
    assert undeclared_pairs(machine.states, machine.rows) == set()


@EVERY
def test_every_pair_ends_in_its_one_row_without_a_guard(machine: Machine) -> None:
    for pair, rows in in_order(machine).items():
        assert [row.guard is None for row in rows] == [False] * (len(rows) - 1) + [True], pair


@EVERY
def test_no_row_hides_behind_an_earlier_one_with_its_guard(machine: Machine) -> None:
    for pair, rows in in_order(machine).items():
        guards = [row.guard for row in rows]
        assert len(guards) == len(set(guards)), pair


@EVERY
def test_every_row_names_states_of_its_machine_once(machine: Machine) -> None:
    for row in machine.rows:
        assert row.sources
        assert len(row.sources) == len(set(row.sources))
        assert set(row.sources) <= set(machine.states)
        assert row.to is None or row.to in machine.states


@EVERY
def test_guards_and_what_follows_exist(machine: Machine) -> None:
    for row in machine.rows:
        for name in (row.guard, row.then):
            assert name is None or callable(getattr(machine.owner, name)), row.id


@EVERY
def test_a_refusal_changes_no_state_and_does_nothing_else(machine: Machine) -> None:
    for row in machine.rows:
        assert row.refuse is None or (row.to, row.then) == (None, None), row.id


# --- reachability ---


def reachable(machine: Machine, start: str) -> set[str]:
    """Return the states that a walk over the rows can reach."""
    found, edge = {start}, {start}
    while edge:
        edge = {row.to for row in machine.rows for state in edge if state in row.sources and row.to} - found
        found |= edge
    return found


@EVERY
def test_every_state_is_reachable_from_the_first(machine: Machine) -> None:
    first = MessageStatus.QUEUED if machine is MESSAGE else machine.states[0]
    assert reachable(machine, first) == set(machine.states)


@pytest.mark.parametrize(
    ("machine", "end"),
    [(CONNECTION, S.INITIAL), (THREAD, ThreadState.ENDED), (MESSAGE, MessageStatus.SEEN), (CREDENTIALS, "none")],
    ids=lambda value: getattr(value, "name", None),
)
def test_the_end_is_reachable_from_every_state(machine: Machine, end: str) -> None:
    assert [state for state in machine.states if end not in reachable(machine, state)] == []


def test_an_ended_thread_stays_ended_and_a_seen_message_seen() -> None:
    assert reachable(THREAD, ThreadState.ENDED) == {ThreadState.ENDED}
    assert reachable(MESSAGE, MessageStatus.SEEN) == {MessageStatus.SEEN}
    assert ThreadState.NONE not in reachable(THREAD, ThreadState.PENDING)


def test_no_state_of_the_connection_is_a_dead_end() -> None:
    for state in STATES:
        assert reachable(CONNECTION, state) == set(STATES), state


# --- ids and sentences ---


def test_all_rows_of_the_reference_are_there_with_their_kind() -> None:
    kinds = defaultdict[str, set[Kind]](set)
    for row in ALL_ROWS:
        kinds[row.id].add(row.kind)
    reference = {id: kind for id, kind in kinds.items() if not OWN.fullmatch(id)}
    assert reference == {
        **{f"S{number}": {Kind.TRANSITION} for number in range(1, 50)},
        **{f"T{number}": {Kind.TRANSITION} for number in range(1, 32)},
        **{id: {Kind.SESSION_RULE} for id in SESSION_RULES},
        **{id: {Kind.REQUEST_RULE} for id in REQUEST_RULES},
    }


def test_rows_of_the_connection_and_of_threads_keep_to_their_tables() -> None:
    assert {row.id[0] for row in CONNECTION.rows} == {"S", "D"}
    assert {row.id[0] for row in THREAD.rows} == {"T", "D"}
    for machine in (CREDENTIALS, MESSAGE, VISIBILITY, INTENT):
        assert {row.id[0] for row in machine.rows} == {"D"}


def test_an_id_of_ours_has_one_meaning() -> None:
    parts = defaultdict[str, set[str]](set)
    for machine in MACHINES:
        for row in machine.rows:
            parts[row.id].add(machine.name)
    for rule in RULES:
        parts[rule.id].add("rules")
    assert {id: names for id, names in parts.items() if len(names) > 1} == {}


def test_rows_that_are_the_same_stand_once() -> None:
    again = [row for row, count in Counter(ALL_ROWS).items() if count > 1]
    assert again == []


def test_every_row_has_a_sentence() -> None:
    for row in ALL_ROWS:
        assert re.fullmatch(r"[a-z0-9].*[^.\s]", row.says), row.id


# --- rules ---


def test_every_governed_request_is_declared_in_every_state_once() -> None:
    declared = Counter((request, state) for rule in RULES for request in rule.requests for state in rule.states)
    assert set(declared) == {(request, state) for request in GOVERNED for state in STATES}
    assert set(declared.values()) == {1}


def test_governed_requests_are_requests() -> None:
    for name in GOVERNED | {request for request, _ in LOCAL}:
        assert issubclass(getattr(i, name), i.AppRequest)


def test_what_is_local_is_a_request_of_a_thread_that_needs_the_network_otherwise() -> None:
    for request, state in LOCAL:
        assert state in (ThreadState.PENDING, ThreadState.ENDED)
        rule = STANDING.find(request, S.LOST)
        assert rule is not None
        assert rule.id == "S42"


def test_rules_are_found_by_request_and_state_and_by_id() -> None:
    rules = compile_rules()
    found = rules.find("SetCustomer", S.INITIAL)
    assert found is not None
    assert (found.id, found.refuse) == ("D302", None)
    assert rules.find("SetCustomer", "nowhere") is None
    assert rules.find("Prepare", S.INITIAL) is None
    assert (rules.holds("S46"), rules.holds("S99")) == (True, False)


# --- how it shows ---


def test_every_leaf_state_shows_as_a_word_for_the_app() -> None:
    assert set(PROJECTION) == set(STATES)
    assert set(PROJECTION.values()) == set(ChatState)
    assert project(S.RECONNECT_WAIT) is ChatState.CONNECTING
    assert project(S.SERVING) is ChatState.READY
