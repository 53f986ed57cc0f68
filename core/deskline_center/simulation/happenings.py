"""What can happen in a world, step by step: the customer's app, the agents, and trouble."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from deskline_core import inputs as i
from deskline_core.lifecycle import MessageStatus
from deskline_core.model import Upload

from .. import controls as k
from .customer import Customer
from .parcels import FATES, Fate, Strike
from .plan import Step

__all__ = ["TROUBLES", "happen"]

_PICTURE: Final = Upload(name="mug.png", content=b"picture", mime_type="image/png")
_STATUSES: Final = (429, 429, 500, 502, 503, 503, 504, 408)
_HOLDS: Final = (0.2, 1.0, 3.0, 7.0, 12.0, 45.0)
_SHARES: Final[tuple[tuple[Fate, int], ...]] = (
    ("lose", 4), ("cut", 3), ("hold", 4), ("vanish", 2), ("fail", 3), ("repeat", 1),
)  # fmt: skip
_FATES: Final[tuple[Fate, ...]] = tuple(fate for fate, share in _SHARES for _ in range(share))
_KINDS: Final[Mapping[Fate, tuple[str, ...]]] = {
    fate: tuple(kind for kind, fates in FATES.items() if fate in fates) for fate, _ in _SHARES
}


def _thread(customer: Customer, pick: int) -> str:
    """Return a thread that the app knows, the newest mostly; or ""."""
    threads = list(customer.session.threads)
    if not threads:
        return ""
    return threads[-1] if pick % 4 else threads[(pick >> 2) % len(threads)]


# --- the app ---


def _say(customer: Customer, pick: int) -> None:
    thread = _thread(customer, pick)
    if thread and customer.session.threads[thread].state != "ended":
        customer.app.say(thread)
    else:
        customer.app.ask(i.StartThread, reuse=True)


def _files(customer: Customer, pick: int) -> None:
    thread = _thread(customer, pick)
    if thread:
        customer.app.say(thread, attachments=(_PICTURE,) * (1 + pick % 2))


_ASKED: Final[tuple[type[i.AppRequest], ...]] = (
    i.OpenThread, i.MarkRead, i.MarkRead, i.StartTyping, i.StartTyping, i.LoadMore, i.StopTyping,
)  # fmt: skip


def _ask(customer: Customer, pick: int) -> None:
    thread = _thread(customer, pick)
    if thread:
        customer.app.ask(_ASKED[(pick >> 8) % len(_ASKED)], thread=thread)


def _follow_up(customer: Customer, pick: int) -> None:
    """Ask what became of a message; send one again that failed, where the center knows it by its id."""
    app = customer.app
    sent = list(app.sent.values())[-6:]
    if not sent:
        return
    message = sent[pick % len(sent)]
    if message.status is MessageStatus.FAILED and customer.world.settings.drops_repeats:
        app.ask(i.RetryMessage, message=message.id)
    elif pick % 16 == 0 and message.status is MessageStatus.FAILED:
        app.ask(i.DiscardMessage, message=message.id)
    else:
        number = app.ask(i.AwaitSettled, message=message.id)
        if pick % 5 == 0 and number in app.asked:
            app.withdraw(number)


def _life(customer: Customer, pick: int) -> None:
    """Leave the user's sight and come back; disconnect; open again."""
    app = customer.app
    match pick % 8:
        case 0 | 1 | 2:
            app.is_hidden = True
            app.ask(i.EnterBackground)
            customer.world.after((0.0, 0.3, 5.0, 30.0)[(pick >> 4) % 4], _show, customer, customer.runs)
        case 3 | 4:
            for _ in range(3):
                app.ask(i.EnterBackground)
                app.ask(i.EnterActive)
            app.is_hidden = False
        case 5:
            app.ask(i.Disconnect)
        case 6:
            app.ask(i.AwaitReady)
        case _:
            app.ask(i.Open)


def _show(customer: Customer, run: int) -> None:
    if run == customer.runs:
        customer.app.is_hidden = False
        customer.app.ask(i.EnterActive)
        customer.app.look()


