"""The far side of CXone Digital chat: sockets, frames, REST, and the pushes that news become."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from ..commands import AcceptSocket, Command, Drop, RefuseSocket
from ..controls import Delay, Fail, Lose
from ..conversation import Draft, store
from ..floor import Floor
from ..inputs import FrameArrived, RequestArrived, RequestGone, SocketArrived, SocketGone
from ..model import Agent, Channel, Contact, Customer, Popup, Thread
from ..news import News
from . import on_authorization, on_contacts, on_fields, on_messages, on_threads, on_visitors
from .admission import Admission
from .call import Call, Event
from .channel import CXoneChannel
from .envelopes import gateway_error
from .gate import Gate, Socket
from .messages import attachment, popup_content, text_content, words
from .noted import Letters, Visitors
from .objects import Objects
from .operating import Operating
from .parse import Frame, read_frame
from .pushes import Pushes, channel_of
from .rest import Rest
from .streams import Plan, Streams
from .tokens import Tokens

__all__ = ["CXone"]

_EVENTS: dict[str, Event] = {
    **on_authorization.EVENTS,
    **on_contacts.EVENTS,
    **on_fields.EVENTS,
    **on_messages.EVENTS,
    **on_threads.EVENTS,
    **on_visitors.EVENTS,
}


class CXone:
    """The wire language of :class:`~deskline_center.cxone.channel.CXoneChannel`.

    ``letters`` holds what a real center would have mailed, ``visitors`` what visitors have done, ``previews`` what
    customers are typing: for the operator to look at.
    """

    def __init__(self, floor: Floor, emit: Callable[[Command], None], base_url: str) -> None:
        self.floor = floor
        self.emit = emit
        self.objects = Objects(base_url, floor.ids)
        self.gate = Gate(floor, emit, base_url)
        self.tokens = Tokens(floor)
        self.faults = floor.faults
        self.pushes = Pushes(floor, self.objects)
        self.rest = Rest(self)
        self.streams = Streams(self)
        self.admission = Admission(self)
        self.nobody = Customer(channel=CXoneChannel(id=""), id="")
        self._knocking: set[str] = set()
        self.letters = Letters()
        self.visitors = Visitors()
        self.previews: dict[str, str] = {}
        self.controls = Operating(self).controls

    # what the floor asks of a language

    def text(self, text: str) -> dict[str, Any]:
        """Return the content of a text message."""
        return text_content(text)

    def words(self, content: dict[str, Any]) -> str:
        """Return the text of a content."""
        return words(content)

    def message_id(self, _thread: Thread) -> str:
        """Return a uuid, as messages of any thread have it."""
        return self.floor.ids.uuid()

    def ask(self, contact: Contact, popup: Popup) -> dict[str, Any]:
        """Send the inactivity question: a message."""
        content = popup_content(popup, self.floor.ids)
        message = store(self.floor, contact, Draft(external_id="", outbound=True, content=content, agent=contact.agent))
        return {"message": message.external_id}

    def overview(self) -> dict[str, Any]:
        """Return the sockets, and what was noted for the operator."""
        return {
            "sockets": [
                {
                    "socket": socket.name,
                    "channel": socket.channel.id,
                    "visitor": socket.visitor,
                    "customer": socket.customer.id if socket.customer else None,
                    "secured": socket.secured,
                    "authorized": socket.authorized,
                }
                for socket in self.gate.sockets.values()
            ],
            "visitors": self.visitors.kinds(),
            "visitorEvents": self.visitors.events(),
            "letters": self.letters.all(),
            "previews": dict(self.previews),
        }

    def attachment(self, channel: Channel, source: dict[str, Any]) -> dict[str, Any] | None:
        """Return an attachment as messages carry it, from its URL or its content; None if that is no base64."""
        if "content" in source and "url" not in source:
            url = self.rest.keep_file(channel, source)
            return None if url is None else attachment(source | {"url": url}, self.floor.ids.uuid())
        return attachment(source, self.floor.ids.uuid())

    def dropped(self, thread: Thread, code: int | None, reason: str) -> int:
        """End the sockets of the people in a thread."""
        return self.gate.drop(self.gate.sockets_of(thread.people), code, reason)

    def stream(self, contact: Contact, agent: Agent, pieces: tuple[str, ...], seconds: float) -> None:
        """Let an agent send a message that comes in pieces."""
        draft = Draft(external_id="", outbound=True, content={}, agent=agent)
        self.streams.begin(contact, draft, Plan(pieces=pieces, seconds=seconds))

    def tell(self, news: News) -> None:
        """Push what a piece of news means to those whom it concerns."""
        for people, frame in self.pushes.frames(news):
            everyone = list(self.gate.sockets.values())
            self.gate.push(everyone if people is None else self.gate.sockets_of(people), frame)

    # what arrives

    def serves(self, _path: str) -> bool:
        """Tell that a path is one of this vendor's: it answers whatever nobody else does."""
        return True

    def channel(self, brand: str, channel: str) -> CXoneChannel | None:
        """Return the channel of that brand and id."""
        known = self.floor.channels.get(channel)
        return known if isinstance(known, CXoneChannel) and str(known.brand) == brand else None

    def channel_of(self, thread: Thread) -> CXoneChannel:
        """Return a thread's channel under its own type."""
        return channel_of(thread)

    def request(self, request: RequestArrived) -> None:
        """Answer a REST request."""
        self.rest.serve(request)

    def request_gone(self, gone: RequestGone) -> None:
        """Send nothing more to who asked."""
        self.streams.forget(gone.id)

    def socket_arrived(self, arrived: SocketArrived) -> None:
        """Answer a handshake: query parameters in any order, the token checked if there has to be one."""
        query = dict(parse_qsl(arrived.query))
        self._knocking.add(arrived.socket)
        channel = self.channel(query.get("brandId", ""), query.get("channelId", ""))
        match self.faults.take("handshake"):
            case Fail(status=status):
                self._refuse(arrived.socket, status or 500)
            case Lose():
                return
            case Delay(seconds=seconds):
                self.floor.later(seconds, lambda: self._admit(arrived.socket, channel, query))
            case _:
                self._admit(arrived.socket, channel, query)

    def _admit(self, name: str, channel: CXoneChannel | None, query: dict[str, str]) -> None:
        if name not in self._knocking:
            return
        self._knocking.discard(name)
        if channel is None:
            self._refuse(name, 404)
            return
        token = query.get("transactionToken", "")
        socket = Socket(name, channel, query.get("visitorId", ""), secured=bool(token))
        if token:
            grant = self.tokens.look_up("transaction", channel, token)
            socket.customer = None if grant is None else grant.customer
        needed = channel.session == "secured" and not channel.unsecured_allowed
        if (token or needed) and socket.customer is None:
            self._refuse(name, channel.handshake_refusal)
            return
        socket.authorized = socket.secured
        self.gate.sockets[name] = socket
        self.emit(AcceptSocket(socket=name))

    def _refuse(self, socket: str, status: int) -> None:
        """Refuse a handshake; from 1000 on the number is a close code, and the socket is accepted first."""
        if status < 1000:  # noqa: PLR2004 - the ranges of WebSocket codes
            self.emit(RefuseSocket(socket=socket, status=status))
            return
        self.emit(AcceptSocket(socket=socket))
        self.emit(Drop(socket=socket, code=status, reason="authorization failed"))

    def socket_gone(self, gone: SocketGone) -> None:
        """Forget a socket."""
        self._knocking.discard(gone.socket)
        self.gate.sockets.pop(gone.socket, None)

    def frame(self, arrived: FrameArrived) -> None:
        """Serve one frame; whatever it holds is answered somehow, and nothing raises."""
        socket = self.gate.sockets.get(arrived.socket)
        if socket is None:
            return
        limit = socket.channel.inbound_limit
        if limit is not None and len(arrived.text.encode("utf-8", "replace")) > limit:
            self.gate.drop([socket], 1009, "message too big")
            return
        frame = read_frame(arrived.text)
        if frame is None:
            self._gateway_error(socket)
        elif frame.heartbeat:
            self._beat(socket)
        else:
            self._serve(socket, frame)

    def _beat(self, socket: Socket) -> None:
        match self.faults.take("heartbeat"):
            case Lose() | Fail():
                return
            case Delay(seconds=seconds):
                self.floor.later(seconds, lambda: self._pong(socket))
            case _:
                self._pong(socket)

    def _pong(self, socket: Socket) -> None:
        if socket.name in self.gate.sockets:
            self.gate.raw([socket], '"pong"')

    def _serve(self, socket: Socket, frame: Frame) -> None:
        fault = self.faults.take(frame.event_type)
        if isinstance(fault, Lose) and not fault.done:
            return
        call = Call(self, socket, frame, fault)
        if isinstance(fault, Fail):
            self._fail(call, fault)
            return
        serve = _EVENTS.get(frame.event_type)
        if serve is None:
            call.fail("There is no such event")
        else:
            self.admission.admit(call, serve)

    def _fail(self, call: Call, fault: Fail) -> None:
        if fault.code == "gateway":
            self._gateway_error(call.socket)
        else:
            call.fail(fault.message, fault.code)

    def _gateway_error(self, socket: Socket) -> None:
        self.gate.send([socket], gateway_error(f"{socket.name}=", f"{self.floor.ids.draw(8).hex()}="))
