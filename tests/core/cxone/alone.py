"""A session with nobody at the other end: what it emits is read as words, and what it is told is written out.

::

    chat = Alone()
    assert chat.ask(Prepare) == ["chat preparing", "GET configuration"]
    assert chat.reply("GET configuration") == ["save identity"]
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from deskline.testing.playbook import Came, Playbook
from deskline_core import commands as c
from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.cxone.site import CXone
from deskline_core.policy import DEFAULT_POLICY, Policy
from deskline_core.snapshot import Snapshot

Mode = Literal["single", "multi", "live"]
Authentication = Literal["anonymous", "oauth", "cookie"]
SEED = b"a seed of at least sixteen bytes"
START = 1_780_000_000.0
CHANNEL = "chat_0d9f4b6e-2f1c-4f0e-9a55-6f2b8f6f1a10"
SITE = CXone(environment="EU1", brand_id=1386, channel_id=CHANNEL)
CUSTOMER = "c1a0f1de-7b7e-4d43-8c1b-5b8b0c9e2d01"
THREAD = "5e6f1a77-3a59-4c1e-8f0d-2f6d1b3c9a02"
CONTACT = "48215077"
FILES = {
    "allowedFileSize": "1",
    "allowedFileTypes": [{"mimeType": "image/*"}, {"mimeType": "text/plain"}],
    "isAttachmentsEnabled": True,
}
VERSION_REFUSED = {"error": {"errorCode": "SdkVersionNotSupported", "errorMessage": "too old"}}


def configuration(
    mode: Mode,
    *,
    secured: bool,
    files: object = FILES,
    authentication: Authentication = "anonymous",
    settings: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a channel configuration with what counts."""
    return {
        "isLiveChat": mode == "live",
        "isAuthorizationEnabled": authentication == "oauth",
        "isSecuredCookieEnabled": authentication == "cookie",
        "settings": {
            "hasMultipleThreadsPerEndUser": mode == "multi",
            "features": {"securedSessions": secured},
            "fileRestrictions": files,
            **(settings or {}),
        },
    }


_ENDS = (
    ("/availability", "availability"),
    ("/token", "token"),
    ("/events", "event"),
    ("/attachment", "file"),
    ("/persistent-menu-items", "menu"),
)


def name_of(command: c.SendRequest) -> str:
    """Return what a REST request is for."""
    path = urlsplit(command.url.reveal()).path
    for end, name in _ENDS:
        if path.endswith(end):
            return f"{command.method} {name}"
    if "/large-websocket-events/" in path:
        return f"{command.method} large event"
    if "/messages/" in path:
        return f"{command.method} message"
    if command.telling == "lines":
        return f"{command.method} stream"
    return f"{command.method} {'visitor' if '/visitors/' in path else 'configuration'}"


def kind_of(text: str) -> str:
    """Return the event type of a frame, or ``heartbeat``."""
    frame = json.loads(text)
    kind: str = frame.get("payload", {}).get("eventType") or frame["action"]
    return kind


