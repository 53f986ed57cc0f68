"""A strict reader of the Mermaid that we write: every line has one of a few forms, and names only what was declared."""

import re

TEXT = r"(?:[^\W_]|[ _.,/()+=?!'*@|…-]|#\d+;)+"
LANE = "app|session|rest|socket|agent"
SEQUENCE = (
    re.compile(rf"    participant ({LANE}) as \w+"),
    re.compile(rf"    ({LANE})(?:->>|-x|-->>|--x)({LANE}): {TEXT}"),
    re.compile(rf"    Note over ({LANE})(?:,({LANE}))?: {TEXT}"),
)
NAME = "[a-z][a-z_]*"
STATES = (
    re.compile(rf' {{4}}(?: {{4}})?state "[a-z -]+" as ({NAME})(?: \{{)?'),
    re.compile(rf"    ({NAME}) --> ({NAME}): \w[\w ,…]*"),
    re.compile(rf"    \[\*\] --> ({NAME})"),
)


def check_sequence(text: str) -> list[str]:
    """Return the lines after the first, all of a known form, their lanes declared first; raise AssertionError else."""
    return _check(text, "sequenceDiagram", SEQUENCE)


def check_states(text: str) -> list[str]:
    """The same for a state diagram."""
    return _check(text.replace("\n    }\n", "\n"), "stateDiagram-v2", STATES)


def _check(text: str, kind: str, forms: tuple[re.Pattern[str], ...]) -> list[str]:
    assert text.endswith("\n")
    first, *lines = text[:-1].split("\n")
    assert first == kind
    declared: set[str] = set()
    for line in lines:
        matches = [match for form in forms if (match := form.fullmatch(line))]
        assert len(matches) == 1, repr(line)
        found = matches[0]
        names = {name for name in found.groups() if name}
        if found.re is forms[0]:
            assert not names & declared, f"declared twice: {line}"
            declared |= names
        assert names <= declared, f"not declared: {line}"
    return lines
