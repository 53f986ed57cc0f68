"""The simulation notices: each promise is broken on purpose, in the books or in the program, and told by its name."""

from collections.abc import Callable
from typing import Any

import pytest

from deskline_center import controls as k
from deskline_center.cxone import CXoneChannel
from deskline_center.simulation import Simulation, Violation, diagram, journals
from deskline_center.simulation.checks import check
from deskline_center.simulation.happenings import TROUBLES, happen
from deskline_center.simulation.parcels import Trip
from deskline_center.simulation.plan import START, Plan, Step, Vendor
from deskline_center.simulation.promises import PROMISES, Broken
from deskline_center.simulation.simulation import broken_by, play, settle
from deskline_center.simulation.world import World
from deskline_core import commands as c
from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.cxone.inbox import Inbox
from deskline_core.cxone.site import CXone
from deskline_core.history import History
from deskline_core.journal import verify
from deskline_core.lifecycle import EndReason, MessageStatus, ThreadState
from deskline_core.session import Session
from deskline_core.values import Secret

CALM = Simulation("cxone", customers=1, steps=12)


def talked(vendor: Vendor = "cxone") -> World:
    """Return a world in which both sides have said something, undisturbed."""
    for seed in range(100):
        plan = Simulation(vendor, customers=1, steps=30).plan(seed)
        kept = [place for place, step in enumerate(plan.steps) if step.what in ("say", "agent says")]
        world = World(plan.settings)
        play(world, plan.only(kept))
        thread = near(world)[0]
        inbound = [message.outbound for message in thread.messages]
        if inbound.count(False) > 3 and inbound.count(True) > 3 and not world.is_lossy:
            return world
    raise AssertionError("nobody talks")


def near(world: World) -> Any:
    id = list(world.customers[0].app.threads)[-1]
    return world.thread(id), world.customers[0].session.threads[id]


def lose(world: World) -> None:
    thread, _ = near(world)
    thread.messages[:] = [message for message in thread.messages if message.outbound]


def double(world: World) -> None:
    thread, _ = near(world)
    thread.messages.append(next(message for message in thread.messages if "'m0." in str(message.content)))


def swap(world: World) -> None:
    thread, _ = near(world)
    thread.messages.reverse()


def lose_agents(world: World) -> None:
    world.customers[0].app.heard.clear()
    world.customers[0].app.shown.clear()


def swap_agents(world: World) -> None:
    for heard in world.customers[0].app.heard[-1].values():
        heard.reverse()


def end_alone(world: World) -> None:
    near(world)[0].archived = near(world)[0].over = True


def forget_thread(world: World) -> None:
    world.customers[0].session.threads.clear()  # type: ignore[attr-defined]


def wait(world: World) -> None:
    world.customers[0].app.asked[999] = i.AwaitReady(request=999)


def disconnect(world: World) -> None:
    world.customers[0].app.ask(i.Disconnect)
    world.customers[0].app.asked.clear()


def hoard(world: World) -> None:
    world.customers[0].disk.kept.update({f"key {number}": "" for number in range(2000)})


def deny(world: World) -> None:
    for sent in world.customers[0].app.sent.values():
        sent.status = MessageStatus.FAILED


def deny_amid_faults(world: World) -> None:
    world.figures.faults["cut"] += 1
    deny(world)


def doubt(world: World) -> None:
    for sent in world.customers[0].app.sent.values():
        sent.status = MessageStatus.UNCERTAIN


@pytest.mark.parametrize(
    ("tamper", "promise"),
    [
        (lose, "nothing is lost"),
        (lose_agents, "nothing is lost"),
        (deny, "nothing is lost"),
        (deny_amid_faults, "nothing is lost"),
        (doubt, "nothing is lost"),
        (double, "nothing is doubled"),
        (swap, "nothing is swapped"),
        (swap_agents, "nothing is swapped"),
        (end_alone, "the state converges with the center's"),
        (forget_thread, "the state converges with the center's"),
        (disconnect, "the state converges with the center's"),
        (wait, "every wait ends"),
        (hoard, "memory stays within the policy"),
    ],
)
def test_books_that_do_not_agree_break_a_promise(tamper: Callable[[World], None], promise: str) -> None:
    world = talked()
    check(world)
    tamper(world)
    with pytest.raises(Broken, match=promise) as broken:
        check(world)
    assert broken.value.promise in PROMISES


