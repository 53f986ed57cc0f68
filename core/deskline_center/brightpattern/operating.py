"""Carrying out the controls that only Bright Pattern has."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .. import around, contacts, conversation
from ..controls import Control
from ..news import Initiator
from . import controls, life
from .channel import BrightPatternChannel
from .chat import Chat, party_of
from .chats import Chats
from .contents import location_content, text_content

if TYPE_CHECKING:
    from ..operator import Operator

__all__ = ["Operating"]

Value = dict[str, Any]
_INITIATORS = {
    "ended": life.SCENARIO,
    "timeout": Initiator("workflowJob", "operator"),
    "lost": Initiator("system", "operator"),
}


class Operating:
    """Carries out the controls on the chats."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats
        self.controls: Mapping[type[Control], Callable[[Operator, Any], Value]] = {
            controls.CancelForm: self._cancel_form,
            controls.CutPolls: self._cut,
            controls.DeleteMessage: self._delete,
            controls.EndSession: self._end,
            controls.PartyJoins: self._joins,
            controls.PartyLeaves: self._leaves,
            controls.RequestCobrowsing: self._cobrowsing,
            controls.ScenarioSays: self._says,
            controls.SendEvents: self._events,
            controls.SendInfo: self._info,
            controls.SendLocation: self._location,
            controls.SendSignal: self._signal,
            controls.SetCase: self._case,
            controls.SetStage: self._stage,
            controls.ShowForm: self._show_form,
        }

    def _chat(self, operator: "Operator", id: str) -> Chat:
        return self._chats.of(operator.thread(id, BrightPatternChannel))

    def _stage(self, operator: "Operator", control: controls.SetStage) -> Value:
        chat = self._chat(operator, control.thread)
        contact = chat.thread.contacts[-1]
        chat.ewt = chat.ewt if control.ewt is None else control.ewt
        waits = contact in operator.floor.queues[chat.channel.id]
        if control.stage == "queued" and not waits and contact.agent is None and not contact.closed:
            contacts.enqueue(operator.floor, contact)
        else:
            chat.stage = control.stage
            chat.tell_status()
        if control.stage == "failed":
            life.finish(chat, Initiator("system", "failed"))
        return {"stage": control.stage, "ewt": chat.ewt}

    def _says(self, operator: "Operator", control: controls.ScenarioSays) -> Value:
        chat = self._chat(operator, control.thread)
        content = text_content(control.text) | control.content
        draft = conversation.Draft(external_id="", outbound=True, content=content)
        return {"message": conversation.store(operator.floor, chat.thread.contacts[-1], draft).external_id}

    def _joins(self, operator: "Operator", control: controls.PartyJoins) -> Value:
        chat = self._chat(operator, control.thread)
        agent = operator.agent(control.agent)
        party = party_of(operator.floor, agent)
        if party in chat.parties:
            raise operator.impossible(f"agent {agent.id} is there already")
        life.enter(chat, agent, control.kind or life.kind_of(agent))
        return {"party": party}

    def _leaves(self, operator: "Operator", control: controls.PartyLeaves) -> Value:
        chat = self._chat(operator, control.thread)
        agent = operator.agent(control.agent)
        party = party_of(operator.floor, agent)
        if party not in chat.parties or agent is chat.thread.contacts[-1].agent:
            raise operator.impossible(f"agent {agent.id} is not there, or has the contact")
        life.leave(chat, party)
        return {"party": party}

    def _case(self, operator: "Operator", control: controls.SetCase) -> Value:
        life.set_case(self._chat(operator, control.thread), control.case)
        return {"case": control.case}

    def _show_form(self, operator: "Operator", control: controls.ShowForm) -> Value:
        chat = self._chat(operator, control.thread)
        return {"form": life.show_form(chat, control.name, control.seconds, secure=control.secure)}

    def _cancel_form(self, operator: "Operator", control: controls.CancelForm) -> Value:
        chat = self._chat(operator, control.thread)
        for form in reversed(chat.forms.values()):
            if form.secure and control.form in ("", form.id):
                chat.tell_timeless({"event": "chat_session_secure_form_cancel", "form_request_id": form.id})
                life.drop_form(chat, form)
                return {"form": form.id}
        raise operator.impossible("there is no such secure form")

    def _signal(self, operator: "Operator", control: controls.SendSignal) -> Value:
        chat = self._chat(operator, control.thread)
        agent = operator.agent(control.agent, chat.thread.contact)
        id, party = chat.numbers.next(), party_of(operator.floor, agent)
        chat.tell_timeless({"event": "chat_session_signaling", "msg_id": id, "party_id": party, "data": control.data})
        return {"message": id}

    def _cobrowsing(self, operator: "Operator", control: controls.RequestCobrowsing) -> Value:
        chat = self._chat(operator, control.thread)
        id = chat.numbers.next()
        chat.tell_timeless({"event": "chat_session_cobrowsing_requested", "msg_id": id})
        return {"message": id}

    def _info(self, operator: "Operator", control: controls.SendInfo) -> Value:
        chat = self._chat(operator, control.thread)
        chat.tell_timeless({"event": "chat_session_info", "service_name": control.service})
        return {"service": control.service}

    def _location(self, operator: "Operator", control: controls.SendLocation) -> Value:
        chat = self._chat(operator, control.thread)
        agent = operator.agent(control.agent, chat.thread.contact)
        content = location_content(control.latitude, control.longitude, control.url)
        draft = conversation.Draft(external_id="", outbound=True, content=content, agent=agent)
        return {"message": conversation.store(operator.floor, chat.thread.contacts[-1], draft).external_id}

    def _delete(self, operator: "Operator", control: controls.DeleteMessage) -> Value:
        chat = self._chat(operator, control.thread)
        message = around.message_of(operator, chat.id, control.message)
        chat.tell_timeless({"event": "chat_session_message_delete", "ref_msg_id": message.external_id})
        chat.thread.messages.remove(message)
        return {"message": message.external_id}

    def _events(self, operator: "Operator", control: controls.SendEvents) -> Value:
        chat = self._chat(operator, control.thread)
        for event in control.events:
            if control.kept:
                chat.keep(event)
            chat.line.put(event)
        return {"waiting": len(chat.line)}

    def _cut(self, operator: "Operator", control: controls.CutPolls) -> Value:
        return {"polls": self._chat(operator, control.thread).line.cut()}

    def _end(self, operator: "Operator", control: controls.EndSession) -> Value:
        chat = self._chat(operator, control.thread)
        life.finish(chat, _INITIATORS[control.how])
        return {"thread": chat.id}
