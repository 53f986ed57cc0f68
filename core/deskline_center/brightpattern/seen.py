"""What an operator sees of a chat, as plain JSON values."""

from typing import Any

from .chat import Chat

__all__ = ["chat_as_seen"]


def chat_as_seen(chat: Chat) -> dict[str, Any]:
    """Return what only chats of this vendor have; their messages stand in their threads."""
    return {
        "chat": chat.id,
        "channel": chat.channel.id,
        "client": chat.client,
        "version": chat.version,
        "stage": chat.stage,
        "ewt": chat.ewt,
        "over": chat.thread.over,
        "asked": chat.asked,
        "case": chat.case,
        "parties": dict(chat.parties),
        "polling": chat.line.polling,
        "waiting": len(chat.line),
        "preview": chat.preview,
        "forms": {form.id: form.name for form in chat.forms.values()},
        "answers": list(chat.answers),
        "receipts": list(chat.receipts),
        "signals": list(chat.signals),
        "other": list(chat.other),
        "subscription": chat.subscription,
        "pushed": list(chat.pushed),
    }
