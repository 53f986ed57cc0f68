"""Each weakness of the vendor's own clients, and each rule drawn from them, has a test that names it, or a reason."""

import ast
from pathlib import Path

NOT_APPLICABLE = {
    "I3": "All chats are polled as one group there. Here a client has one living chat, and each session polls its own.",
    "A18": "A delegate that is never called. Here there is one way out of a session: the commands that it returns.",
    "A21": "A README that swaps two arguments. Here every field of a request is named by its caller, in any order.",
}
"""Weaknesses that a client like this one cannot have at all, and why."""
WEAKNESSES = (
    *(f"I{number}" for number in range(1, 20)),
    *(f"A{number}" for number in range(1, 24)),
    *(f"W{number}" for number in range(1, 13)),
    *(f"J{number}" for number in range(1, 6)),
    *(f"N{number}" for number in range(1, 5)),
    *(f"11.1/{number}" for number in range(1, 10)),
    *(f"20.5/{number}" for number in range(1, 11)),
    "5005",
)
"""Sections 20.1 (I), 20.2 (A), 20.3 (W), 20.4 (Java: J, in the order they are told in; bridge: N), and the rules."""


def named() -> set[str]:
    """Return the ids that tests of this directory carry."""
    trees = [ast.parse(path.read_text()) for path in Path(__file__).parent.glob("test_*.py")]
    marks = [
        node.args
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "row"
    ]
    return {str(arg.value) for args in marks for arg in args if isinstance(arg, ast.Constant)}


def test_each_has_a_test_that_names_it_or_a_reason_why_there_is_none() -> None:
    tested = named()
    assert [weakness for weakness in WEAKNESSES if weakness not in tested] == list(NOT_APPLICABLE)
