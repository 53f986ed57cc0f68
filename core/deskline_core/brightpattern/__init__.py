"""Bright Pattern's Mobile/Web Messaging API: its tables, its wire, its part of a session."""
