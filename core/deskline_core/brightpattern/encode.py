"""What we send, as Bright Pattern reads it (Bright Pattern reference, sections 3 and 7).

Each event is one piece of JSON, made ready for :func:`events`. ``timestamp`` and ``party_id`` are left out, as the far
side knows both. Texts must be valid Unicode: ``checks`` tells beforehand.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

from ..pieces import load, object_of
from ..values import Secret, reveal
from .content import as_html

__all__ = [
    "chat_request",
    "disconnect",
    "end",
    "events",
    "file",
    "form_cancel",
    "form_data",
    "location",
    "message",
    "navigation",
    "not_typing",
    "notifications",
    "receipt",
    "signal",
    "typing",
    "upload",
]

_ENCODER: Final = msgspec.json.Encoder()

_Fields = dict[str, object]


def events(*items: msgspec.Raw) -> bytes:
    """Return the body that sends events (3.6)."""
    return _ENCODER.encode({"events": items})


def _event(name: str, fields: _Fields) -> msgspec.Raw:
    return msgspec.Raw(_ENCODER.encode({"event": name, **fields}))


def _filled(**fields: str) -> _Fields:
    return {name: value for name, value in fields.items() if value}


# --- the conversation ---


def message(id: str, text: str, directive_id: str = "") -> msgspec.Raw:
    """Send a text, as HTML and as it is (trap I16). ``directive_id`` is that of the buttons it answers."""
    fields: _Fields = {"msg_id": id, "msg": as_html(text), "msg_text": text}
    return _event("chat_session_message", fields | _filled(directive_id=directive_id))


def receipt(kind: Literal["delivered", "read"], ref: str) -> msgspec.Raw:
    """Say that a message of another party has come, or has been read (9.3)."""
    return _event(f"chat_session_message_{kind}", {"ref_msg_id": ref})


def typing(text: str = "") -> msgspec.Raw:
    """Say that the customer types, and what, if the agent may see it (9.5)."""
    return _event("chat_session_typing", _filled(msg=text))


def not_typing() -> msgspec.Raw:
    """Say that the customer no longer types (9.5)."""
    return _event("chat_session_not_typing", {})


def file(id: str, file_id: str, file_type: str, name: str) -> msgspec.Raw:
    """Send a file that is uploaded. ``file_type`` is ``image`` or ``attachment`` (6.14)."""
    fields: _Fields = {"msg_id": id, "file_id": file_id, "file_type": file_type, "file_name": name}
    return _event("chat_session_file", fields)


def location(id: str, latitude: str, longitude: str, url: str = "") -> msgspec.Raw:
    """Send a place, in decimal degrees."""
    fields: _Fields = {"msg_id": id, "latitude": latitude, "longitude": longitude}
    return _event("chat_session_location", fields | _filled(url=url))


def navigation(id: str, title: str, page: str) -> msgspec.Raw:
    """Say which page the customer is on."""
    return _event("chat_session_navigation", {"msg_id": id, "title": title, "page": page})


def disconnect() -> msgspec.Raw:
    """Leave the agent; the scenario goes on (13)."""
    return _event("chat_session_disconnect", {})


def end() -> msgspec.Raw:
    """End the session (13)."""
    return _event("chat_session_end", {})


# --- forms ---


def form_data(id: str, name: str, pairs: Iterable[tuple[str, str]], *, secure: bool) -> msgspec.Raw:
    """Answer a form (9.6). ``id`` is its request's; ``name`` that of the form, of a secure one its ``form_id``."""
    fields: _Fields = {"form_request_id": id, "form_name": name, "data": dict(pairs)}
    return _event("chat_session_secure_form_data" if secure else "chat_session_form_data", fields)


def form_cancel(id: str, name: str, *, secure: bool) -> msgspec.Raw:
    """Refuse to answer a form: of one that is not secure, only the web client says so (7)."""
    fields: _Fields = {"form_request_id": id, "form_name": name}
    return _event("chat_session_secure_form_cancel" if secure else "chat_form_data_cancel", fields)


# --- calls and shared screens ---


def signal(
    kind: Literal["signaling", "cobrowsing_rejected", "cobrowsing_started", "cobrowsing_ended"],
    id: str,
    party: str,
    data: str,
) -> msgspec.Raw:
    """Send a step of a call to a party, or of a shared screen, which goes to no one in particular and has no id.

    ``data`` is the JSON of an object; anything else counts as an empty one.
    """
    said = object_of(load(data.encode()))
    if kind != "signaling":
        said.pop("event", None)
        return _event(f"chat_session_{kind}", said)
    return _event("chat_session_signaling", {"msg_id": id, "destination_party_id": party, "data": said})


# --- requests ---


def chat_request(
    phone_number: str, sender: str, parameters: Mapping[str, object], initial_message: msgspec.Raw | None = None
) -> bytes:
    """Ask for a chat (3.3). ``initial_message`` is a :func:`message` that goes with it, as the web client's does."""
    fields: _Fields = {"phone_number": phone_number, "from": sender, "parameters": parameters}
    if initial_message is not None:
        fields["initial_message"] = initial_message
    return _ENCODER.encode(fields)


def notifications(kind: Literal["apns", "fcm_ios", "fcm_android", ""], token: str | Secret, app: str) -> bytes:
    """Subscribe a device to pushes, or with "" none any longer (3.13). ``app`` is the bundle id, of APNs alone."""
    fields: dict[str, _Fields] = {
        "": {},
        "apns": {"ios_apns_device_token": reveal(token), "ios_app_bundle_id": app},
        "fcm_ios": {"ios_firebase_device_token": reveal(token)},
        "fcm_android": {"android_firebase_device_token": reveal(token)},
    }
    return _ENCODER.encode(fields[kind])


_MIME_TYPE: Final = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:; ?[\w-]+=[\w.-]+)*", re.ASCII)
_NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f\x7f"\\]')


def upload(name: str, content: bytes, mime_type: str, boundary: str) -> tuple[str, bytes]:
    """Return the content type and body that upload a file, as one part called ``file`` (3.10).

    Controls, quotes and backslashes of the name are percent-encoded, so that it ends nothing; a type that is none
    becomes ``application/octet-stream``. ``boundary`` is a random id, which does not stand in the content.
    """
    written = _NOT_IN_NAMES.sub(lambda found: f"%{ord(found[0]):02X}", name)
    kind = mime_type if _MIME_TYPE.fullmatch(mime_type) else "application/octet-stream"
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{written}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    )
    body = b"".join((head.encode(errors="replace"), content, f"\r\n--{boundary}--\r\n".encode()))
    return f"multipart/form-data; boundary={boundary}", body
