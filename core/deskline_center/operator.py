"""The operator: carries out controls on the floor and on the wire."""

from collections.abc import Callable
from typing import Any

from . import around, contacts, controls, conversation, inactivity
from .cxone.channel import CXoneChannel
from .cxone.envelopes import push
from .cxone.gate import Socket
from .cxone.on_fields import set_fields
from .cxone.on_visitors import fire
from .cxone.wire import CXone
from .floor import Floor
from .model import Agent, Contact, Thread
from .news import AgentStatusChanged, Initiator, StatusChanged
from .running import Runs

__all__ = ["Impossible", "Operator"]

Value = dict[str, Any]
_LOGIN_LIFETIMES = {"code": 600, "token": 3600}


class Impossible(Exception):
    """A control names something that is not there, or not now."""


class Operator:
    """Carries out controls; each returns what came of it, or raises :class:`Impossible` and has changed nothing."""

    def __init__(self, floor: Floor, runs: Runs, wire: CXone) -> None:
        self.floor = floor
        self.runs = runs
        self.wire = wire

    def do(self, control: controls.Control) -> Value:
        """Carry out one control."""
        return _CONTROLS[type(control)](self, control)

    def impossible(self, why: str) -> Impossible:
        """Return the exception that refuses a control."""
        return Impossible(why)

    def thread(self, external_id: str) -> Thread:
        """Return a thread by its external id, for "" the one in which something happened last."""
        thread = self.floor.thread(external_id)
        if thread is None:
            raise Impossible(f"there is no thread {external_id!r}" if external_id else "there is no thread yet")
        return thread

    def contact(self, external_id: str) -> Contact:
        """Return the open contact of a thread."""
        contact = self.thread(external_id).contact
        if contact is None or contact.closed:
            raise Impossible("the thread has no open contact")
        return contact

    def agent(self, id: int, contact: Contact | None = None) -> Agent:
        """Return an agent by its id; 0 is the contact's, else the center's first."""
        if id == 0:
            return (contact.agent if contact else None) or self.floor.agent
        if id not in self.floor.agents:
            raise Impossible(f"there is no agent {id}")
        return self.floor.agents[id]

    def joins(self, control: controls.AgentJoins) -> Value:
        """An agent takes the contact."""
        contact = self.contact(control.thread)
        agent = self.agent(control.agent)
        contacts.assign(self.floor, contact, agent)
        return {"contact": contact.number, "agent": agent.id}

    def leaves(self, control: controls.AgentLeaves) -> Value:
        """The agent leaves."""
        contact = self.contact(control.thread)
        if contact.agent is None:
            raise Impossible("no agent has the contact")
        contacts.release(self.floor, contact)
        return {"contact": contact.number}

    def types(self, control: controls.AgentTypes) -> Value:
        """The agent begins or stops typing."""
        thread = self.thread(control.thread)
        agent = self.agent(control.agent, thread.contact)
        conversation.type_in(self.floor, thread, agent, typing=control.typing)
        return {"agent": agent.id}

    def says(self, control: controls.AgentSays) -> Value:
        """The agent sends a message."""
        thread = self.thread(control.thread)
        agent = self.agent(control.agent, thread.contact)
        files = [self.wire.attachment(thread.channel, item) for item in control.attachments]
        if None in files:
            raise Impossible("an attachment's content is no base64")
        contact, opens = conversation.current_contact(self.floor, thread)
        draft = conversation.Draft(
            external_id=control.message,
            outbound=True,
            content=control.content or self.floor.language(thread.channel).text(control.text),
            agent=agent,
            attachments=tuple(file for file in files if file is not None),
            partial=control.partial,
        )
        message = conversation.store(self.floor, contact, draft, opens=opens)
        return {"message": message.external_id, "contact": contact.number}

    def reads(self, control: controls.AgentReads) -> Value:
        """The agent reads."""
        return {"read": conversation.read(self.floor, self.thread(control.thread))}

    def warns(self, control: controls.WarnInactive) -> Value:
        """The customer is asked whether anyone is there."""
        message = inactivity.warn(self.floor, self.contact(control.thread), control.seconds)
        return {"message": message.external_id}

    def closes(self, control: controls.CloseContact) -> Value:
        """The agent closes the contact."""
        contact = self.contact(control.thread)
        contacts.close(self.floor, contact, Initiator("user", str(self.agent(0, contact).id)))
        return {"contact": contact.number}

    def status(self, control: controls.ContactStatus) -> Value:
        """The status becomes any word."""
        contact = self.contact(control.thread)
        initiator = Initiator("user", str(self.agent(0, contact).id))
        contacts.set_status(self.floor, contact, control.status, initiator)
        return {"contact": contact.number}

    def place(self, control: controls.QueuePlace) -> Value:
        """The customer is told a place."""
        contact = self.contact(control.thread)
        contacts.set_place(self.floor, contact, control.place)
        return {"contact": contact.number}

    def run(self, control: controls.RunScript) -> Value:
        """A script is run."""
        contact = self.contact(control.thread)
        script = control.script or self.floor.scripts.get(control.name)
        if script is None:
            raise Impossible(f"there is no script {control.name!r}")
        self.runs.start(script, contact)
        return {"contact": contact.number, "script": script.name}

    def agent_status(self, control: controls.AgentStatus) -> Value:
        """An agent's own state."""
        agent = self.agent(control.agent)
        self.floor.agent_status[agent.id] = control.status
        if control.tell:
            channel = next(iter(self.floor.channels.values()))
            self.floor.tell(AgentStatusChanged(channel, agent, control.status))
        return {"agent": agent.id}

    def availability(self, control: controls.Availability) -> Value:
        """Channels open or close for new chats."""
        names = [control.channel] if control.channel else list(self.floor.online)
        if not set(names) <= set(self.floor.online):
            raise Impossible(f"there is no channel {control.channel!r}")
        self.floor.online.update(dict.fromkeys(names, control.online))
        return {"channels": names}

    def _sockets(self, *, thread: str = "", customer: str = "", channel: str = "", socket: str = "") -> list[Socket]:
        """Return the open sockets that fit everything that is given."""
        found = list(self.wire.gate.sockets.values())
        if thread:
            found = self.wire.gate.sockets_of(self.thread(thread).people)
        return [
            s
            for s in found
            if customer in ("", s.customer.id if s.customer else "")
            and channel in ("", s.channel.id)
            and socket in ("", s.name)
        ]

    def drop(self, control: controls.DropSockets) -> Value:
        """Sockets end."""
        if control.code is not None and not _is_close_code(control.code):
            raise Impossible(f"{control.code} is no code for a close frame")
        sockets = self._sockets(
            thread=control.thread, customer=control.customer, channel=control.channel, socket=control.socket
        )
        return {"sockets": self.wire.gate.drop(sockets, control.code, control.reason)}

    def expire(self, control: controls.ExpireTokens) -> Value:
        """Tokens end."""
        return {"tokens": self.wire.tokens.expire(control.channel, control.kind)}

    def issue_login(self, control: controls.IssueLogin) -> Value:
        """A customer logs in at the third party."""
        channel = self.floor.channels.get(control.channel)
        if not isinstance(channel, CXoneChannel) or channel.authentication != "oauth":
            raise Impossible(f"there is no channel {control.channel!r} whose customers log in")
        customer = self.floor.customer(channel, control.customer or self.floor.ids.uuid())
        lifetime = _LOGIN_LIFETIMES[control.kind]
        token = self.wire.tokens.issue(control.kind, channel, customer, lifetime, control.verifier)
        return {control.kind: token, "customer": customer.id}

    def fault(self, control: controls.Fail | controls.Delay | controls.Lose) -> Value:
        """A fault waits for a request."""
        if isinstance(control, controls.Fail) and not (_is_status(control.status) or _is_close_code(control.status)):
            raise Impossible(f"{control.status} is neither an HTTP status nor a close code")
        self.wire.faults.add(control)
        return {"waiting": len(self.wire.faults)}

    def push_fault(self, control: controls.Repeat | controls.LosePush | controls.Hold | controls.ViaUrl) -> Value:
        """A fault waits for a frame that goes out."""
        self.wire.gate.faults.add(control)
        return {"waiting": len(self.wire.gate.faults)}

    def forget(self, _control: controls.ForgetFaults) -> Value:
        """No fault waits any more."""
        self.wire.faults.forget()
        self.wire.gate.faults.forget()
        return {"waiting": 0}

    def raw(self, control: controls.SendRaw) -> Value:
        """Any text goes out."""
        sockets = self._sockets(thread=control.thread, customer=control.customer, socket=control.socket)
        self.wire.gate.raw(sockets, control.text)
        return {"sockets": len(sockets)}

    def push(self, control: controls.SendPush) -> Value:
        """Any push goes out."""
        sockets = self.wire.gate.sockets_of(self.thread(control.thread).people)
        event_id = self.floor.ids.uuid()
        frame = push(event_id, control.event_type, control.event_object, control.data, self.floor.now)
        self.wire.gate.push(sockets, frame)
        return {"sockets": len(sockets), "eventId": event_id}

    def proactive(self, control: controls.ProactiveAction) -> Value:
        """A proactive action is fired."""
        sockets = self._sockets(customer=control.customer)
        fire(self.wire, sockets, control)
        return {"sockets": len(sockets)}

    def fields(self, control: controls.SetFields) -> Value:
        """An agent sets custom fields."""
        contact = self.contact(control.thread)
        set_fields(contact.fields, control.contact, self.floor.now)
        set_fields(contact.thread.customer.fields, control.customer, self.floor.now)
        if control.tell:
            initiator = Initiator("user", str(self.agent(0, contact).id))
            self.floor.tell(StatusChanged(contact, initiator))
        return {"contact": contact.number}


