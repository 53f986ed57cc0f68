"""What is public is said in `__all__`; everything else that a module defines is underscored."""

import ast
from importlib import import_module

import pytest

from tests.house.product import Source, sources


def _speaks(source: Source) -> bool:
    """Tell whether the file holds more than a docstring: an empty `__init__` has nothing to export."""
    return len(source.tree.body) > 1


MODULES = [source for source in sources() if source.is_public and _speaks(source)]


@pytest.mark.parametrize("source", MODULES, ids=lambda source: source.module)
def test_all_names_what_is_public(source: Source) -> None:
    module = import_module(source.module)
    exported = module.__all__
    assert len(exported) == len(set(exported))
    assert [name for name in exported if not hasattr(module, name)] == []
    if source.is_vendors:  # tables name the functions there, and nobody else does
        return
    defined = {
        node.name
        for node in source.tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
    }
    assert defined - set(exported) == set()
