"""Push subscriptions, and what would be pushed (Bright Pattern reference, sections 3.13 and 12)."""

from typing import Any, Final

from .channel import BrightPatternChannel
from .contents import name_of

__all__ = ["asked_for", "objection", "payload"]

Wire = dict[str, Any]
_KINDS: Final = ("ios_apns_device_token", "ios_firebase_device_token", "android_firebase_device_token")
_TITLES: Final = {
    "chat_session_message": ("New message", "keyChatNewMessageTitle"),
    "chat_session_file": ("New file", "keyChatNewFileTitle"),
    "chat_session_timeout_warning": ("Are you still there?", "keyChatTimeoutWarningTitle"),
    "chat_session_inactivity_timeout": ("Chat closed", "keyChatInactivityTimeoutTitle"),
}


def asked_for(body: Wire) -> Wire:
    """Return a subscription to which there is no objection; one without any kind is none."""
    return body if any(kind in body for kind in _KINDS) else {}


def objection(channel: BrightPatternChannel, body: Wire) -> str:
    """Return the code of what is wrong with a subscription, or nothing. One without any kind cancels."""
    given = [kind for kind in _KINDS if kind in body]
    bad = any(not isinstance(body[kind], str) or not body[kind] for kind in given)
    if "ios_apns_device_token" in given and not body.get("ios_app_bundle_id"):
        bad = True
    return "5603" if bad or len(given) > 1 or not set(given) <= set(channel.push_kinds) else ""


def payload(event: Wire, chat: str, subscription: Wire) -> Wire | None:
    """Return what a push service gets for an event, None for one that nobody is woken for."""
    if (name := name_of(event)) not in _TITLES:
        return None
    if "ios_apns_device_token" not in subscription:
        return {"chatID": chat}
    title, key = _TITLES[name]
    alert = {"title": title, "title-loc-key": key, "body": str(event.get("msg_text") or event.get("msg") or "")}
    return {"aps": {"alert": alert, "badge": 1, "sound": "default", "category": "NEW_CHAT_MESSAGE"}, "chatID": chat}