def _is_status(number: int) -> bool:
    return 200 <= number < 600  # noqa: PLR2004 - the classes of HTTP


def _is_close_code(code: int) -> bool:
    """Tell whether a close frame may carry the code; some numbers only stand for the lack of a frame."""
    return code in _CLOSE_CODES or 3000 <= code < 5000  # noqa: PLR2004 - the ranges of WebSocket codes


_CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})
_CONTROLS: dict[type[controls.Control], Callable[[Operator, Any], Value]] = {
    controls.AgentJoins: Operator.joins,
    controls.AgentReceives: around.deliver,
    controls.AgentRewrites: around.rewrite,
    controls.AgentStreams: around.stream,
    controls.AlertAgent: around.alert,
    controls.MoveContact: around.move,
    controls.NameThread: around.name_thread,
    controls.PreferAgent: around.prefer,
    controls.StreamPiece: around.stream_on,
    controls.AgentLeaves: Operator.leaves,
    controls.AgentTypes: Operator.types,
    controls.AgentSays: Operator.says,
    controls.AgentReads: Operator.reads,
    controls.AgentStatus: Operator.agent_status,
    controls.Availability: Operator.availability,
    controls.CloseContact: Operator.closes,
    controls.ContactStatus: Operator.status,
    controls.Delay: Operator.fault,
    controls.DropSockets: Operator.drop,
    controls.ExpireTokens: Operator.expire,
    controls.Fail: Operator.fault,
    controls.ForgetFaults: Operator.forget,
    controls.Hold: Operator.push_fault,
    controls.Lose: Operator.fault,
    controls.IssueLogin: Operator.issue_login,
    controls.LosePush: Operator.push_fault,
    controls.ProactiveAction: Operator.proactive,
    controls.QueuePlace: Operator.place,
    controls.Repeat: Operator.push_fault,
    controls.RunScript: Operator.run,
    controls.SendPush: Operator.push,
    controls.SendRaw: Operator.raw,
    controls.SetFields: Operator.fields,
    controls.ViaUrl: Operator.push_fault,
    controls.WarnInactive: Operator.warns,
}
