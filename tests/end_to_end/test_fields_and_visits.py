"""Custom fields, the welcome text, offers and visits on real sockets, on both runtimes and in every channel mode."""

from functools import partial
from typing import Any

import pytest

import deskline
from deskline import (
    ChatState,
    ChatStateChanged,
    CXone,
    InvalidValue,
    MemoryStore,
    MessageReceived,
    MessageStatus,
    OfferOutcome,
    OfferReceived,
    Policy,
    ThreadFieldsChanged,
)
from deskline.center import RunningCenter, serve
from deskline_center.controls import DropSockets, ProactiveAction, SetFields
from deskline_center.cxone import Choice, CXoneChannel, FieldDefinition, Survey, Trigger
from deskline_core.policy import Backoff
from tests.end_to_end.beside import PATIENT, run_all

MODES: tuple[Any, ...] = ("single", "multi", "live")
TOPIC = FieldDefinition(
    ident="topic", label="Topic", type="tree",
    choices=(Choice(name="ship", value="Shipping"), Choice(name="late", value="Late parcel", parent="ship")),
)  # fmt: skip
EMAIL = FieldDefinition(ident="email", label="E-mail", type="email")
POLICY = Policy(**PATIENT, backoff=Backoff(first=0.1, jitter=(0.0, 0.05)))


def offer(mode: str) -> ProactiveAction:
    return ProactiveAction(
        customer=f"kit-{mode}", kind="PopupBox", name=mode, text="Half price", fields={"source": "spring"}
    )


def channel(mode: Any) -> CXoneChannel:
    """Return a channel with fields of both scopes, a survey, and an offer for whoever buys something."""
    return CXoneChannel(
        id=f"chat_{mode}", mode=mode, session="secured" if mode == "multi" else "legacy",
        survey=Survey(name="Before", fields=(TOPIC,)), customer_fields=(EMAIL,), contact_fields=(TOPIC,),
        prefixed_fields=mode == "live", triggers=(Trigger(on="Conversion", action=offer(mode)),),
    )  # fmt: skip


def seen(center: RunningCenter, mode: str) -> dict[str, Any]:
    """Return what the center knows of the channel's one thread."""
    (thread,) = [thread for thread in center.control.overview()["threads"] if thread["channel"] == f"chat_{mode}"]
    return dict(thread)


async def shop(runtime: str, center: RunningCenter, mode: str) -> None:
    """Visit, take up an offer, be welcomed, say what it is about, lose the socket, and find it all again."""
    site = CXone.local(center.url, 1386, f"chat_{mode}")
    store = MemoryStore()
    async with getattr(deskline, runtime).open_chat(site, policy=POLICY, connect=False, store=store) as chat:
        await chat.set_customer(f"kit-{mode}", "Kit")
        await chat.set_fields({"email": "kit@example.test"})
        await chat.connect()
        await chat.ready()
        await chat.view_page("Mugs", "https://shop.example.test/mugs")
        offered = chat.wait_for(OfferReceived, lambda event: event.offer.name == mode)
        await chat.report_conversion("sale", 12.5)
        taken = (await offered).offer
        await chat.report_offer(taken, OfferOutcome.CLICKED)
        greeted = chat.wait_for(OfferReceived)
        center.control.do(ProactiveAction(customer=f"kit-{mode}", text="Hi {{customer.firstName|there}}!"))
        await greeted
        with pytest.raises(InvalidValue, match="none of late"):
            await chat.start_thread({"topic": "Shipping"})
        welcomed = chat.wait_for(MessageReceived)
        thread = await chat.start_thread({"topic": "Late parcel"})
        assert (await welcomed).text == "Hi Kit!"
        assert await (await thread.send("Where is it?")).settled() is MessageStatus.DELIVERED
        assert [message.text for message in thread.messages] == ["Hi Kit!", "Where is it?"]
        known = seen(center, mode)
        shown = [m for m in known["messages"] if m["content"].get("parameters") != {"isInitialMessage": True}]
        assert [message["direction"] for message in shown] == ["outbound", "inbound"]
        assert known["contacts"][0]["fields"] == {"topic": "late", "source": "spring"}
        assert known["customerFields"] == {"email": "kit@example.test"}
        changed = chat.wait_for(ThreadFieldsChanged, lambda event: ("agent", "Noor") in event.fields)
        center.control.do(SetFields(thread=thread.id, contact={"agent": "Noor"}))
        back = chat.wait_for(ChatStateChanged, lambda event: event.state is ChatState.READY)
        center.control.do(DropSockets(channel=f"chat_{mode}"))
        await thread.set_fields({"parcel": "4711"})  # while nobody is there
        await back
        await changed
        assert thread.fields == {"topic": "late", "source": "spring", "agent": "Noor", "parcel": "4711"}
        assert await (await thread.send("And?")).settled() is MessageStatus.DELIVERED
        assert seen(center, mode)["contacts"][0]["fields"]["parcel"] == "4711"
        await chat.leave_page()
    (visits,) = [
        [event["type"] for event in events]
        for events in center.control.overview()["visitorEvents"].values()
        if any(event.get("data", {}).get("actionName") == mode for event in events)
    ]
    assert sorted(visits) == ["Conversion", "PageView", "ProactiveActionClicked", "TimeSpentOnPage", "VisitorVisit"]
    async with getattr(deskline, runtime).open_chat(site, policy=POLICY, store=store) as chat:
        await chat.ready()
        again = await chat.thread(thread.id)
        await again.open()
        assert chat.fields == {"email": "kit@example.test"}
        assert again.fields["agent"] == "Noor"
        assert [m.text for m in again.messages if m.mine or m.text == "Hi Kit!"] == ["Hi Kit!", "Where is it?", "And?"]
        await chat.report_window_opened()
    again_seen = center.control.overview()["visitorEvents"].values()
    assert sum(event["type"] == "VisitorVisit" for events in again_seen for event in events) <= len(MODES)


@pytest.mark.parametrize("runtime", ["trio", "asyncio"])
def test_a_visit_that_becomes_a_conversation(runtime: str) -> None:
    with serve(channels=[channel(mode) for mode in MODES]) as center:
        run_all(runtime, [partial(shop, runtime, center, mode) for mode in MODES])