def test_a_live_chat_that_gave_way_to_another_may_go_on_at_the_center() -> None:
    world = talked()
    _, thread = near(world)
    thread.state, thread.reason = ThreadState.ENDED, EndReason.AGENT
    with pytest.raises(Broken, match="the state converges with the center's"):
        check(world)
    thread.reason = EndReason.REPLACED
    check(world)


def test_a_message_that_came_after_it_was_looked_for_may_show_as_failed() -> None:
    world = talked()
    world.figures.faults["hold"] += 1
    sent = next(iter(world.customers[0].app.sent.values()))
    sent.note(MessageStatus.FAILED, world.now)
    with pytest.raises(Broken, match="is at the center, and shows as failed"):
        check(world)
    sent.changed_at = START
    check(world)


@pytest.mark.parametrize(
    ("events", "promise"),
    [
        ([e.ThreadEnded(thread="t", reason=EndReason.AGENT)] * 2, "ended stays ended"),
        (
            [
                e.ThreadEnded(thread="t", reason=EndReason.AGENT),
                e.ThreadStateChanged(thread="t", state=ThreadState.OPEN),
            ],
            "ended stays ended",
        ),
        (
            [
                e.MessageStatusChanged(thread="t", message="m", status=status)
                for status in (MessageStatus.SENT, MessageStatus.SENDING)
            ],
            "the rank of a message only rises",
        ),
    ],
)
def test_news_that_contradict_each_other_break_a_promise(events: list[e.Event], promise: str) -> None:
    world = World(Simulation("bright-pattern").plan(0).settings)
    world.customers[0].app.told(events[0])
    with pytest.raises(Broken) as broken:
        world.customers[0].app.told(events[1])
    assert broken.value.promise == promise


def test_what_the_store_knows_to_be_told_is_no_news_in_a_later_run() -> None:
    world = talked()
    app, (_, thread) = world.customers[0].app, near(world)
    app.told(e.ThreadStateChanged(thread=thread.id, state=ThreadState.LOADED))  # all of it was told: nothing is new
    told = next(message for message in thread.messages if message.text[:1] == "a")
    app.kept([told.text])
    app.heard.append({})
    app.shown.append({})
    with pytest.raises(Broken, match="told anew"):
        app.told(e.MessageReceived(thread=thread.id, message=told))


def test_a_chat_that_does_not_come_to_rest_breaks_a_promise() -> None:
    plan = CALM.plan(1).only([])
    world = World(plan.settings)
    request = c.SendRequest(id=99, method="GET", url=Secret("http://x/"), deadline=0.0, limit=1)
    world.customers[0].network.trips[99] = Trip("never answered", request)
    broken = broken_by(world, plan)
    assert broken is not None
    assert (broken.promise, broken.says) == ("every wait ends", "the chat does not come to rest")


def test_a_second_connection_breaks_a_promise() -> None:
    world = World(Simulation("cxone").plan(0).settings)
    feed(world, c.OpenSocket(socket=1, url=Secret("ws://x/"), deadline=0.0))
    with pytest.raises(Broken, match="at most one socket"):
        feed(world, c.OpenSocket(socket=2, url=Secret("ws://x/"), deadline=0.0))
    poll = c.SendRequest(id=1, method="GET", url=Secret("http://x/"), deadline=0.0, limit=1, held=True)
    feed(world, poll)
    world.customers[0].network.trips[1].was_there = True
    with pytest.raises(Broken, match="at most one poll"):
        feed(world, poll)


def feed(world: World, command: c.Command) -> None:
    world.customers[0]._obey[type(command)](command)


