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


def render(template: str, values: Mapping[str, str]) -> str:
    """Return the text with ``{{name}}`` and ``{{name|fallback}}`` filled in.

    A variable that is unknown or empty gives its fallback. Where one has none, the text of ``{{fallbackMessage|text}}``
    stands for the whole; without such a text the variable gives nothing, which no source tells.
    """
    whole: list[str] = []
    is_resolved = True

    def fill(found: re.Match[str]) -> str:
        nonlocal is_resolved
        name, fallback = found[1].strip(), found[2]
        if name == _FALLBACK_MESSAGE:
            whole.append(fallback or "")
            return ""
        value = values.get(name, "") or (fallback or "")
        is_resolved = is_resolved and (bool(value) or fallback is not None)
        return value

    text = _VARIABLE.sub(fill, template)
    return (text if is_resolved or not whole else whole[-1]).strip()
