"""The look of the web widget (Bright Pattern reference, sections 3.16 and 23, 1): just enough of it to start."""

from typing import Any

from .channel import BrightPatternChannel

__all__ = ["configuration"]

Wire = dict[str, Any]
_FONT: Wire = {"family": "sans-serif", "size": "14px", "style": "normal", "weight": "400"}


def configuration(channel: BrightPatternChannel) -> Wire:
    """Return the answer: one object, or a list of widgets."""
    definition = _definition(channel)
    if channel.configuration == "widgets":
        tab = definition["contact_tab"]
        return {"widgets": [{"name": "main", "urls": [], "definition": {"contact_tab": tab}, "styles": {}}]}
    return {
        "name": "main",
        "definition": definition,
        "styles": {"style1": {"baseFont": {"font-size": "14px", "color": "#222222"}}},
        "cobrowsing": {"provider": "", "widget_key": ""},
    }


def _definition(channel: BrightPatternChannel) -> Wire:
    return {
        "chatInitiations": {
            "contactTab": {"enabled": True, "location": "bottom_right", "textColor": "#fff", "backgroundColor": "#057"},
            "onDemandChat": {"enabled": True},
            "proactiveChat": {"enabled": False},
        },
        "forms": {"preChat": {"enabled": False, "fields": []}, "unavailable": {"enabled": False, "fields": []}},
        "chatWidgetStyling": {"title": {"backgroundColor": "#057", "textColor": "#fff"}, "chatFont": _FONT},
        "contact_tab": {
            "enabled": True,
            "location": "bottom_right",
            "color": "#fff",
            "bg_color": "#057",
            "font": _FONT,
            "agents_available_msg": channel.name,
            "agents_not_available_msg": "All of us are busy",
            "out_of_hours_msg": "We are closed",
            "show_ewt_out_of_hours": False,
        },
    }
