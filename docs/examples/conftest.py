"""Turns on the fixtures ``center`` and ``open_chat``."""

pytest_plugins = ["deskline.testing.fixtures"]