class Alone(Playbook):
    """A session and what is open of it, by the words that name it."""

    def __init__(
        self,
        mode: Mode = "single",
        *,
        secured: bool = False,
        policy: Policy = DEFAULT_POLICY,
        restored: dict[str, str] | Snapshot | None = None,
        durable: bool = False,
        seed: bytes = SEED,
        site: CXone = SITE,
        authentication: Authentication = "anonymous",
        settings: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(site, policy=policy, restored=restored, durable=durable, seed=seed)
        self.mode: Mode = mode
        self.settings = settings
        self.secured = secured
        self.authentication: Authentication = authentication
        self.frames: list[tuple[str, dict[str, Any]]] = []

    # --- in ---

    def put(self, input: i.Input) -> Came:
        """Hand in anything; return what came out, in words."""
        came = super().put(input)
        self.frames += [(kind_of(x.text), json.loads(x.text)) for x in came.commands if isinstance(x, c.SendFrame)]
        return came

    def reply(
        self, call: str, body: object = None, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
    ) -> Came:
        """Answer the newest open REST request of this name, with what is usual if nothing else is said."""
        body = self._usual(call) if body is None and status < 300 else body
        return super().reply(call, body, status=status, headers=headers)

    def hear(self, frame: object, *, socket: int | None = None) -> Came:
        """Hand in a frame of the far side."""
        return self.frame_arrives(frame, socket=socket)

    def answer(self, frame: str, kind: str, data: dict[str, Any] | None = None) -> Came:
        """Answer the newest frame of this type with a postback."""
        postback = {"eventType": kind} | ({} if data is None else {"data": data})
        return self.hear({"eventId": self.frame(frame)["eventId"], "postback": postback})

    def accept(self, frame: str) -> Came:
        """Acknowledge the newest frame of this type."""
        return self.hear({"eventId": self.frame(frame)["eventId"]})

    def deny(self, frame: str, code: str, text: str = "") -> Came:
        """Refuse the newest frame of this type."""
        error = {"errorCode": code, "errorMessage": text, "transactionId": "t-1"}
        return self.hear({"eventId": self.frame(frame)["eventId"], "error": error})

    # --- out ---

    @property
    def state(self) -> S:
        """The leaf state of the connection."""
        return S(self.session._vendor.connection.state)  # type: ignore[attr-defined]

    @property
    def leaf(self) -> Any:
        """CXone's part of the session, to look at."""
        return self.session._vendor

    @property
    def url(self) -> dict[str, str]:
        """The query of the newest socket's URL."""
        command = next(x for x in reversed(self.log) if isinstance(x, c.OpenSocket))
        return {name: value for name, (value,) in parse_qs(urlsplit(command.url.reveal()).query).items()}

    @property
    def last_frame(self) -> int:
        """The number of the newest frame."""
        return next(command.frame for command in reversed(self.log) if isinstance(command, c.SendFrame))

    @property
    def refusal(self) -> tuple[str, str]:
        """Code and sentence of the newest refusal."""
        return self.refusals[-1].code, self.refusals[-1].message

    @property
    def told(self) -> list[e.Event]:
        """Everything the app was told."""
        return [command.event for command in self.log if isinstance(command, c.Notify)]

    def frame(self, kind: str) -> dict[str, Any]:
        """Return the newest frame of a type."""
        return next(frame for name, frame in reversed(self.frames) if name == kind)

    def call(self, name: str) -> c.SendRequest:
        """Return the newest REST request of a name."""
        return self.sent(name)

    def name_of(self, request: c.SendRequest) -> str:
        return name_of(request)

    def name_of_frame(self, text: str) -> str:
        return kind_of(text)

    def word(self, command: c.Command) -> str:
        match command:
            case c.OpenSocket(socket=socket):
                return f"open {socket}"
            case c.CloseSocket(socket=socket, code=code):
                return f"close {socket} {code}"
            case _:
                return super().word(command)

    def _usual(self, call: str) -> object:
        match call:
            case "GET configuration":
                return configuration(
                    self.mode, secured=self.secured, authentication=self.authentication, settings=self.settings
                )
            case "GET availability":
                return {"status": "online"}
            case "POST token":
                return {"accessToken": "token-1", "expiresIn": 600}
            case _:
                return None


# --- the way to each state ---


def nothing_to_recover(chat: Alone) -> list[str]:
    """Let recovery find nothing, which is a normal outcome."""
    match chat.mode:
        case "multi":
            return chat.answer("FetchThreadList", "ThreadListFetched", {"threads": []})
        case "live":
            return chat.answer("RecoverLivechat", "LivechatRecovered", {"messages": []})
        case "single":
            return chat.deny("RecoverThread", "RecoveringThreadFailed")


def recovered_thread(contact: str = CONTACT, thread: str = THREAD, **data: Any) -> dict[str, Any]:
    """Return what a recovery brings: one open thread without messages."""
    return {
        "contact": {"id": contact, "threadIdOnExternalPlatform": thread, "status": "open"},
        "messages": [],
        "messagesScrollToken": "",
        "thread": {"id": "1", "idOnExternalPlatform": thread, "canAddMoreMessages": True},
        **data,
    }


def case_changed(status: str, contact: str = CONTACT, thread: str = THREAD) -> dict[str, Any]:
    """Return the push that tells a contact's status."""
    case = {"id": contact, "threadIdOnExternalPlatform": thread, "status": status}
    return {"eventId": "e-1", "eventType": "CaseStatusChanged", "data": {"case": case}}


def _preparing(chat: Alone) -> None:
    chat.ask(i.Prepare)


def _visitor(chat: Alone) -> None:
    _preparing(chat)
    chat.reply("GET configuration")
    chat.saved()


def _prepared(chat: Alone) -> None:
    _visitor(chat)
    chat.reply("PUT visitor")


def _connect(chat: Alone) -> None:
    _prepared(chat)
    chat.ask(i.Connect)


def _offline(chat: Alone) -> None:
    _connect(chat)
    chat.reply("GET availability", {"status": "offline"})


def _errand(chat: Alone) -> None:
    _offline(chat)
    chat.ask(i.SendOfflineMessage, email="kit@example.test", text="Please call me.")


def _errand_socket(chat: Alone) -> None:
    _errand(chat)
    if chat.state is S.ERRAND_TOKEN:
        chat.reply("POST token")


def _errand_authorizing(chat: Alone) -> None:
    _errand_socket(chat)
    chat.opened()


def _errand_admitted(chat: Alone) -> None:
    _errand_authorizing(chat)
    if not chat.secured:
        chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})


