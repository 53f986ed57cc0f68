"""The session against the center, driven by hypothesis: whatever happens in whatever order, the promises hold."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from deskline_center import controls as k
from deskline_center.cxone.contents import unknown
from deskline_core import inputs as i
from deskline_core.model import Upload
from deskline_core.policy import Backoff, Policy
from tests.playground import Playground

INDEX = st.integers(0, 7)
REQUESTS = st.sampled_from(
    ["SendMessage", "RecoverThread", "RecoverLivechat", "FetchThreadList", "LoadThreadMetadata", "LoadMoreMessages",
     "EndContact", "ArchiveThread", "UpdateThread", "SendTranscript", "AuthorizeCustomer", "heartbeat", "handshake",
     "rest:channel", "rest:availability", "rest:visitor", "rest:token", "rest:large-event", "rest:attachment", "*"]
)  # fmt: skip
PUSHES = st.sampled_from(
    ["MessageCreated", "ThreadRecovered", "LivechatRecovered", "CaseStatusChanged", "ack", "error", "CaseCreated",
     "SetPositionInQueue", "CaseInboxAssigneeChanged", "SenderTypingStarted", "MoreMessagesLoaded", "*"]
)  # fmt: skip


class Chats(RuleBasedStateMachine):
    """All that an app, an agent and a network can do."""

    def __init__(self) -> None:
        super().__init__()
        self.chat: Any = None
        self.said = 0

    @initialize(
        mode=st.sampled_from(["single", "multi", "live"]),
        session=st.sampled_from(["legacy", "secured"]),
        page=st.sampled_from([2, 20]),
        begin=st.booleans(),
        failure=st.sampled_from(["fail", "drop"]),
    )
    def begin(self, mode: str, session: str, page: int, begin: bool, failure: Any) -> None:
        policy = Policy(backoff=Backoff(attempts=4), attachment_failure=failure)
        self.chat = Playground(mode, session, settings={"page_size": page}, policy=policy)
        self.chat.do(i.Open)
        if begin:
            self.chat.do(i.StartThread)

    def thread(self, index: int) -> str:
        ids = self.chat.kept_threads()
        return ids[-1 - index % len(ids)] if ids else "nowhere"

    def message(self, index: int) -> str:
        ids = list(self.chat.statuses)
        return ids[-1 - index % len(ids)] if ids else "nothing"

    # --- the app ---

    @rule(
        kind=st.sampled_from(
            [i.Open, i.Connect, i.Disconnect, i.EnterBackground, i.EnterActive, i.Prepare, i.AwaitReady]
        )
    )
    def ask_chat(self, kind: Any) -> None:
        self.chat.do(kind)

    @rule(reuse=st.booleans())
    def start(self, reuse: bool) -> None:
        self.chat.do(i.StartThread, reuse=reuse)

    @rule(index=INDEX, files=st.sampled_from([0, 0, 1, 2]))
    def send(self, index: int, files: int) -> None:
        self.said += 1
        uploads = tuple(Upload(name=f"{n}.png", content=b"x", mime_type="image/png") for n in range(files))
        text = f"customer {self.said}"
        self.chat.do(i.SendMessage, thread=self.thread(index), text=text, attachments=uploads)

    @rule(index=INDEX, kind=st.sampled_from([i.RetryMessage, i.DiscardMessage, i.AwaitSettled]))
    def ask_message(self, index: int, kind: Any) -> None:
        self.chat.do(kind, message=self.message(index))

    @rule(
        index=INDEX,
        kind=st.sampled_from(
            [i.OpenThread, i.StartTyping, i.StopTyping, i.MarkRead, i.LoadMore, i.EndThread, i.ArchiveThread]
        ),
    )
    def ask_thread(self, index: int, kind: Any) -> None:
        self.chat.do(kind, thread=self.thread(index))

    @rule(index=INDEX, stay=st.booleans())
    def answer_inactivity(self, index: int, stay: bool) -> None:
        self.chat.do(i.AnswerInactivity, thread=self.thread(index), stay=stay)

    @rule(index=INDEX)
    def ask_more(self, index: int) -> None:
        self.chat.do(i.RenameThread, thread=self.thread(index), name=f"name {index}")
        self.chat.do(i.SendTranscript, thread=self.thread(index), email="kim@example.test")
        self.chat.do(i.ExecuteTrigger, trigger="t")

    @rule(back=st.integers(0, 5))
    def withdraw(self, back: int) -> None:
        self.chat.withdraw(max(1, self.chat._requests - back))

    # --- the agents ---

    @rule(index=INDEX, times=st.integers(1, 4))
    def agent_says(self, index: int, times: int) -> None:
        for _ in range(times):
            self.said += 1
            self.chat.control(k.AgentSays(thread=self.thread(index), text=f"agent {self.said}"))

    @rule(index=INDEX)
    def agent_says_what_nobody_can_show(self, index: int) -> None:
        self.said += 1
        self.chat.control(k.AgentSays(thread=self.thread(index), content=unknown("HOLOGRAM", f"agent {self.said}")))

    @rule(
        index=INDEX,
        kind=st.sampled_from([k.AgentJoins, k.AgentLeaves, k.AgentTypes, k.AgentReads, k.CloseContact, k.QueuePlace]),
    )
    def agent(self, index: int, kind: Any) -> None:
        self.chat.control(kind(thread=self.thread(index)))

    @rule(index=INDEX, seconds=st.sampled_from([5, 90]))
    def warn(self, index: int, seconds: int) -> None:
        self.chat.control(k.WarnInactive(thread=self.thread(index), seconds=seconds))

    # --- faults ---

    @rule(match=REQUESTS, kind=st.sampled_from(["fail", "lose", "swallow", "delay"]), times=st.integers(1, 3))
    def fault(self, match: str, kind: str, times: int) -> None:
        made: dict[str, k.Control] = {
            # a far side that denies a thread it has cannot be told from one that lost it: its gateway fails instead
            "fail": k.Fail(match=match, times=times, code="gateway" if match.startswith(("Recover", "*")) else ""),
            "lose": k.Lose(match=match, times=times),
            "swallow": k.Lose(match=match, times=times, done=False),
            "delay": k.Delay(match=match, times=times, seconds=3),
        }
        self.chat.control(made[kind])

    @rule(match=PUSHES, kind=st.sampled_from([k.Repeat, k.LosePush, k.Hold, k.ViaUrl]), times=st.integers(1, 3))
    def push_fault(self, match: str, kind: Any, times: int) -> None:
        self.chat.control(kind(match=match, times=times))

    @rule(code=st.sampled_from([None, 1000, 1001, 1011, 4001]))
    def drop(self, code: int | None) -> None:
        self.chat.control(k.DropSockets(code=code))

    @rule(reported=st.booleans())
    def cut(self, reported: bool) -> None:
        self.chat.cut(reported=reported)

    @rule()
    def swallow(self) -> None:
        self.chat.unwritten = True

    @precondition(lambda self: self.chat is not None and self.chat.network)
    @rule()
    def network_off(self) -> None:
        self.chat.network_off()

    @precondition(lambda self: self.chat is not None and not self.chat.network)
    @rule(told=st.booleans())
    def network_on(self, told: bool) -> None:
        self.chat.network_on(told=told)

    @rule()
    def expire(self) -> None:
        self.chat.control(k.ExpireTokens())

    @rule(online=st.booleans())
    def availability(self, online: bool) -> None:
        self.chat.control(k.Availability(online=online))

    @rule(seconds=st.sampled_from([0.0, 0.4, 2.0, 6.0, 11.0, 45.0]))
    def wait(self, seconds: float) -> None:
        self.chat.advance(seconds)

    def teardown(self) -> None:
        if self.chat is not None:
            self.chat.settle()


QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def test_the_promises_hold_whatever_happens() -> None:
    run_state_machine_as_test(
        Chats,
        settings=settings(
            max_examples=60, stateful_step_count=40, deadline=None, derandomize=True, database=None,
            suppress_health_check=QUIET,
        ),
    )  # fmt: skip


@pytest.mark.slow
def test_the_promises_hold_for_longer() -> None:
    run_state_machine_as_test(
        Chats,
        settings=settings(
            max_examples=1500, stateful_step_count=80, deadline=None, database=None, suppress_health_check=QUIET
        ),
    )
