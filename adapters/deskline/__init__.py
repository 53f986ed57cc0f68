"""deskline: chat with a contact center from trio and asyncio programs."""
