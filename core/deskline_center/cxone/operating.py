"""What the operator can do only where there are sockets: controls that CXone alone carries out."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .. import contacts, controls, conversation
from ..bounds import is_close_code
from ..model import Contact, Thread
from ..news import ContactMoved, Initiator, PreferenceChanged, StatusChanged, ThreadRenamed
from .channel import CXoneChannel
from .envelopes import push
from .gate import Socket
from .on_fields import set_fields
from .on_visitors import fire
from .streams import Plan

if TYPE_CHECKING:
    from ..operator import Operator
    from .wire import CXone

__all__ = ["Operating"]

Value = dict[str, Any]
_LOGIN_LIFETIMES = {"code": 600, "token": 3600}


class Operating:
    """Carries out the controls of one CXone wire."""

    def __init__(self, wire: "CXone") -> None:
        self._wire = wire
        self.controls: Mapping[type[controls.Control], Callable[[Operator, Any], Value]] = {
            controls.AgentStreams: self._stream,
            controls.ContactStatus: self._status,
            controls.DropSockets: self._drop,
            controls.ExpireTokens: self._expire,
            controls.IssueLogin: self._issue_login,
            controls.MoveContact: self._move,
            controls.NameThread: self._name_thread,
            controls.PreferAgent: self._prefer,
            controls.ProactiveAction: self._proactive,
            controls.QueuePlace: self._place,
            controls.SendPush: self._push,
            controls.SendRaw: self._raw,
            controls.SetFields: self._fields,
            controls.StreamPiece: self._stream_on,
        }

    def _thread(self, operator: "Operator", id: str) -> Thread:
        return operator.thread(id, CXoneChannel)

    def _contact(self, operator: "Operator", id: str) -> Contact:
        return operator.contact(id, CXoneChannel)

    def _stream(self, operator: "Operator", control: controls.AgentStreams) -> Value:
        """The agent sends a message that comes in pieces."""
        thread = self._thread(operator, control.thread)
        agent = operator.agent(control.agent, thread.contact)
        contact, opens = conversation.current_contact(operator.floor, thread)
        draft = conversation.Draft(external_id=control.message, outbound=True, content={}, agent=agent)
        message = self._wire.streams.begin(
            contact,
            draft,
            Plan(pieces=control.pieces, seconds=control.seconds, end=control.end),
            url=control.url,
            protocol=control.protocol,
            opens=opens,
        )
        return {"message": message.external_id, "contact": contact.number}

    def _stream_on(self, operator: "Operator", control: controls.StreamPiece) -> Value:
        """A message that comes in pieces goes on, or ends."""
        streams = self._wire.streams
        opened = streams.find(control.message)
        if opened is None or opened.end:
            raise operator.impossible("no message comes in pieces now")
        if control.raw:
            streams.send(opened, control.raw)
        if control.text or control.end == "stop":
            streams.say(opened, control.text, is_last=control.end == "stop")
        if control.end in ("close", "cut"):
            streams.finish(opened, control.end)
        return {"message": opened.message.external_id, "readers": len(opened.readers)}

    def _status(self, operator: "Operator", control: controls.ContactStatus) -> Value:
        """The status becomes any word."""
        contact = self._contact(operator, control.thread)
        initiator = Initiator("user", str(operator.agent(0, contact).id))
        contacts.set_status(operator.floor, contact, control.status, initiator)
        return {"contact": contact.number}

    def _place(self, operator: "Operator", control: controls.QueuePlace) -> Value:
        """The customer is told a place."""
        contact = self._contact(operator, control.thread)
        contacts.set_place(operator.floor, contact, control.place)
        return {"contact": contact.number}

    def _move(self, operator: "Operator", control: controls.MoveContact) -> Value:
        """The contact waits in another queue, or in none."""
        contact = self._contact(operator, control.thread)
        previous, contact.queue = contact.queue, control.queue
        operator.floor.tell(ContactMoved(contact, previous))
        return {"contact": contact.number, "queue": control.queue}

    def _prefer(self, operator: "Operator", control: controls.PreferAgent) -> Value:
        """An agent is to be preferred, or nobody."""
        contact = self._contact(operator, control.thread)
        agent = None if control.agent is None else operator.agent(control.agent)
        previous, contact.preferred = contact.preferred, agent
        operator.floor.tell(PreferenceChanged(contact, agent, previous))
        return {"contact": contact.number, "agent": agent.id if agent is not None else None}

    def _name_thread(self, operator: "Operator", control: controls.NameThread) -> Value:
        """The thread has another name."""
        thread = self._thread(operator, control.thread)
        thread.name = control.name
        operator.floor.tell(ThreadRenamed(thread))
        return {"thread": thread.external_id, "name": thread.name}

    def _fields(self, operator: "Operator", control: controls.SetFields) -> Value:
        """An agent sets custom fields."""
        contact, now = self._contact(operator, control.thread), operator.floor.now
        set_fields(contact.fields, control.contact, now)
        set_fields(contact.thread.customer.fields, control.customer, now)
        if control.tell:
            initiator = Initiator("user", str(operator.agent(0, contact).id))
            operator.floor.tell(StatusChanged(contact, initiator))
        return {"contact": contact.number}

    def _sockets(
        self, operator: "Operator", *, thread: str = "", customer: str = "", channel: str = "", socket: str = ""
    ) -> list[Socket]:
        """Return the open sockets that fit everything that is given."""
        gate = self._wire.gate
        found = gate.sockets_of(self._thread(operator, thread).people) if thread else list(gate.sockets.values())
        return [
            s
            for s in found
            if customer in ("", s.customer.id if s.customer else "")
            and channel in ("", s.channel.id)
            and socket in ("", s.name)
        ]

    def _drop(self, operator: "Operator", control: controls.DropSockets) -> Value:
        """Sockets end."""
        if control.code is not None and not is_close_code(control.code):
            raise operator.impossible(f"{control.code} is no code for a close frame")
        sockets = self._sockets(
            operator, thread=control.thread, customer=control.customer, channel=control.channel, socket=control.socket
        )
        return {"sockets": self._wire.gate.drop(sockets, control.code, control.reason)}

    def _expire(self, _operator: "Operator", control: controls.ExpireTokens) -> Value:
        """Tokens end."""
        return {"tokens": self._wire.tokens.expire(control.channel, control.kind)}

    def _issue_login(self, operator: "Operator", control: controls.IssueLogin) -> Value:
        """A customer logs in at the third party."""
        floor = operator.floor
        channel = floor.channels.get(control.channel)
        if not isinstance(channel, CXoneChannel) or channel.authentication != "oauth":
            raise operator.impossible(f"there is no channel {control.channel!r} whose customers log in")
        customer = floor.customer(channel, control.customer or floor.ids.uuid())
        lifetime = _LOGIN_LIFETIMES[control.kind]
        token = self._wire.tokens.issue(control.kind, channel, customer, lifetime, control.verifier)
        return {control.kind: token, "customer": customer.id}

    def _raw(self, operator: "Operator", control: controls.SendRaw) -> Value:
        """Any text goes out."""
        sockets = self._sockets(operator, thread=control.thread, customer=control.customer, socket=control.socket)
        self._wire.gate.raw(sockets, control.text)
        return {"sockets": len(sockets)}

    def _push(self, operator: "Operator", control: controls.SendPush) -> Value:
        """Any push goes out."""
        sockets = self._wire.gate.sockets_of(self._thread(operator, control.thread).people)
        event_id = operator.floor.ids.uuid()
        frame = push(event_id, control.event_type, control.event_object, control.data, operator.floor.now)
        self._wire.gate.push(sockets, frame)
        return {"sockets": len(sockets), "eventId": event_id}

    def _proactive(self, operator: "Operator", control: controls.ProactiveAction) -> Value:
        """A proactive action is fired."""
        sockets = self._sockets(operator, customer=control.customer)
        fire(self._wire, sockets, control)
        return {"sockets": len(sockets)}
