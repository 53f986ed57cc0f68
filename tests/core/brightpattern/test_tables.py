"""The tables as data: total, reachable, in order, named after the reference."""

import re
from collections import Counter, defaultdict

import pytest

from deskline_core import inputs as i
from deskline_core.brightpattern import chat_table, connection_table
from deskline_core.brightpattern.chat_table import LIVE, OPEN, STAGES, TERMINAL
from deskline_core.brightpattern.chat_table import ChatStage as C
from deskline_core.brightpattern.connection import CONNECTION
from deskline_core.brightpattern.connection_table import PROJECTION
from deskline_core.brightpattern.connection_table import ConnectionState as S
from deskline_core.brightpattern.conversation import CONVERSATION
from deskline_core.brightpattern.rules import HELD_BACK, RULES, STANDING
from deskline_core.lifecycle import ChatState, ThreadState
from deskline_core.machine import Kind, Machine, Row, Rule, undeclared_pairs
from deskline_core.model import Stage

MACHINES = (CONNECTION, CONVERSATION)
EVERY = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
REFERENCE = {f"B{number}" for number in range(1, 62)}
GOVERNED = {request for rule in RULES for request in rule.requests}
ALL_ROWS: list[Row | Rule] = [*(row for machine in MACHINES for row in machine.rows), *RULES]


def in_order(machine: Machine) -> dict[tuple[str, str], list[Row]]:
    """Return the rows of each (state, trigger), as they are tried."""
    pairs = defaultdict[tuple[str, str], list[Row]](list)
    for row in machine.rows:
        for source in row.sources:
            pairs[source, row.trigger].append(row)
    return pairs


def reachable(machine: Machine, start: str) -> set[str]:
    """Return the states that a walk over the rows can reach."""
    found, edge = {start}, {start}
    while edge:
        edge = {row.to for row in machine.rows for state in edge if state in row.sources and row.to} - found
        found |= edge
    return found


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


@EVERY
def test_every_state_is_reachable_from_the_first(machine: Machine) -> None:
    assert reachable(machine, machine.states[0]) == set(machine.states)


def test_no_state_of_the_connection_is_a_dead_end() -> None:
    for state in S:
        assert reachable(CONNECTION, state) == set(S), state


def test_from_every_state_of_a_chat_each_way_to_be_over_is_reachable() -> None:
    for state in C:
        if state not in TERMINAL:
            assert set(TERMINAL) <= reachable(CONVERSATION, state), state


def test_a_chat_that_is_over_stays_so_and_one_that_lives_is_never_made_again() -> None:
    for state in TERMINAL:
        assert reachable(CONVERSATION, state) == {state}
    for state in (*LIVE, C.ENDING):
        assert not reachable(CONVERSATION, state) & {C.IDLE, C.REQUESTING}
    assert reachable(CONVERSATION, C.ENDING) == {C.ENDING, C.ENDED, C.TIMED_OUT, C.FAILED, C.LOST}


# --- ids and sentences ---


def test_all_rows_of_the_reference_are_there() -> None:
    assert {row.id for row in ALL_ROWS if row.id.startswith("B")} == REFERENCE
    assert {row.kind for row in ALL_ROWS if row.id.startswith("B")} == {Kind.TRANSITION}


def test_our_own_rows_keep_to_their_numbers() -> None:
    assert {row.id for row in CONNECTION.rows} == {f"D{number}" for number in range(601, 638)}
    assert {rule.id for rule in RULES} == {f"D{number}" for number in range(641, 649)}
    assert {row.id for row in CONVERSATION.rows} - REFERENCE == {f"D{number}" for number in range(701, 747)}


def test_rows_that_are_the_same_stand_once() -> None:
    assert [row for row, count in Counter(ALL_ROWS).items() if count > 1] == []


def test_every_row_has_a_sentence() -> None:
    for row in ALL_ROWS:
        assert re.fullmatch(r"[a-z0-9].*[^.\s]", row.says), row.id


# --- rules ---


def test_every_governed_request_is_declared_in_every_state_once() -> None:
    declared = Counter((request, state) for rule in RULES for request in rule.requests for state in rule.states)
    assert set(declared) == {(request, state) for request in GOVERNED for state in S}
    assert set(declared.values()) == {1}


def test_governed_requests_are_requests_and_only_such_are_held_back() -> None:
    for name in GOVERNED:
        assert issubclass(getattr(i, name), i.AppRequest)
    for name in HELD_BACK:
        rule = STANDING.find(name, S.RECOVERING)
        assert rule is not None
        assert rule.id == "D642"


# --- how it shows ---


def test_every_state_shows_as_a_word_for_the_app() -> None:
    assert set(PROJECTION) == set(S)
    assert set(PROJECTION.values()) == set(ChatState) - {ChatState.ENDING, ChatState.UNSUPPORTED}
    assert connection_table.project(S.WAITING) is ChatState.CONNECTING
    assert {state: chat_table.project(state) for state in C} == {
        **dict.fromkeys((C.IDLE, C.REQUESTING), ThreadState.NONE),
        **dict.fromkeys((*LIVE, C.ENDING), ThreadState.OPEN),
        **dict.fromkeys(TERMINAL, ThreadState.ENDED),
    }


def test_every_stage_of_a_living_chat_has_a_word_and_no_two_have_one() -> None:
    assert set(STAGES) == set(LIVE) == {*OPEN, C.COMPLETED}
    assert sorted(STAGES.values()) == sorted(Stage)
