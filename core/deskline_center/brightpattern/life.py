"""The life of a chat: how it begins, who comes and goes, and how it ends (reference, sections 8, 10, 13)."""

from functools import partial
from typing import Final

from .. import contacts, conversation, inactivity
from ..floor import Floor
from ..model import Agent, Contact, Customer, Message
from ..news import Initiator, MessageDelivered
from .channel import BrightPatternChannel
from .chat import Chat, Form, Wire, party_of
from .contents import text_content
from .line import Line
from .numbers import Numbers
from .refusals import refused

__all__ = [
    "SCENARIO",
    "begin",
    "close",
    "closed",
    "deliver",
    "disconnect",
    "drop_form",
    "end_form",
    "enter",
    "finish",
    "greet",
    "join",
    "kind_of",
    "leave",
    "offer",
    "pass_over",
    "restart_clock",
    "resume",
    "say",
    "set_case",
    "show_form",
    "stop_clock",
    "watch",
]

SCENARIO: Final = Initiator("workflow", "scenario")


def begin(floor: Floor, customer: Customer, channel: BrightPatternChannel, version: int, asked: Wire) -> Chat:
    """Make a chat with a contact that nobody has yet; what the scenario does first is left to :func:`greet`."""
    thread = conversation.open_thread(floor, channel, customer, floor.ids.uuid(), "")
    contacts.open_contact(floor, thread)
    ewt = "" if channel.ewt is None else str(channel.ewt)
    return Chat(
        floor=floor,
        thread=thread,
        channel=channel,
        client=customer.id,
        version=version,
        line=Line(floor, channel),
        asked=asked,
        stage=channel.first_stage,
        ewt=ewt,
        numbers=Numbers(channel.numbering),
    )


def greet(chat: Chat) -> None:
    """Let the scenario say hello, and put the contact into the queue if that is where chats begin."""
    channel, contact = chat.channel, contact_of(chat)
    if channel.announced:
        enter(chat, None, "scenario")
    if channel.greeting:
        say(chat, channel.greeting)
    if channel.first_stage == "queued":
        contacts.enqueue(chat.floor, contact)
    else:
        chat.tell_status()
    watch(chat)


def contact_of(chat: Chat) -> Contact:
    """Return the contact of a chat, the newest one."""
    return chat.thread.contacts[-1]


def say(chat: Chat, text: str) -> None:
    """Let the scenario send a text."""
    draft = conversation.Draft(external_id="", outbound=True, content=text_content(text))
    conversation.store(chat.floor, contact_of(chat), draft)


# who is there


def enter(chat: Chat, agent: Agent | None, kind: str) -> None:
    """Tell that a party is there, from now on."""
    party = party_of(chat.floor, agent)
    chat.parties[party] = kind
    first, last, nick = (agent.first_name, agent.surname, agent.nickname) if agent else ("", "", chat.channel.name)
    name = nick or f"{first} {last[:1]}".strip() + ("." if last else "")
    chat.tell(
        "chat_session_party_joined", party_id=party, first_name=first, last_name=last, display_name=name, type=kind
    )


def kind_of(agent: Agent) -> str:
    """Return the type of party that an agent is."""
    return "scenario" if agent.bot else "internal"


def leave(chat: Chat, party: str) -> None:
    """Tell that a party is gone."""
    kind = chat.parties.pop(party)
    typed = {"type": kind} if chat.channel.party_left_type else {}
    chat.tell("chat_session_party_left", party_id=party, **typed)
    if not chat.has_agent:
        stop_clock(chat)


def leave_all(chat: Chat) -> None:
    """Let everyone but the scenario go."""
    for party, kind in list(chat.parties.items()):
        if kind != "scenario" or party != party_of(chat.floor, None):
            leave(chat, party)


def resume(chat: Chat) -> None:
    """Give a chat that was about to end to someone again: no survey ends it any more."""
    chat.wrapping = False
    for form in [form for form in chat.forms.values() if form.survey]:
        drop_form(chat, form)


def stand(chat: Chat, stage: str) -> None:
    """Tell another stage, once."""
    if chat.stage != stage:
        chat.stage = stage
        chat.tell_status()


def offer(chat: Chat, contact: Contact) -> None:
    """Reserve an agent, who has to accept in time; else the chat is queued again (section 10)."""

    def nobody() -> None:
        contact.offered_to = None
        stand(chat, "queued")

    if contact.agent is None:
        stand(chat, "connecting")
        chat.arm("accept", chat.floor.now + chat.channel.accept_seconds, nobody)


def join(chat: Chat, agent: Agent, previous: Agent | None) -> None:
    """Let an agent take the chat, from another one if there is one (sections 8.2, 14 F10)."""
    chat.disarm("accept")
    resume(chat)
    party, kind = party_of(chat.floor, agent), kind_of(agent)
    old = None if previous is None else party_of(chat.floor, previous)
    if old in chat.parties and old != party and chat.channel.transfer_order == "left_first":
        leave(chat, old)
    order = chat.channel.start_order
    if chat.stage != "connected" and order != "no_connecting":
        stand(chat, "connecting")
    if order == "connected_first":
        stand(chat, "connected")
    if party not in chat.parties:
        enter(chat, agent, kind)
    stand(chat, "connected")
    if old is not None and old in chat.parties and old != party:
        leave(chat, old)
    deliver(chat, *chat.thread.messages)
    restart_clock(chat)


