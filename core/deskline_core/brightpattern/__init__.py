"""Bright Pattern Mobile/Web Messaging API: tables, wire and session rules of one vendor."""