def _end(customer: Customer, pick: int) -> None:
    """The customer or the agent ends the conversation."""
    thread = _thread(customer, pick)
    if thread and pick & 256:
        customer.app.ask(i.EndThread, thread=thread)
    elif thread:
        customer.world.control(k.CloseContact(thread=thread))


# --- the agents ---


def _agent_says(customer: Customer, pick: int) -> None:
    world = customer.world
    known = list(customer.app.threads)
    thread = world.thread(known[-1] if pick % 4 else known[(pick >> 2) % len(known)]) if known else None
    if thread is None or thread.over or (thread.contact is not None and thread.contact.closed):
        return
    world.agent_said[thread.external_id] += 1
    text = f"a{customer.number}.{thread.external_id[:8]}.{world.agent_said[thread.external_id]}"
    world.control(k.AgentSays(thread=thread.external_id, text=text))
    world.figures.messages += 1


def _agent(customer: Customer, pick: int) -> None:
    thread = _thread(customer, pick)
    if thread:
        kind = (k.AgentJoins, k.AgentJoins, k.AgentLeaves, k.AgentTypes, k.AgentReads)[(pick >> 8) % 5]
        customer.world.control(kind(thread=thread))


# --- trouble ---


def _fault(customer: Customer, pick: int) -> None:
    """Let something happen to the next parcel of a kind."""
    fate = _FATES[pick % len(_FATES)]
    kinds = _KINDS[fate]
    if fate == "repeat" and not customer.world.settings.drops_repeats:
        return
    kinds = kinds if pick & (1 << 20) else (kinds[(pick >> 8) % len(kinds)],)
    amount = float(_STATUSES[(pick >> 12) % 8]) if fate == "fail" else _HOLDS[(pick >> 12) % len(_HOLDS)]
    customer.network.strikes.append(Strike(fate, kinds, amount, pick >> 16))


_REQUESTS: Final = {
    "cxone": (
        "SendMessage", "RecoverThread", "RecoverLivechat", "LoadMoreMessages", "AuthorizeCustomer", "rest:token",
        "rest:attachment", "rest:availability", "rest:channel", "rest:visitor", "handshake", "heartbeat",
    ),
    "bright-pattern": (
        "poll", "send", "history", "request-chat", "active-chat", "availability", "parameters", "upload",
    ),
}  # fmt: skip
_PUSHES: Final = {
    "cxone": ("MessageCreated", "ack", "ThreadRecovered", "CaseStatusChanged", "*"),
    "bright-pattern": ("chat_session_message", "chat_session_party_joined", "chat_session_status", "*"),
}


def _center_fault(customer: Customer, pick: int) -> None:
    """Let the center fail, delay or lose the answer to a request that it has."""
    world = customer.world
    names = _REQUESTS[world.settings.vendor]
    name = names[pick % len(names)]
    world.count("center fault")
    match (pick >> 8) % 4:
        case 0:
            world.control(k.Lose(match=name, done=bool(pick & 4096)))
        case 1 | 2:
            world.control(k.Delay(match=name, seconds=_HOLDS[(pick >> 12) % len(_HOLDS)]))
        case _:
            # a far side that denies what it has cannot be told from one that lost it: it fails for the moment
            code = "gateway" if world.settings.vendor == "cxone" and not name.startswith(("rest", "hand")) else ""
            world.control(k.Fail(match=name, code=code, status=503))


def _push_fault(customer: Customer, pick: int) -> None:
    """Let the center repeat, lose or hold back what it pushes."""
    world = customer.world
    names = _PUSHES[world.settings.vendor]
    name = names[pick % len(names)]
    world.count("push fault")
    match (pick >> 8) % 4:
        case 0 | 1:
            world.control(k.Repeat(match=name, copies=1 + pick % 2))
        case 2:
            world.is_lossy = True
            world.control(k.LosePush(match=name))
        case _:
            world.is_lossy = True
            world.control(k.Hold(match=name, seconds=_HOLDS[(pick >> 12) % 4]))