# --- a program with a defect ---


def found(simulation: Simulation, seeds: range) -> Violation:
    """Return the first violation in some worlds."""
    for seed in seeds:
        _, violation = simulation.run(seed)
        if violation is not None:
            return violation
    raise AssertionError("nothing was noticed")


def test_a_message_that_is_told_again_is_noticed_and_told_by_a_command_and_a_diagram(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep = Inbox.keep

    def forgetful(self: Inbox, thread: Any, message: Any, outgoing: Any, **rest: Any) -> None:
        if len(thread.history.messages) > 2:
            thread.history = History(1000, 10_000)
        keep(self, thread, message, outgoing, **rest)

    monkeypatch.setattr(Inbox, "keep", forgetful)
    simulation = Simulation("cxone")
    violation = found(simulation, range(30))
    assert violation.promise in ("nothing is doubled", "nothing is swapped")
    least = simulation.shrunk(violation)
    assert least.steps is not None
    assert len(least.steps) < 40
    assert least.command.startswith(f"deskline simulate --vendor cxone --seed {violation.seed} --steps ")
    assert violation.command == f"deskline simulate --vendor cxone --seed {violation.seed}"
    assert simulation.run(least.seed, least.steps)[1] == least
    assert "sequenceDiagram" in diagram(simulation.plan(least.seed, least.steps), least.customer)


def test_a_program_that_is_not_the_same_twice_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(range(10_000))
    handle = Session.handle

    def moody(self: Session, input: Any, *, now: float) -> Any:
        return handle(self, input, now=now + next(drawn) * 1e-6)

    monkeypatch.setattr(Session, "handle", moody)
    violation = found(CALM, range(3))
    assert violation.promise == "the same seed gives the same commands"


def test_a_session_that_wants_to_be_called_again_and_again_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "next_deadline", property(lambda self: self.now))
    assert found(CALM, range(3)).promise == "no busy loop"


def test_a_program_that_says_too_much_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    handle = Session.handle
    monkeypatch.setattr(Session, "handle", lambda self, given, *, now: handle(self, given, now=now) * 300)
    assert found(CALM, range(3)).promise == "no busy loop"


def test_a_request_that_is_settled_twice_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    handle = Session.handle
    monkeypatch.setattr(Session, "handle", lambda self, given, *, now: handle(self, given, now=now) * 2)
    assert found(CALM, range(3)).promise in ("a request is settled once", "at most one socket per session")


def test_a_program_that_raises_is_told_with_the_command_that_replays_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Inbox, "keep", None)
    with pytest.raises(TypeError) as raised:
        found(Simulation("cxone"), range(30))
    assert raised.value.__notes__[0].startswith("deskline simulate --vendor cxone --seed ")


# --- the customer ---


def test_a_program_that_is_killed_is_killed_once_and_comes_back() -> None:
    world = talked()
    customer = world.customers[0]
    customer.crash(0)
    customer.crash(0)
    assert (customer.is_running, world.figures.faults["crash"]) == (False, 1)
    customer.app.say("any thread")  # nobody is there to send it
    world.advance(world.now + 1)
    assert (customer.is_running, customer.runs) == (True, 2)
    customer.start_again()
    assert customer.runs == 2


def test_what_a_program_does_not_know_any_more_is_opened_and_loaded_at_the_end() -> None:
    simulation = Simulation("cxone", customers=1)
    plan = next(plan for seed in range(200) if is_multi(plan := simulation.plan(seed)))
    talk = [place for place, step in enumerate(plan.steps) if step.what in ("say", "agent says")]
    world = World(plan.settings)
    play(world, plan.only(talk))
    customer = world.customers[0]
    for key in [key for key in customer.disk.kept if key.startswith("thread.")]:
        del customer.disk.kept[key]
    customer.crash(0)
    settle(world)
    check(world)
    id = list(customer.app.threads)[-1]
    assert {text for text in customer.app.heard_of(id) if text[0] == "a"} == set(agents(world, id))


