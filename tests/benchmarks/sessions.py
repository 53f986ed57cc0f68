"""Sessions that are ready with one open thread, brought there by a far side that answers by rote."""

from collections import deque

from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.cxone.site import CXone
from deskline_core.lifecycle import ChatState, ThreadState
from deskline_core.policy import DEFAULT_POLICY, Policy
from deskline_core.session import Session
from tests.benchmarks import frames

__all__ = ["CONFIGURATION", "NOW", "SITE", "deliver", "ready", "recovering"]

SITE = CXone.local("http://127.0.0.1:8080", 1386, "chat_0d9f4b6e-2f1c-4f0e-9a55-6f2b8f6f1a10")
SEED = b"a seed of at least sixteen bytes"
NOW = 1_780_000_000.0
CONFIGURATION = (
    b'{"isLiveChat":false,"settings":{"hasMultipleThreadsPerEndUser":false,"features":{"securedSessions":false}}}'
)


def ready(*, policy: Policy = DEFAULT_POLICY) -> Session:
    """Return a session that is ready and has one open thread without messages."""
    session, event_id = recovering(policy=policy)
    session.handle(i.FrameReceived(socket=1, text=frames.thread_recovered(event_id, 0, 0)), now=NOW)
    assert session.state is ChatState.READY, session.state
    assert session.threads[frames.THREAD].state is ThreadState.OPEN
    return session


def recovering(*, policy: Policy = DEFAULT_POLICY) -> tuple[Session, str]:
    """Return a session that has asked for its thread, and the id that the answer must repeat."""
    session = Session(SITE, policy=policy, seed=SEED)
    waiting: deque[i.Input] = deque([i.Open(request=1)])
    event_id = ""
    while waiting:
        for command in session.handle(waiting.popleft(), now=NOW):
            if isinstance(command, c.SendFrame) and (asked := frames.asks_for_thread(command.text)):
                event_id = asked
            else:
                waiting.extend(_answer(command))
    assert event_id
    return session, event_id


def _answer(command: c.Command) -> list[i.Input]:
    match command:
        case c.SendRequest(id=id):
            return [i.ResponseReceived(id=id, status=200, body=CONFIGURATION)]
        case c.OpenSocket(socket=socket):
            return [i.SocketOpened(socket=socket)]
        case c.SendFrame(socket=socket, text=text):
            return [i.FrameReceived(socket=socket, text=answer) for answer in frames.answers(text)]
        case c.Save(id=id) | c.Forget(id=id):
            return [i.Saved(id=id)]
        case _:
            return []


def deliver(session: Session, texts: list[str]) -> None:
    """Hand in frames as an adapter does; each must give the app one event."""
    handle, received = session.handle, i.FrameReceived
    told = 0
    for text in texts:
        told += len(handle(received(socket=1, text=text), now=NOW))
    assert told == len(texts)