def _socket(chat: Alone) -> None:
    _connect(chat)
    towards_socket(chat)


def towards_socket(chat: Alone) -> None:
    """Answer what stands between a connect and the socket."""
    if chat.state is S.AVAILABILITY:
        chat.reply("GET availability")
    if chat.state is S.TOKEN:
        chat.reply("POST token")
    assert chat.state is S.SOCKET, chat.state


def _authorizing(chat: Alone) -> None:
    _socket(chat)
    chat.opened()


def _recovering(chat: Alone) -> None:
    _authorizing(chat)
    if not chat.secured:
        chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})


def _serving(chat: Alone) -> None:
    _recovering(chat)
    nothing_to_recover(chat)


def _open_thread(chat: Alone) -> None:
    """Ready, with one open thread."""
    _recovering(chat)
    match chat.mode:
        case "live":
            chat.answer("RecoverLivechat", "LivechatRecovered", recovered_thread())
        case "single":
            chat.answer("RecoverThread", "ThreadRecovered", recovered_thread())
        case "multi":
            listed = {"id": "1", "idOnExternalPlatform": THREAD, "canAddMoreMessages": True}
            chat.answer("FetchThreadList", "ThreadListFetched", {"threads": [listed]})
            chat.answer("LoadThreadMetadata", "ThreadMetadataLoaded", {})
            chat.ask(i.OpenThread, thread=THREAD)
            chat.answer("RecoverThread", "ThreadRecovered", recovered_thread())


def _ending(chat: Alone) -> None:
    _open_thread(chat)
    chat.ask(i.EndThread, thread=THREAD)


def _waiting(chat: Alone) -> None:
    _serving(chat)
    chat.closed()


def _lost(chat: Alone) -> None:
    _socket(chat)
    chat.closed()


def _signing_out(chat: Alone) -> None:
    _serving(chat)
    chat.ask(i.SignOut)


def _unsupported(chat: Alone) -> None:
    _preparing(chat)
    chat.reply("GET configuration", VERSION_REFUSED, status=403)


_WAYS: dict[S, tuple[Callable[[Alone], None], Mode, bool]] = {
    S.INITIAL: (lambda _: None, "single", False),
    S.CONFIGURATION: (_preparing, "single", False),
    S.VISITOR: (_visitor, "single", False),
    S.PREPARED: (_prepared, "single", False),
    S.OFFLINE: (_offline, "live", False),
    S.ERRAND_TOKEN: (_errand, "live", True),
    S.ERRAND_SOCKET: (_errand_socket, "live", False),
    S.ERRAND_AUTHORIZING: (_errand_authorizing, "live", False),
    S.ERRAND: (_errand_admitted, "live", False),
    S.AVAILABILITY: (_connect, "live", False),
    S.TOKEN: (_connect, "single", True),
    S.SOCKET: (_socket, "single", False),
    S.AUTHORIZING: (_authorizing, "single", False),
    S.RECOVERING: (_recovering, "single", False),
    S.SERVING: (_serving, "single", False),
    S.ENDING: (_ending, "live", False),
    S.RECONNECT_WAIT: (_waiting, "single", False),
    S.LOST: (_lost, "single", False),
    S.SIGNING_OUT: (_signing_out, "single", False),
    S.UNSUPPORTED: (_unsupported, "single", False),
}


def reach(state: S, mode: Mode | None = None, *, secured: bool | None = None, **rest: Any) -> Alone:
    """Return a session that went the usual way to a state of the connection, all saves reported."""
    go, usual_mode, usually_secured = _WAYS[state]
    chat = Alone(mode or usual_mode, secured=usually_secured if secured is None else secured, **rest)
    go(chat)
    chat.saved()
    assert chat.state is state, chat.state
    return chat


def with_thread(mode: Mode = "single", **rest: Any) -> Alone:
    """Return a session that is ready, with one open thread."""
    chat = Alone(mode, **rest)
    _open_thread(chat)
    chat.saved()
    assert chat.state is S.SERVING
    return chat


def each(states: Iterable[S], **rest: Any) -> Iterable[Alone]:
    """Return a session in each of the states."""
    return (reach(state, **rest) for state in states)