def _trouble(customer: Customer, pick: int) -> None:
    """Trouble that is not one parcel's."""
    kinds = list(TROUBLES)
    name = kinds[pick % len(kinds)]
    customer.world.count(name)
    TROUBLES[name](customer, pick >> 5)


def _cut(customer: Customer, _pick: int) -> None:
    customer.network.cut_all()


def _half_open(customer: Customer, _pick: int) -> None:
    if (line := customer.network.line) is not None:
        line.is_silent = True  # nothing more arrives, and nobody is told


def _outage(customer: Customer, pick: int) -> None:
    customer.network.is_up = False
    customer.network.cut_all()
    customer.world.after((1.0, 8.0, 25.0, 70.0)[pick % 4], _network_back, customer, customer.runs, bool(pick & 64))


def _network_back(customer: Customer, run: int, is_told: object) -> None:
    customer.network.is_up = True
    if is_told is True and run == customer.runs:
        customer.feed(i.NetworkReturned())


def _drop_sockets(customer: Customer, pick: int) -> None:
    customer.world.control(k.DropSockets(code=(None, 1000, 1001, 1011)[pick % 4]))


def _expire(customer: Customer, pick: int) -> None:
    settings = customer.world.settings
    kind: Any = ("" if settings.needs_login else "transaction", "transaction", "access", "access")[pick % 4]
    customer.world.control(k.ExpireTokens(kind=kind))


def _restart(customer: Customer, pick: int) -> None:
    """The center is started anew: whoever is connected is not, tokens for sockets are void, and nothing answers yet."""
    world = customer.world
    world.control(k.DropSockets())
    for other in world.customers:
        other.network.cut_all()
        other.network.is_up = False
        world.after((1.0, 4.0, 20.0)[pick % 3], _network_back, other, other.runs, False)
    world.control(k.ExpireTokens(kind="transaction"))


def _sleep(customer: Customer, pick: int) -> None:
    customer.sleep((30.0, 200.0, 3600.0, 20_000.0)[pick % 4])


def _clock(customer: Customer, pick: int) -> None:
    """The clock of the customer's machine is set."""
    customer.skew += (0.5, 30.0, 3600.0, -2.0)[pick % 4]
    customer.tick()


def _crash(customer: Customer, pick: int) -> None:
    """Kill the program behind so many commands."""
    if customer.is_running:
        customer.commands_left = pick % 12


def _slow_store(customer: Customer, pick: int) -> None:
    customer.slow_writes = 1 + pick % 2


def _full_disk(customer: Customer, pick: int) -> None:
    customer.store_fails = True
    customer.world.after((0.5, 3.0, 12.0)[pick % 3], _room_again, customer)


def _room_again(customer: Customer) -> None:
    customer.store_fails = False


TROUBLES: Final[dict[str, Callable[[Customer, int], None]]] = {
    "cut": _cut, "half open": _half_open, "outage": _outage, "sockets dropped": _drop_sockets, "expiry": _expire,
    "center restart": _restart, "sleep": _sleep, "clock jump": _clock, "kill": _crash, "slow store": _slow_store,
    "full disk": _full_disk,
}  # fmt: skip

_HAPPENINGS: Final[dict[str, Callable[[Customer, int], None]]] = {
    "say": _say, "files": _files, "ask": _ask, "follow up": _follow_up, "life": _life, "end": _end,
    "agent says": _agent_says, "agent": _agent, "fault": _fault, "center fault": _center_fault,
    "push fault": _push_fault, "trouble": _trouble,
}  # fmt: skip


_OF_PROGRAM: Final = frozenset({"say", "files", "ask", "follow up", "life"})


def happen(customer: Customer, step: Step) -> None:
    """Let a step happen to a customer, if it can now."""
    if step.what not in _OF_PROGRAM or (customer.is_running and not customer.asleep):
        _HAPPENINGS[step.what](customer, step.pick)
