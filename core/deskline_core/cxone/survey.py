"""The survey that a channel asks before a thread, and its custom fields (CXone wire reference, sections 2.2 and 6)."""

import re
from typing import Final

from ..checks import check_email
from ..model import Question
from ..pieces import entries, flag_of, part, text_of
from .parts import CustomField

__all__ = ["check_value", "read_definitions", "read_fields", "read_survey"]

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MOST_NAMED: Final = 20
_KINDS: Final = frozenset({"text", "email", "list", "tree"})
_DEEPEST: Final = 20


def read_survey(form: object, channel: str) -> tuple[Question, ...]:
    """Return the questions in their order; none if the form lists channels, and not this one (section 8, row 45)."""
    channels = [text_of(part(entry, "id")) or text_of(entry) for entry in entries(part(form, "channels"))]
    if channels and channel not in channels:
        return ()
    fields = entries(part(form, "customFields"))
    questions = (_question(part(field, "definition"), required=part(field, "isRequired")) for field in fields)
    return tuple(question for question in questions if question is not None)


def read_definitions(value: object) -> tuple[Question, ...]:
    """Return what custom fields of one scope are defined, as questions."""
    questions = (_question(definition, required=part(definition, "required")) for definition in entries(value))
    return tuple(question for question in questions if question is not None)


def _question(definition: object, *, required: object) -> Question | None:
    ident, kind = text_of(part(definition, "ident")), text_of(part(definition, "type"))
    if not ident or kind not in _KINDS:
        return None
    values = entries(part(definition, "values"))
    return Question(
        id=ident,
        label=text_of(part(definition, "label")) or ident,
        required=flag_of(required) is True,
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


def read_fields(value: object) -> tuple[CustomField, ...]:
    """Return the values of custom fields; what has no ident is none."""
    fields = entries(value)
    return tuple(
        CustomField(ident=ident, value=text_of(part(field, "value")), updated_at=text_of(part(field, "updatedAt")))
        for field in fields
        if (ident := text_of(part(field, "ident")))
    )


def check_value(question: Question | None, value: str, limit: int) -> tuple[str, str]:
    """Return the value to send, with "" or why it cannot be (section 6.3).

    A label of a list or tree is turned into its name; of a tree also the last part of it, where that names one leaf
    only. An empty value clears a field, whatever its kind. ``question`` is None for a field that nobody has defined,
    which takes any text. ``limit`` is in characters.
    """
    if len(value) > limit:
        return value, f"longer than {limit} characters"
    if _CONTROL.search(value):
        return value, "not plain text: it holds control characters"
    if question is None or not value:
        return value, ""
    if question.kind == "email":
        return value, check_email(value) or ""
    return _choose(question, value) if question.kind in ("list", "tree") else (value, "")


def _choose(question: Question, value: str) -> tuple[str, str]:
    names = [name for name, _ in question.choices]
    if value in names:
        return value, ""
    named = [name for name, label in question.choices if label == value]
    if not named and question.kind == "tree":
        named = [name for name, label in question.choices if label.endswith(f" / {value}")]
        named = named if len(named) == 1 else []
    more = ", ..." if len(names) > _MOST_NAMED else ""
    return (named[0], "") if named else (value, f"none of {', '.join(names[:_MOST_NAMED])}{more}")