def deliver(chat: Chat, *messages: Message) -> None:
    """Let what the customer wrote be delivered, if anyone is there to whom it can be."""
    contact = contact_of(chat)
    if chat.channel.delivers != "at_once" or contact.agent is None or contact.closed:
        return
    for message in messages:
        if not message.outbound and message.delivered is None:
            message.delivered = contact.agent, chat.floor.now
            chat.floor.tell(MessageDelivered(message))


# the clocks


def restart_clock(chat: Chat) -> None:
    """Give the customer the whole time again, as long as an agent is there."""
    stop_clock(chat)
    limit = chat.channel.inactivity
    if limit is not None and chat.has_agent:
        chat.arm("inactive", chat.floor.now + limit * chat.channel.warned_at, partial(_warn, chat, limit))


def _warn(chat: Chat, limit: float) -> None:
    inactivity.warn(chat.floor, contact_of(chat), limit * (1 - chat.channel.warned_at))


def stop_clock(chat: Chat) -> None:
    """Wait for the customer no more."""
    chat.disarm("inactive")
    contacts.forget_popup(contact_of(chat))


def watch(chat: Chat) -> None:
    """See to it that a client that does not poll is given up (section 10)."""
    limit = chat.channel.unresponsive
    if limit is None:
        return
    is_there = chat.line.polling or (chat.channel.push_keeps_alive and chat.subscription)
    since = chat.floor.now if is_there else chat.line.seen_at
    if since + limit <= chat.floor.now:
        finish(chat, Initiator("system", "unresponsive"))
    else:
        chat.arm("unresponsive", since + limit, partial(watch, chat))


# forms


def show_form(chat: Chat, name: str, seconds: float, *, secure: bool = False, survey: bool = False) -> str:
    """Show a form, which waits for its answer; one in plain sight replaces the one before (section 9.6)."""
    form = Form(chat.numbers.form(), name, secure, survey)
    if secure:
        chat.tell("chat_session_secure_form_show", form_request_id=form.id, form_id=name)
    else:
        for old in [old for old in chat.forms.values() if not old.secure]:
            drop_form(chat, old)
        shown = {"form_request_id": form.id, "form_name": name, "form_timeout": f"{seconds:g}", "channel": "web"}
        chat.tell("chat_session_form_show", **shown)
    chat.forms[form.id] = form
    chat.arm(f"form {form.id}", chat.floor.now + seconds, partial(end_form, chat, form))
    return form.id


def drop_form(chat: Chat, form: Form) -> None:
    """Let a form wait no more, and nothing else."""
    del chat.forms[form.id]
    chat.disarm(f"form {form.id}")


def end_form(chat: Chat, form: Form, *, answered: bool = False) -> None:
    """Let a form wait no more; behind the survey the chat is over."""
    drop_form(chat, form)
    if not form.survey:
        if answered and chat.channel.status_after_form:
            chat.tell_status()
        return
    if answered and chat.channel.thanks:
        say(chat, chat.channel.thanks)
    finish(chat, SCENARIO)


def pass_over(chat: Chat) -> None:
    """Take an answer that comes too late: whoever gave it has to learn again where the chat stands (section 23, 12)."""
    if chat.channel.status_after_form:
        chat.tell_status()


# cases


def set_case(chat: Chat, case: str) -> None:
    """Attach a case, or take it away (section 6.10). Who cannot have one learns nothing of it."""
    chat.case = case
    if chat.is_full:
        absent = not case and chat.channel.case_cleared == "absent"
        chat.tell("chat_session_case_set", **({} if absent else {"case_id": case}))


# the end


def disconnect(chat: Chat) -> None:
    """End the conversation with the agents: the scenario goes on (section 13)."""
    if chat.wrapping or (not chat.has_agent and chat.channel.disconnect_alone == "ignored"):
        return
    leave_all(chat)
    contacts.end_talk(chat.floor, contact_of(chat))
    _wrap(chat, chat.channel.after_disconnect)


def _wrap(chat: Chat, how: str) -> None:
    """Go on with the survey, or end at once."""
    if how == "ended" or not chat.channel.survey:
        finish(chat, SCENARIO)
        return
    chat.disarm("accept")
    chat.wrapping = True
    chat.stage = "ivr"
    if chat.channel.status_after_disconnect:
        chat.tell_status()
    show_form(chat, chat.channel.survey, chat.channel.survey_seconds, survey=True)


def finish(chat: Chat, initiator: Initiator) -> None:
    """End a chat, whether its contact is closed already or not."""
    contact = contact_of(chat)
    if contact.closed:
        close(chat, initiator)
    else:
        contacts.close(chat.floor, contact, initiator)


def closed(chat: Chat, initiator: Initiator) -> None:
    """Take note that the contact is closed: by the agent there may be a survey behind it."""
    if initiator.kind == "user" and chat.channel.after_agent == "survey":
        leave_all(chat)
        _wrap(chat, "survey")
    else:
        close(chat, initiator)


def close(chat: Chat, initiator: Initiator) -> None:
    """Let nothing more happen. What waits can still be polled, then the session is unknown."""
    match initiator.kind:
        case "system":
            pass
        case "workflowJob":
            chat.tell("chat_session_inactivity_timeout", msg=chat.channel.timeout_text)
            if chat.channel.after_timeout == "ended":
                chat.tell_timeless({"event": "chat_session_ended"})
        case "external":
            if chat.channel.after_end == "ended":
                chat.tell_timeless({"event": "chat_session_ended"})
        case _:
            leave_all(chat)
            chat.tell_timeless({"event": "chat_session_ended"})
    for name in list(chat.timers):
        chat.disarm(name)
    chat.forms.clear()
    chat.thread.over = True
    chat.ended_at = chat.floor.now
    chat.line.close(lambda: refused("5005", chat.channel))
