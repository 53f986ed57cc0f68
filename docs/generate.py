"""Writes what stands between ``<!-- generated: NAME -->`` and ``<!-- end of NAME -->`` in the pages, from data.

``python docs/generate.py`` rewrites the pages, ``--check`` only names those that are stale, and fails if there are any.
Rows and rules come from the tables, state diagrams from the same tables, and sequence diagrams from recorded runs with
the center, in virtual time. Nothing here depends on when or where it runs.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # runs and pairs are shared with the tests

from deskline_center.controls import AgentJoins, AgentSays  # noqa: E402
from deskline_center.cxone import channel_id  # noqa: E402
from deskline_core import inputs as i  # noqa: E402
from deskline_core.brightpattern import chat_table  # noqa: E402
from deskline_core.brightpattern import connection_table as bright_pattern  # noqa: E402
from deskline_core.brightpattern import rules as bright_pattern_rules  # noqa: E402
from deskline_core.brightpattern.connection import CONNECTION as BRIGHT_PATTERN  # noqa: E402
from deskline_core.brightpattern.conversation import CONVERSATION  # noqa: E402
from deskline_core.cxone.connection import CONNECTION  # noqa: E402
from deskline_core.cxone.connection_table import PROJECTION  # noqa: E402
from deskline_core.cxone.credentials import CREDENTIALS  # noqa: E402
from deskline_core.cxone.rules import RULES  # noqa: E402
from deskline_core.cxone.thread import THREAD  # noqa: E402
from deskline_core.diagram import sequence, states  # noqa: E402
from deskline_core.machine import Machine, Row, Rule  # noqa: E402
from deskline_core.outgoing import MESSAGE  # noqa: E402
from deskline_core.presence import INTENT, VISIBILITY  # noqa: E402
from tests.core.recorded import Recorded  # noqa: E402
from tests.end_to_end.flows import branches as flows  # noqa: E402
from tests.end_to_end.flows import pages  # noqa: E402
from tests.end_to_end.flows.bright_pattern import branches as bright_pattern_flows  # noqa: E402

SHARED = (MESSAGE, VISIBILITY, INTENT)
MACHINES: Mapping[str, Machine] = {
    "connection": CONNECTION,
    "thread": THREAD,
    "credentials": CREDENTIALS,
    "bright pattern connection": BRIGHT_PATTERN,
    "bright pattern chat": CONVERSATION,
    **{machine.name: machine for machine in SHARED},
}
PROJECTIONS: Mapping[str, Mapping[str, str]] = {
    "connection": PROJECTION,
    "bright pattern connection": bright_pattern.PROJECTION,
    "bright pattern chat": {
        **dict.fromkeys(chat_table.OPEN, "takes messages"),
        **dict.fromkeys(chat_table.TERMINAL, "over"),
    },
}
FLOWS = (*flows.FLOWS, *bright_pattern_flows.FLOWS)
FLOW_PAGES = tuple(f"docs/flows/{flow.name.replace(' ', '-')}.md" for flow in FLOWS)
PAGES = ("README.md", "docs/tables.md", "docs/diagrams.md", *FLOW_PAGES)
BLOCK = re.compile(
    r"(?P<begin><!-- generated: (?P<name>[a-z -]+) -->\n).*?(?P<end><!-- end of (?P=name) -->)", re.DOTALL
)
MOST_NAMED = 4


# --- tables ---


def table(machine: Machine) -> str:
    """Return the rows of a machine, by id."""
    rows = sorted(machine.rows, key=lambda row: _order(row.id))
    cells = [
        (
            row.id,
            row.trigger,
            _some(row.sources, machine.states),
            row.guard or "",
            row.to or "",
            _follows(row),
            row.says,
        )
        for row in rows
    ]
    return _markdown(("Row", "Trigger", "In", "If", "To", "Then", "Says"), cells)


def rules(standing: Sequence[Rule], states: Sequence[str]) -> str:
    """Return the rows that are no transitions; ``states`` are those of the connection."""
    cells = [
        (
            rule.id,
            rule.kind,
            ", ".join(rule.requests),
            _some(rule.states, states),
            rule.refuse or "",
            rule.says,
        )
        for rule in sorted(standing, key=lambda rule: _order(rule.id))
    ]
    return _markdown(("Row", "Kind", "Requests", "In", "Refusal", "Says"), cells)


def _follows(row: Row) -> str:
    if row.refuse is not None:
        return f"refusal: {row.refuse}"
    if row.then is None:
        return "" if row.to else "nothing"
    return row.then


def _order(id: str) -> tuple[bool, str, int]:
    """Sort S1, S2, ..., S10, and own rows after those of the reference."""
    return id.startswith("D"), id[0], int(id[1:])


def _some(found: Sequence[str], all_: Sequence[str]) -> str:
    missing = [state for state in all_ if state not in found]
    if not found:
        return ""
    if not missing and len(all_) > 1:
        return "every state"
    if len(found) > MOST_NAMED and len(missing) <= MOST_NAMED:
        return f"every state but {', '.join(missing)}"
    return ", ".join(found)


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


# --- diagrams ---


def tour() -> str:
    """Return the course of a short visit: ask, be answered, lose the connection, come back."""
    chat = Recorded(channel_id("live", "secured"))
    chat.do(i.Open)
    thread = chat.ask(i.StartThread)
    chat.advance(1)
    chat.ask(i.SendMessage, thread=thread, text="Where is order 4711?")
    chat.advance(3)
    chat.control(AgentJoins())
    chat.control(AgentSays(text="Let me look"))
    chat.advance(20)
    chat.lose()
    chat.control(AgentSays(text="It left on Tuesday"))
    chat.advance(6)
    return sequence(chat.lines)


def _drawn(machine: Machine, projection: Mapping[str, str] | None) -> str:
    return _mermaid(states(machine, projection))


def _mermaid(text: str) -> str:
    return f"```mermaid\n{text}```"


def blocks() -> dict[str, Callable[[], str]]:
    """Return what makes each block."""
    made: dict[str, Callable[[], str]] = {
        "rules": partial(rules, RULES, CONNECTION.states),
        "bright pattern rules": partial(rules, bright_pattern_rules.RULES, BRIGHT_PATTERN.states),
        "run": lambda: _mermaid(tour()),
        "chat states": lambda: _mermaid(states(CONNECTION, PROJECTION, labels="triggers", coarse=True)),
    }
    for name, machine in MACHINES.items():
        made[f"{name} rows"] = partial(table, machine)
        made[f"{name} states"] = partial(_drawn, machine, PROJECTIONS.get(name))
    for flow in FLOWS:
        made[f"{flow.name} runs"] = partial(pages.runs, flow)
        made[f"{flow.name} errors"] = partial(pages.errors, flow)
    return made


# --- pages ---


def renewed(text: str) -> str:
    """Return a page with its blocks as they should be. Raises KeyError for a block that nothing makes."""
    made = blocks()
    return BLOCK.sub(lambda found: f"{found['begin']}\n{made[found['name']]()}\n\n{found['end']}", text)


def stale() -> Iterator[Path]:
    """Yield the pages that differ from what they should be."""
    for name in PAGES:
        page = ROOT / name
        text = page.read_text("utf-8")
        if renewed(text) != text:
            yield page


def main(arguments: Sequence[str]) -> int:
    """Rewrite the pages, or check them."""
    pages = list(stale())
    for page in pages:
        print(page.relative_to(ROOT), file=sys.stderr)  # noqa: T201 - a script
        if "--check" not in arguments:
            page.write_text(renewed(page.read_text("utf-8")), "utf-8")
    return 1 if pages and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
