"""Transports: what carries a socket or a REST request, and knows no chat."""
