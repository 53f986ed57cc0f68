"""The variables of a welcome text (CXone wire reference, section 4.6)."""

import tracemalloc

import pytest

from deskline_core.cxone.template import render, variables

KNOWN = variables("Kit", "", {"tier": "gold", "customer": "x"}, {"topic": "ship"})


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hello!", "Hello!"),
        ("", ""),
        ("Hi {{customer.firstName}}!", "Hi Kit!"),
        ("Hi {{ customer.firstName }}!", "Hi Kit!"),
        ("Hi {{customer.fullName|there}}!", "Hi Kit!"),
        ("Hi {{customer.lastName|there}}!", "Hi there!"),
        ("Hi {{customer.lastName|}}!", "Hi !"),
        ("{{customer.customFields.tier}}, {{contact.customFields.topic}}", "gold, ship"),
        ("{{customer.customFields.none|silver}} {{contact.customFields.tier|?}}", "silver ?"),
        ("Hi {{customer.lastName}}!", "Hi !"),
        ("Hi {{nobody.knows}}!{{fallbackMessage|Good day.}}", "Good day."),
        ("Hi {{customer.firstName}}!{{fallbackMessage|Good day.}}", "Hi Kit!"),
        ("Hi {{customer.lastName|there}}!{{fallbackMessage|Good day.}}", "Hi there!"),
        ("Hi {{customer.lastName}}!{{fallbackMessage}}", ""),
        ("{{fallbackMessage|Good day.}}Hi {{customer.lastName}}", "Good day."),
        ("{{customer.firstName", "{{customer.firstName"),
        ("{{a{{customer.firstName}}}}", "{{aKit}}"),
        ("{{}} {", "{"),
    ],
)
def test_a_template_is_filled_in(template: str, text: str) -> None:
    assert render(template, KNOWN, 100) == text


def test_a_hostile_template_takes_no_time() -> None:
    assert render("{{a|" * 100_000, KNOWN, 400_000) == "{{a|" * 100_000


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{a}}{{a}}", "1234512345"),
        ("{{a}}{{a}}.", ""),
        ("{{a}}{{a}}{{a}}{{none}}{{fallbackMessage|Good day.}}", ""),
        ("{{none}}{{fallbackMessage|Good day, Kit.}}", ""),
        ("{{none|Good day, Kit.}}", ""),
        ("{{none}}Good day, Kit.{{fallbackMessage|Good day.}}", ""),
    ],
)
def test_a_text_that_becomes_too_long_is_none(template: str, text: str) -> None:
    assert render(template, {"a": "12345"}, 10) == text


def test_a_template_takes_no_more_memory_than_its_text_may() -> None:
    tracemalloc.start()
    try:
        assert render("{{a}}" * 2000, {"a": "y" * 10_000}, 32 * 1024) == ""
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()


def test_a_full_name_has_both_parts() -> None:
    assert variables("Kit", "Marlow", {}, {})["customer.fullName"] == "Kit Marlow"
