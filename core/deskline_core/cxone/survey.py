"""The survey that a channel asks before a thread (CXone wire reference, sections 2.2 and 6)."""

from typing import Final

from ..model import Question
from .pieces import entries, flag_of, part, text_of

__all__ = ["read_survey"]

_KINDS: Final = frozenset({"text", "email", "list", "tree"})
_DEEPEST: Final = 20


def read_survey(form: object, channel: str) -> tuple[Question, ...]:
    """Return the questions in their order; none if the form lists channels, and not this one (section 8, row 45)."""
    channels = [text_of(part(entry, "id")) or text_of(entry) for entry in entries(part(form, "channels"))]
    if channels and channel not in channels:
        return ()
    fields = entries(part(form, "customFields"))
    return tuple(question for field in fields if (question := _question(field)))


def _question(field: object) -> Question | None:
    definition = part(field, "definition")
    ident, kind = text_of(part(definition, "ident")), text_of(part(definition, "type"))
    if not ident or kind not in _KINDS:
        return None
    values = entries(part(definition, "values"))
    return Question(
        id=ident,
        label=text_of(part(definition, "label")) or ident,
        required=flag_of(part(field, "isRequired")) is True,
        kind=kind,
        choices=_leaves(values) if kind == "tree" else tuple(_named(values).items()),
    )


def _named(values: list[object]) -> dict[str, str]:
    """Return the label of each name."""
    named = {text_of(part(value, "name")): text_of(part(value, "value")) for value in values}
    return {name: label or name for name, label in named.items() if name}


def _leaves(values: list[object]) -> tuple[tuple[str, str], ...]:
    """Return the nodes without children, the only ones that every far side accepts, labelled with their way down."""
    labels = _named(values)
    parents = {text_of(part(value, "name")): text_of(part(value, "parentId")) for value in values}
    inner = set(parents.values())
    return tuple((name, _way(name, labels, parents)) for name in labels if name not in inner)


def _way(name: str, labels: dict[str, str], parents: dict[str, str]) -> str:
    way: list[str] = []
    while name in labels and len(way) < _DEEPEST:  # a far side may close a circle
        way.append(labels[name])
        name = parents[name]
    return " / ".join(reversed(way))
