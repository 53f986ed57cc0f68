"""Triggers, visitor events, and the proactive actions they fire (CXone wire reference, 2.5, 3.5.20, 3.5.21, 4.6)."""

from typing import TYPE_CHECKING

from ..controls import ProactiveAction
from ..news import Initiator
from ..parse import array, obj, word
from . import dates
from .call import Call, Event
from .envelopes import Wire, push
from .gate import Socket

if TYPE_CHECKING:
    from .wire import CXone

__all__ = ["EVENTS", "fire", "fire_triggers"]


def fire(wire: "CXone", sockets: list[Socket], action: ProactiveAction, destination: str = "") -> None:
    """Push FireProactiveAction to each socket, for the destination that is given or that the socket has named.

    Whether the destination must fit is not known (CXone wire reference, section 10, 20): here it decides nothing.
    """
    ids, now = wire.floor.ids, wire.floor.now
    fields = [{"ident": i, "value": value, "updatedAt": dates.seconds(now)} for i, value in action.fields.items()]
    content = {"bodyText": action.text, "headlineText": action.headline, **action.content}
    body: Wire = {
        "actionId": ids.derived_uuid(f"proactive {action.name}"),
        "actionName": action.name,
        "actionType": action.kind,
        "context": {"workflow": {"id": ids.derived_uuid("workflow"), "name": action.name}},
        "data": {"content": content, "handover": {"customFields": fields}, **_button(action.button), **action.data},
    }
    proactive: Wire = {"action": body, "conditions": []}
    initiator = Initiator("workflow", ids.derived_uuid("workflow"))
    for socket in sockets:
        named = destination or action.destination or socket.destination or ids.derived_uuid("destination")
        data = {"destination": {"id": named}, "proactiveAction": proactive}
        frame = push(ids.uuid(), "FireProactiveAction", "ChatWindow", data, now, initiator)
        wire.gate.push([socket], frame)


def _button(text: str) -> Wire:
    """What is to be clicked, under both of its keys (CXone wire reference, section 8, row 31)."""
    called = {"isVisible": True, "text": text}
    return {"callToAction": called, "call2action": called} if text else {}


def fire_triggers(wire: "CXone", sockets: list[Socket], occurred: str, destination: str) -> None:
    """Fire what the channels' rules say about an occurrence."""
    for socket in sockets:
        for trigger in socket.channel.triggers:
            if trigger.on == occurred:
                fire(wire, [socket], trigger.action, destination)


def execute_trigger(call: Call) -> None:
    """ExecuteTrigger: ack, and what the channel's rule for that id fires."""
    call.ack()
    fire_triggers(call.wire, [call.socket], word(obj(call.data, "trigger"), "id"), call.frame.destination)


def store_events(call: Call) -> None:
    """StoreVisitorEvents: kept, and looked at by the rules like those that come by REST."""
    call.ack()
    for item in array(call.data, "visitorEvents"):
        kind = word(item, "type")
        call.wire.visitors.note(call.frame.visitor or call.socket.visitor, kind, item)
        fire_triggers(call.wire, [call.socket], kind, call.frame.destination)


def acknowledge(call: Call) -> None:
    """Events that are only named in an enum, with no data known: the bare acknowledgement."""
    call.ack()


EVENTS: dict[str, Event] = {
    "ExecuteTrigger": execute_trigger,
    "StoreVisitorEvents": store_events,
    "SendPageViews": acknowledge,
    "StoreVisitor": acknowledge,
    "AddVisitorTags": acknowledge,
    "RemoveVisitorTags": acknowledge,
}
