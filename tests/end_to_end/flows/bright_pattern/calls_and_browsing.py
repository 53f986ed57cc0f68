"""Calls and co-browsing, passed on in both directions (Bright Pattern reference, flows F11 and F12)."""

import json
from typing import Any

from deskline import IllegalState, InvalidValue, RemoteError, SignalKind, SignalReceived, Thread, ThreadEnded
from deskline_center.brightpattern.controls import EndSession, RequestCobrowsing, SendSignal
from deskline_center.controls import Fail
from tests.end_to_end.flows.bright_pattern.beginnings import served
from tests.end_to_end.flows.places import V2, both
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("bright pattern calls and browsing", on=(V2,))
OFFER = {"type": "OFFER_CALL", "offerVideo": "true", "sdp": "v=0 offer"}
ANSWER = {"type": "ANSWER_CALL", "sdp": "v=0 answer"}
CANDIDATE = {"type": "ICE_CANDIDATE", "sdpMid": "0", "sdpMLineIndex": 0, "candidate": "candidate:1"}


async def signal(thread: Thread, **data: Any) -> None:
    """Send a step of a call to the agent."""
    assert thread.agent is not None
    await thread.send_signal(SignalKind.CALL, json.dumps(data), party=thread.agent)


async def signalled(play: Play, thread: Thread, kind: str) -> dict[str, Any]:
    """Wait for a step of a call from the agent, and return what it says."""
    event = await play.hears(SignalReceived)
    assert (event.kind, event.party) == ("call", thread.agent)
    data: dict[str, Any] = json.loads(event.data)
    assert data["type"] == kind
    return data


def sent(play: Play) -> list[str]:
    """Return the steps that the center has got."""
    return [each["data"]["type"] for each in play.far_chat()["signals"]]


@FLOW.scenario(on=both("signals in the history"), steps=("F11 1", "F11 2", "F11 3", "F11 4", "F11 5"), drawn=True)
async def a_call_is_asked_for(play: Play) -> None:
    """The customer asks for a call, the agent offers one, both exchange candidates, and it ends."""
    async with served(play) as (chat, thread):
        assert [server.url for server in await chat.ice_servers()] == ["stun:stun.center.test:3478"]
        await signal(thread, type="REQUEST_CALL", offerVideo=True)
        play.do(SendSignal(data=OFFER))
        assert await signalled(play, thread, "OFFER_CALL") == OFFER
        await signal(thread, **ANSWER)
        play.do(SendSignal(data=CANDIDATE))
        assert await signalled(play, thread, "ICE_CANDIDATE") == CANDIDATE
        await signal(thread, **CANDIDATE)
        await signal(thread, type="END_CALL")
        assert sent(play) == ["REQUEST_CALL", "ANSWER_CALL", "ICE_CANDIDATE", "END_CALL"]
        (party,) = {each["destination_party_id"] for each in play.far_chat()["signals"]}
        assert thread.agent is not None
        assert party == thread.agent.id


@FLOW.scenario(steps=("F11 2",))
async def a_call_is_rejected_by_the_agent(play: Play) -> None:
    """The agent does not take the call."""
    async with served(play) as (_, thread):
        await signal(thread, type="REQUEST_CALL", offerVideo=False)
        play.do(SendSignal(data={"type": "CALL_REJECTED", "reason_code": "busy", "reason": "No camera"}))
        assert (await signalled(play, thread, "CALL_REJECTED"))["reason"] == "No camera"


@FLOW.scenario(steps=("F11 6",), drawn=True)
async def the_agent_calls(play: Play) -> None:
    """The agent begins with an offer, and the customer rejects it."""
    async with served(play) as (_, thread):
        play.do(SendSignal(data=OFFER))
        await signalled(play, thread, "OFFER_CALL")
        await signal(thread, type="CALL_REJECTED")
        assert sent(play) == ["CALL_REJECTED"]


@FLOW.scenario(on=both(), steps=("F12 1", "F12 3", "F12 4"), drawn=True)
async def browsing_together(play: Play) -> None:
    """The agent asks to browse together; the app starts a session of its own provider, and ends it."""
    async with served(play) as (_, thread):
        play.do(RequestCobrowsing())
        assert (await play.hears(SignalReceived)).kind == "cobrowsing requested"
        session = {"provider_type": "SURFLY", "cobrowsing_url": "https://together.example/1", "cobrowsing_id": "1"}
        await thread.send_signal(SignalKind.COBROWSING_STARTED, json.dumps(session))
        await thread.send_signal(SignalKind.COBROWSING_ENDED)
        started, ended = play.far_chat()["other"]
        assert {key: started[key] for key in session} == session
        assert ended["event"] == "chat_session_cobrowsing_ended"


@FLOW.scenario(steps=("F12 2",))
async def nobody_browses_along(play: Play) -> None:
    """The customer does not want to browse together."""
    async with served(play) as (_, thread):
        play.do(RequestCobrowsing())
        await play.hears(SignalReceived)
        await thread.send_signal(SignalKind.COBROWSING_REJECTED)
        (answer,) = play.far_chat()["other"]
        assert answer["event"] == "chat_session_cobrowsing_rejected"


# --- what goes wrong ---


@FLOW.scenario("F11 1E refused", drawn=True)
async def a_signal_is_not_taken(play: Play) -> None:
    """The far side does not take a step of a call: the caller is told, and it is not repeated."""
    async with served(play) as (_, thread):
        play.do(Fail(match="send:chat_session_signaling", code="5003"))
        with play.refused(RemoteError):
            await signal(thread, type="REQUEST_CALL")
        assert sent(play) == []


@FLOW.scenario("F11 1E refused")
async def a_signal_makes_no_sense(play: Play) -> None:
    """What is no object of JSON is refused before it is sent."""
    async with served(play) as (_, thread):
        for data in ("[]", "{", '"REQUEST_CALL"'):
            with play.refused(InvalidValue):
                await thread.send_signal(SignalKind.CALL, data)
        assert sent(play) == []


@FLOW.scenario("F11 1E ended")
async def a_signal_comes_too_late(play: Play) -> None:
    """The chat is over: no call can be asked for in it."""
    async with served(play) as (_, thread):
        play.do(EndSession())
        await play.hears(ThreadEnded)
        with play.refused(IllegalState):
            await thread.send_signal(SignalKind.CALL, json.dumps({"type": "REQUEST_CALL"}))
