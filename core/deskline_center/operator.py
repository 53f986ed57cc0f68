"""The operator: carries out controls on the floor, and leaves those that one vendor alone has to its language."""

from collections.abc import Callable
from typing import Any

from . import around, contacts, controls, conversation, inactivity
from .bounds import is_close_code
from .faults import PushFault, RequestFault
from .floor import Floor
from .model import Agent, Channel, Contact, Thread
from .news import AgentStatusChanged, Initiator
from .running import Runs

__all__ = ["Impossible", "Operator"]

Value = dict[str, Any]


class Impossible(Exception):
    """A control names something that is not there, or not now."""


class Operator:
    """Carries out controls; each returns what came of it, or raises :class:`Impossible` and has changed nothing."""

    def __init__(self, floor: Floor, runs: Runs) -> None:
        self.floor = floor
        self.runs = runs
        self._carry = dict(_CONTROLS)
        for language in floor.languages.values():
            self._carry |= language.controls

    def do(self, control: controls.Control) -> Value:
        """Carry out one control."""
        return self._carry[type(control)](self, control)

    def impossible(self, why: str) -> Impossible:
        """Return the exception that refuses a control."""
        return Impossible(why)

    def thread(self, external_id: str, kind: type[Channel] = Channel) -> Thread:
        """Return a thread by its external id, for "" the one in which something happened last.

        A control that only one vendor has wants a thread on a channel of that ``kind``.
        """
        thread = self.floor.thread(external_id, kind)
        if thread is None and self.floor.thread(external_id) is not None:
            raise Impossible(f"the thread cannot do that: only those on a {kind.__name__} can")
        if thread is None:
            raise Impossible(f"there is no thread {external_id!r}" if external_id else "there is no thread yet")
        if thread.over:
            raise Impossible("the chat is over")
        return thread

    def contact(self, external_id: str, kind: type[Channel] = Channel) -> Contact:
        """Return the open contact of a thread."""
        contact = self.thread(external_id, kind).contact
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
        language = self.floor.language(thread.channel)
        files = [language.attachment(thread.channel, item) for item in control.attachments]
        if None in files:
            raise Impossible("an attachment's content is no base64")
        contact, opens = conversation.current_contact(self.floor, thread)
        draft = conversation.Draft(
            external_id=control.message,
            outbound=True,
            content=control.content or language.text(control.text),
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
        return inactivity.warn(self.floor, self.contact(control.thread), control.seconds)

    def closes(self, control: controls.CloseContact) -> Value:
        """The agent closes the contact."""
        contact = self.contact(control.thread)
        contacts.close(self.floor, contact, Initiator("user", str(self.agent(0, contact).id)))
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
        firsts = {type(channel): channel for channel in reversed(self.floor.channels.values())}
        for channel in firsts.values() if control.tell else ():
            self.floor.tell(AgentStatusChanged(channel, agent, control.status))
        return {"agent": agent.id}

    def availability(self, control: controls.Availability) -> Value:
        """Channels open or close for new chats."""
        names = [control.channel] if control.channel else list(self.floor.online)
        if not set(names) <= set(self.floor.online):
            raise Impossible(f"there is no channel {control.channel!r}")
        self.floor.online.update(dict.fromkeys(names, control.online))
        return {"channels": names}

    def fault(self, control: RequestFault) -> Value:
        """A fault waits for a request."""
        if isinstance(control, controls.Fail) and control.status is not None and not _is_status(control.status):
            raise Impossible(f"{control.status} is neither an HTTP status nor a close code")
        self.floor.faults.add(control)
        return {"waiting": len(self.floor.faults)}

    def push_fault(self, control: PushFault) -> Value:
        """A fault waits for a frame that goes out."""
        self.floor.push_faults.add(control)
        return {"waiting": len(self.floor.push_faults)}

    def forget(self, _control: controls.ForgetFaults) -> Value:
        """No fault waits any more."""
        self.floor.faults.forget()
        self.floor.push_faults.forget()
        return {"waiting": 0}


def _is_status(number: int) -> bool:
    """Tell whether a request can be refused with the number: by HTTP, or by the close code of a socket."""
    return 200 <= number < 600 or is_close_code(number)  # noqa: PLR2004 - the classes of HTTP


_CONTROLS: dict[type[controls.Control], Callable[[Operator, Any], Value]] = {
    controls.AgentJoins: Operator.joins,
    controls.AgentReceives: around.deliver,
    controls.AgentRewrites: around.rewrite,
    controls.AlertAgent: around.alert,
    controls.AgentLeaves: Operator.leaves,
    controls.AgentTypes: Operator.types,
    controls.AgentSays: Operator.says,
    controls.AgentReads: Operator.reads,
    controls.AgentStatus: Operator.agent_status,
    controls.Availability: Operator.availability,
    controls.CloseContact: Operator.closes,
    controls.Delay: Operator.fault,
    controls.Fail: Operator.fault,
    controls.ForgetFaults: Operator.forget,
    controls.Hold: Operator.push_fault,
    controls.Lose: Operator.fault,
    controls.LosePush: Operator.push_fault,
    controls.Repeat: Operator.push_fault,
    controls.RunScript: Operator.run,
    controls.Spoil: Operator.push_fault,
    controls.ViaUrl: Operator.push_fault,
    controls.WarnInactive: Operator.warns,
}
