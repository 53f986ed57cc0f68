"""The template of a welcome text, and its variables (CXone wire reference, section 4.6). Pure."""

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["render", "variables"]

_VARIABLE: Final = re.compile(r"\{\{([^{}|]*)(?:\|([^{}]*))?\}\}")
_FALLBACK_MESSAGE: Final = "fallbackMessage"


def variables(
    first_name: str, last_name: str, customer_fields: Mapping[str, str], contact_fields: Mapping[str, str]
) -> dict[str, str]:
    """Return what a template may name, by its name. Custom fields are named by their plain ids."""
    return {
        "customer.firstName": first_name,
        "customer.lastName": last_name,
        "customer.fullName": f"{first_name} {last_name}".strip(),
        **{f"customer.customFields.{ident}": value for ident, value in customer_fields.items()},
        **{f"contact.customFields.{ident}": value for ident, value in contact_fields.items()},
    }


def render(template: str, values: Mapping[str, str], limit: int) -> str:
    """Return the text with ``{{name}}`` and ``{{name|fallback}}`` filled in; "" if it is longer than ``limit``.

    A variable that is unknown or empty gives its fallback. Where one has none, the text of ``{{fallbackMessage|text}}``
    stands for the whole; without such a text the variable gives nothing, which no source tells.
    """
    whole: str | None = None
    is_resolved = True
    pieces: list[str] = []
    size = done = 0
    for found in _VARIABLE.finditer(template):
        name, fallback = found[1].strip(), found[2]
        value = ""
        if name == _FALLBACK_MESSAGE:
            whole = fallback or ""
        else:
            value = values.get(name, "") or (fallback or "")
            is_resolved = is_resolved and (bool(value) or fallback is not None)
        pieces += template[done : found.start()], value
        size += found.start() - done + len(value)
        done = found.end()
        if size > limit:
            return ""
    pieces.append(template[done:])
    text = ("".join(pieces) if is_resolved or whole is None else whole).strip()
    return text if len(text) <= limit else ""
