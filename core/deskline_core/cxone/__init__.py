"""NICE CXone Digital chat: tables, wire and session rules of one vendor."""