def is_multi(plan: Plan) -> bool:
    channel = plan.settings.channel
    return isinstance(channel, CXoneChannel) and (channel.mode, channel.authentication) == ("multi", "anonymous")


def agents(world: World, id: str) -> list[str]:
    thread = world.thread(id)
    assert thread is not None
    return [message.content["text"] for message in thread.messages if message.outbound]


def test_steps_that_are_not_possible_now_change_nothing() -> None:
    world = talked()
    customer = world.customers[0]
    assert world.control(k.AgentSays(thread="nowhere", text="Hello?")) is None
    line = customer.network.line
    assert line is not None
    customer.network.cut(line)
    customer.network.cut(line)
    sent = next(iter(customer.app.sent.values()))
    sent.status = MessageStatus.FAILED
    customer.app.sent = {sent.id: sent}
    happen(customer, Step(0.0, 0, "follow up", 0))  # it has arrived: there is nothing to retry or to discard
    assert list(customer.app.sent) == [sent.id]
    customer.crash(0)
    kill = next(pick for pick in range(20) if list(TROUBLES)[pick % len(TROUBLES)] == "kill")
    happen(customer, Step(0.0, 0, "trouble", kill))
    assert customer.commands_left == -1


def test_what_the_app_discards_need_not_arrive() -> None:
    world = talked()
    app = world.customers[0].app
    sent = next(iter(app.sent.values()))
    app.asked[999] = i.DiscardMessage(request=999, message=sent.id)
    app.answered(c.Answer(request=999, value=sent.id))
    assert sent.id not in app.sent


def test_a_live_chat_may_come_back_under_its_id() -> None:
    plans = (Simulation("cxone").plan(seed) for seed in range(100))
    world = World(next(plan for plan in plans if plan.settings.may_reopen).settings)
    app = world.customers[0].app
    app.told(e.ThreadEnded(thread="t", reason=EndReason.AGENT))
    app.told(e.ThreadStateChanged(thread="t", state=ThreadState.RECOVERING))
    assert app.ended == {}


def test_an_app_that_is_asked_for_a_login_gives_one() -> None:
    plans = (Simulation("cxone").plan(seed) for seed in range(100))
    world = World(next(plan for plan in plans if plan.settings.needs_login).settings)
    app = world.customers[0].app
    app.told(e.ReauthenticationNeeded())
    before = len(app.asked)
    world.advance(world.now + 0.6)
    assert before == 0
    assert world.customers[0].session.state != "initial"
    app.told(e.ReauthenticationNeeded())
    world.customers[0].crash(3)
    world.advance(world.now + 1)  # the run that was asked is over


# --- the course of a world ---


@pytest.mark.parametrize("vendor", ["cxone", "bright-pattern"])
def test_a_world_is_recorded_as_one_journal_for_each_run_of_a_program(vendor: Vendor) -> None:
    simulation = Simulation(vendor)
    plan = next(plan for seed in range(50) if "kill" in faults(plan := simulation.plan(seed)))
    recorded = [lines for number in range(4) for lines in journals(plan, number)]
    assert len(recorded) > 4
    assert all(verify(lines).is_good for lines in recorded)


def faults(plan: Plan) -> set[str]:
    world = World(plan.settings)
    assert broken_by(world, plan) is None
    return set(world.figures.faults)


def test_steps_that_are_left_out_do_not_happen() -> None:
    figures, violation = Simulation("cxone").run(0, [])
    assert (violation, figures.messages, sum(figures.faults.values())) == (None, 0, 0)
    assert figures.chats == 4
    assert START > 0
    assert isinstance(Simulation("cxone").plan(0).settings.site, CXone)


def test_what_was_to_happen_to_a_program_that_is_gone_does_not_happen() -> None:
    world = talked()
    commands = world.digest.commands
    world.customers[0].app._begin(run=-1)  # what it had planned for later
    assert world.digest.commands == commands
