"""The customer's side of a contact-center chat, as a pure Sans-IO core."""
