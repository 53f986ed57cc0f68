"""The session against an honest far side, on a way that is not: whatever happens in whatever order, nothing is lost."""

from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from deskline_core import commands as c
from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.model import Upload
from tests.core.brightpattern.alone import SITE, V1, Alone
from tests.core.brightpattern.far_side import HELD, FarChat, FarSide
from tests.core.brightpattern.promises import keep_promises

INDEX = st.integers(0, 5)
STAGES = {"ivr": "scripted"} | {word: word for word in ("queued", "connected")}
STORED = ("sent", "delivered", "seen")


class Chats(RuleBasedStateMachine):
    """All that an app, an agent and a network can do."""

    chat: Any = None
    far: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.read = 0
        self.told: dict[str, list[str]] = {}
        self.over: dict[str, int] = {}
        self.said = 0

    @initialize(begin=st.booleans(), joined=st.booleans(), old=st.sampled_from([False, False, True]))
    def begin(self, begin: bool, joined: bool, old: bool) -> None:
        self.chat = Alone(site=V1 if old else SITE)
        self.far = FarSide(self.chat)
        self.chat.ask(i.Open)
        if begin:
            self.steps(4)
            self.chat.ask(i.StartThread)
            self.steps(3)
            if joined:
                self.far.join(self.living)

    def pick(self, among: list[int], index: int) -> int | None:
        return among[index % len(among)] if among else None

    @property
    def thread(self) -> str:
        ids = list(self.chat.session.threads)
        return ids[-1] if ids else "nowhere"

    def look(self) -> None:
        """Check what came out since the last look, and that all promises are kept."""
        for command in self.chat.log[self.read :]:
            event = command.event if isinstance(command, c.Notify) else None
            match event:
                case e.MessageReceived(thread=thread, message=message):
                    self.show(thread, message)
                case e.HistoryLoaded(thread=thread, messages=messages):
                    for message in messages:
                        self.show(thread, message)
                case e.ThreadEnded(thread=thread):
                    assert thread not in self.over, "ended twice"
                    self.over[thread] = len(self.told.get(thread, ()))
                case _:
                    pass
        self.read = len(self.chat.log)
        keep_promises(self.chat)

    def show(self, thread: str, message: Any) -> None:
        if not message.mine:
            assert thread not in self.over, "told after the end"
            told = self.told.setdefault(thread, [])
            assert message.text not in told, f"{message.text} was told twice"
            told.append(message.text)

    # --- the app ---

    @rule(kind=st.sampled_from([i.Open, i.Disconnect, i.EnterBackground, i.EnterActive, i.AwaitReady, i.Prepare]))
    def ask_chat(self, kind: Any) -> None:
        self.chat.ask(kind)
        self.look()

    @rule(reuse=st.booleans())
    def start(self, reuse: bool) -> None:
        self.chat.ask(i.StartThread, reuse=reuse)
        self.look()

    @rule(files=st.sampled_from([0, 0, 0, 1]))
    def send(self, files: int) -> None:
        self.said += 1
        uploads = (Upload(name="a.txt", content=b"x", mime_type="text/plain"),) * files
        self.chat.ask(i.SendMessage, thread=self.thread, text=f"mine {self.said}", attachments=uploads)
        self.look()

    @rule(kind=st.sampled_from([i.StartTyping, i.MarkRead, i.WrapUp, i.EndThread, i.LoadMore]))
    def ask_thread(self, kind: Any) -> None:
        self.chat.ask(kind, thread=self.thread)
        self.look()

    @rule(back=st.integers(0, 4))
    def withdraw(self, back: int) -> None:
        self.chat.withdraw(max(1, self.chat.asked - back))
        self.look()

    @rule()
    def push(self) -> None:
        self.chat.ask(i.NotePush, conversation=self.thread)
        self.look()

    # --- the far side ---

    @precondition(lambda self: self.far.living is not None)
    @rule(times=st.integers(1, 3))
    def says(self, times: int) -> None:
        for _ in range(times):
            self.far.says(self.living)

    @precondition(lambda self: self.far.living is not None)
    @rule(what=st.sampled_from(["join", "join", "leave", "types", "types", "end", "vanish"]))
    def happens(self, what: str) -> None:
        getattr(self.far, what)(self.living)

    @property
    def living(self) -> FarChat:
        living: FarChat | None = self.far.living
        assert living is not None
        return living

    # --- the way ---

    @rule(index=INDEX, at_last=st.booleans())
    def arrive(self, index: int, at_last: bool) -> None:
        number = self.pick(self.far.under_way(), index)
        if number is not None:
            self.far.arrive(number, at_last=at_last)

    @rule(index=INDEX)
    def hand_over(self, index: int) -> None:
        number = self.pick(self.far.answered(), index)
        if number is not None:
            self.far.hand_over(number)
        self.look()

    @rule(index=INDEX, sent=st.sampled_from(["no", "maybe"]))
    def lose(self, index: int, sent: Literal["no", "maybe"]) -> None:
        number = self.pick(list(self.chat.calls), index)
        if number is not None:
            self.far.lose(number, sent)
        self.look()

    @rule(times=st.integers(1, 8))
    def go_well(self, times: int) -> None:
        self.steps(times)

    @rule()
    def saved(self) -> None:
        self.chat.saved()
        self.look()

    @rule()
    def network_returned(self) -> None:
        self.chat.put(i.NetworkReturned())
        self.look()

    @rule(seconds=st.sampled_from([0.0, 0.4, 1.0, 3.0, 11.0, 31.0, 61.0]))
    def wait(self, seconds: float) -> None:
        self.chat.wait(seconds)
        self.look()

    def steps(self, times: int) -> None:
        for _ in range(times):
            self.step()

    def step(self) -> None:
        """Let all go well for a moment: every request arrives, and every answer comes back, but for the held poll."""
        self.chat.saved()
        for number in self.far.under_way():
            self.far.arrive(number)
        for number in self.far.answered():
            if number in self.chat.calls:
                self.far.hand_over(number)
        self.look()

    # --- the end ---

    def settle(self) -> None:
        """Let all go well from now on: then everything is known, once, and in order."""
        self.chat.ask(i.EnterActive)
        self.chat.ask(i.Open)
        for _ in range(60):
            self.step()
            self.chat.wait(HELD / 10)
            self.look()
        for number in self.far.under_way():
            self.far.arrive(number, at_last=True)
        self.chat.ask(i.Open)
        for _ in range(60):
            self.step()
            self.chat.wait(1)
        assert self.chat.session.state == "ready", self.chat.session.state
        self.check()

    def check(self) -> None:
        for far in self.far.chats:
            view = self.chat.session.threads.get(far.id)
            told = self.told.get(far.id, [])
            foreign = far.foreign()
            if self.chat.leaf.site.is_v1:  # its answers to events overtake polls: which of them is older, none tells
                told, foreign = sorted(told), sorted(foreign)
            assert [text for text in foreign if text in told] == told, "told in another order"
            if view is None:  # what was made for a request that was given up is known to nobody
                assert not told
                continue
            shown = [message.text for message in view.messages if not message.mine]
            shown = sorted(shown) if self.chat.leaf.site.is_v1 else shown
            assert [text for text in foreign if text in shown] == shown, "shown in another order"
            assert set(shown) == set(told)
            for message in view.messages:
                if message.mine:
                    self.check_own(far, message)
            if far is self.far.living:
                assert shown == foreign, "lost"
                assert view.state == "open"
                assert view.stage in (STAGES[far.state], "wrapping")  # who came back meanwhile may not show
                own = [message.status for message in view.messages if message.mine]
                assert set(own) <= {*STORED, "failed"}, own
        waiting = {self.chat._asked[number - 1] for number in self.chat.session.requests._open}
        assert not waiting, waiting

    def check_own(self, far: FarChat, message: Any) -> None:
        times = far.own(message.id)
        assert times <= 1, f"stored {times} times"
        assert times == 1 or message.status not in STORED, f"{message.status}, and not stored"
        assert times == 0 or message.status != "failed", "failed, and stored"

    def teardown(self) -> None:
        if self.chat is not None:
            self.settle()


QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def test_nothing_is_lost_whatever_happens() -> None:
    run_state_machine_as_test(
        Chats,
        settings=settings(
            max_examples=60, stateful_step_count=40, deadline=None, derandomize=True, database=None,
            suppress_health_check=QUIET,
        ),
    )  # fmt: skip


@pytest.mark.slow
def test_nothing_is_lost_for_longer() -> None:
    run_state_machine_as_test(
        Chats,
        settings=settings(
            max_examples=1500, stateful_step_count=80, deadline=None, database=None, suppress_health_check=QUIET
        ),
    )
