"""The contact center: the far side of the chat, just as pure as the core."""
