"""A walk of chance: an app, a far side, a network and a store that do anything at any time, the same for each seed."""

import json
from collections.abc import Callable
from random import Random
from typing import Any, Literal

from deskline_core import inputs as i
from deskline_core.model import PushNetwork, SignalKind, Upload
from deskline_core.policy import Backoff, Policy
from deskline_core.values import Secret
from tests.core.brightpattern.alone import AGENT, CHAT, POLL, SEND, SITE, V1, Alone, name_of
from tests.core.brightpattern.brightpattern_samples import CUSTOMER, samples
from tests.core.brightpattern.every_request import LACKING, REQUESTS, right_fields
from tests.core.brightpattern.promises import keep_promises
from tests.core.spoiling import spoilt

WEIRD: list[Any] = [
    "nan", "inf", "-inf", "1e400", -1, 0, 0.001, 1e305, "1e305", None, [], {}, "", True, "x" * 3000, CHAT, AGENT,
    "0001-01-01T00:00:00+14:00", 10**30, 10**19, "99999999999999999999", "completed", "failed", "chat_session_ended",
    "\u0000", "<br>" * 50, "/buttons [A][B]", [[]], {"event": "chat_session_message"},
]  # fmt: skip
WALKED = [kind for kind in REQUESTS if kind not in LACKING]
EVENTS: list[Any] = [
    message for name, message in samples().items()
    if name.startswith(("event.", "variant.")) and isinstance(message, dict) and "event" in message
]  # fmt: skip
LAST = ("ended", "timeout", "failed", "completed")
ERRORS: list[Any] = [message for name, message in samples().items() if name.startswith("error.")]
RARE = {i.SignOut, i.Disconnect, i.SetCustomer, i.EndThread, i.EnterBackground, i.Prepare, i.WrapUp}
SENT: tuple[Literal["no", "maybe"], ...] = ("no", "maybe")
RESTING = ("lost", "prepared", "offline", "initial")
UNSETTLED = {"AwaitReady", "AwaitSettled", "StartThread"}
"""What may wait for ever: a chat that is ready, or news of a message, which only another connect can bring."""


class Walk:
    """One run. ``log`` is what was done, each with the words that came out."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        pick = self.chance.choice
        self.is_hostile = pick((True, False))
        kept = {
            "identity": json.dumps(self.spoilt({"client_id": "c-1", "device_token": ""})),
            "chat": pick((CHAT, "", "\0")),
        }
        self.chat = Alone(site=pick((SITE, SITE, V1)), policy=self._policy(), restored=pick((None, None, kept)))
        self.log: list[tuple[str, list[str]]] = []

    def _policy(self) -> Policy:
        pick = self.chance.choice
        return Policy(
            attachment_failure=pick(("fail", "drop")), resend_uncertain=pick((True, False, False)),
            receipts=pick((True, True, False)), free_text_forms=pick(("both", "form", "message")),
            rate_limit=pick(((100, 5.0), (3, 5.0))), threads=pick((200, 2)), history=pick((1000, 3)),
            remembered_ids=pick((4000, 5)), outbox=pick((200, 4)), backoff=Backoff(attempts=pick((2, 20))),
            rest_attempts=pick((1, 4)), early_receipts=2, forms=pick((20, 1)), max_events=pick((10_000, 4)),
        )  # fmt: skip

    def run(self, steps: int) -> "Walk":
        """Walk, then let all be silent: nothing may stay under way, and nobody may wait for it."""
        try:
            self.do("open", lambda: self.chat.ask(i.Open))
            self.usher()
            for _ in range(steps):
                self.step()
            self.do("in sight", lambda: self.chat.ask(i.EnterActive))
            self.do("silence", lambda: self.chat.wait(600))
            self.all_settled()
            self.do("more silence", lambda: self.chat.wait(20_000))
            self.all_over()
        except BaseException as error:
            for what, words in self.log[-12:]:
                error.add_note(f"{what[:300]}\n    {words}")
            raise
        return self

    def do(self, what: str, act: Callable[[], list[str]]) -> None:
        """Do something, note it, and look whether all promises are kept."""
        self.log.append((what, []))
        self.log[-1][1].extend(act())
        keep_promises(self.chat)

    # --- one step ---

    def step(self) -> None:
        """Do one thing; where the chat rests, rather go on."""
        chance, chat = self.chance, self.chat
        if chat.leaf.connection.state in RESTING and chance.random() < 0.3:
            self.do("open", lambda: chat.ask(i.Open))
            self.do("in sight", lambda: chat.ask(i.EnterActive))
            self.usher()
        elif chat.leaf.connection.is_serving and not chat.leaf.desk.is_alive and chance.random() < 0.3:
            self.do("start", lambda: chat.ask(i.StartThread))
        else:
            kinds = (self.ask, self.reply, self.save, self.hear, self.pass_time)
            (kind,) = chance.choices(kinds, weights=(28, 30, 5, 30, 7))
            kind()

    def usher(self) -> None:
        """Let all go well for a while."""
        for _ in range(8):
            self.do("saved", self.chat.saved)
            for number, request in list(self.chat.calls.items()):
                if name_of(request) != POLL and number in self.chat.calls and self.chance.random() < 0.9:
                    self.answer(number, 200, self.body(name_of(request)))

    def ask(self) -> None:
        """The app asks for anything, and may withdraw it."""
        kind = self.chance.choice(WALKED)
        if kind in RARE and self.chance.random() < 0.7:
            return
        fields = self.fields(kind)
        self.do(f"ask {kind.__name__} {fields}", lambda: self.chat.ask(kind, **fields))
        if self.chance.random() < 0.05:
            self.do("withdraw", lambda: self.chat.withdraw(self.chat.asked))

    def fields(self, kind: type[i.AppRequest]) -> dict[str, Any]:
        """Return fields that are likely to mean something."""
        chance, leaf = self.chance, self.chat.leaf
        fields = dict(right_fields(kind))
        threads, current = list(self.chat.session.threads.values()), leaf.desk.current
        waiting = [outgoing.id for outgoing in leaf.delivery.outbox]
        known = [message.id for thread in threads for message in thread.messages]
        if "thread" in fields and threads and chance.random() < 0.9:
            fields["thread"] = (threads[-1] if chance.random() < 0.8 else chance.choice(threads)).id
        if "message" in fields and (waiting or known):
            fields["message"] = chance.choice(waiting or known)
        if "form" in fields and current.forms:
            fields["form"] = chance.choice(current.forms).id
        if "party" in fields and current.parties:
            fields["party"] = chance.choice(current.parties).id
        if kind is i.SendMessage and chance.random() < 0.3:
            names = [f"{number}.txt" for number in range(chance.randint(1, 2))]
            fields["attachments"] = tuple(Upload(name=name, content=b"abc", mime_type="text/plain") for name in names)
        return fields | self.variety(kind)

    def variety(self, kind: type[i.AppRequest]) -> dict[str, Any]:
        """Return other fields that are right, too."""
        chance, current = self.chance, self.chat.leaf.desk.current
        pushed = current.chat_id or CHAT
        ways: dict[type[i.AppRequest], dict[str, Any]] = {
            i.SetCustomer: {"id": chance.choice("ab")},
            i.RegisterDevice: {
                "token": Secret(chance.choice(("", "d", "e"))), "network": chance.choice(list(PushNetwork)), "app": "a",
            },
            i.SendSignal: {"kind": chance.choice(list(SignalKind)), "party": chance.choice(("", AGENT))},
            i.StartThread: {"reuse": chance.random() < 0.5},
            i.NotePush: {"conversation": chance.choice((pushed, pushed, CHAT, "elsewhere"))},
        }  # fmt: skip
        return ways.get(kind, {})

    # --- requests of the session, the store ---

    def reply(self) -> None:
        """A request is answered, refused, or fails; an upload goes on."""
        chat, chance = self.chat, self.chance
        if not chat.calls:
            return
        number = chance.choice(list(chat.calls))
        name = name_of(chat.calls[number])
        fate = chance.random()
        if fate < 0.05:
            told = i.RequestProgressed(id=number, sent=1, total=2)
            self.do(f"progress {name}", lambda: chat.put(told))
        elif fate < 0.15:
            del chat.calls[number]
            sent = chance.choice(SENT)
            self.do(f"fail {name}", lambda: chat.put(i.RequestFailed(id=number, sent=sent, reason="x")))
        elif fate < 0.25:
            error = self.spoilt(chance.choice(ERRORS))
            self.answer(number, chance.choice((503, 403, 404, 400, 406, 429, 500, 200)), error)
        elif fate < 0.3:
            self.answer(number, chance.choice((503, 404, 500, 429, 204)), None)
        else:
            self.answer(number, 200, self.spoilt(self.body(name)))

    def answer(self, number: int, status: int, body: Any) -> None:
        """Answer a request."""
        name = name_of(self.chat.calls.pop(number))
        text = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        if self.is_hostile and self.chance.random() < 0.02:
            text = text[: self.chance.randint(0, len(text))]
        self.do(
            f"{status} {name} {body}",
            lambda: self.chat.put(i.ResponseReceived(id=number, status=status, body=text)),
        )

    def body(self, name: str) -> Any:
        """Return what a request may be answered with."""
        pick, all_ = self.chance.choice, samples()
        older = {"sessions": [{"chat_id": pick(("o-1", CHAT)), "created_time": 1_770_000_000, "events": self.batch()}]}
        bodies: dict[str, Any] = {
            "GET parameters": all_["rest.parameters"],
            "GET availability": {"chat": pick(("available", "available", "available", "notAvailable"))},
            "GET active": {"chat_id": CHAT, "state": pick(("queued", "connected", "ivr"))},
            "POST chats": {
                "chat_id": pick((CHAT, CHAT, "c-2", "c-3")), "is_new_chat": pick((True, True, False)),
                "state": pick(("queued", "connected", "ivr", "connecting", "completed", "failed", "?")), "ewt": "5",
            },
            "POST files": {"file_id": pick("FG")},
            POLL: {"events": self.batch()},
            "GET history": {"events": self.batch()},
            SEND: pick((None, {"events": self.batch()})),
            "GET casehistory": older,
            "GET version": all_["rest.version"],
            "GET iceservers": pick((all_["rest.iceservers"], all_["rest.iceservers.encrypted"])),
            "GET configuration": all_["rest.configuration"],
        }  # fmt: skip
        return bodies.get(name, {})

    def spoilt(self, value: Any) -> Any:
        """Return what a hostile far side makes of an answer."""
        return spoilt(self.chance, value, WEIRD) if self.is_hostile else value

    def save(self) -> None:
        """The store answers."""
        self.do("saved", self.chat.saved)

    # --- what the far side tells ---

    def hear(self) -> None:
        """The open poll brings something."""
        number = next((number for number, request in self.chat.calls.items() if name_of(request) == POLL), None)
        if number is not None:
            self.answer(number, 200, self.spoilt({"events": self.batch()}))

    def batch(self) -> list[Any]:
        """Return a few events, and sometimes copies of what the customer sent."""
        events = [self.event() for _ in range(self.chance.choice((0, 1, 1, 1, 2, 3)))]
        if self.chance.random() < 0.1:
            events += events[:1]
        return events

    def event(self) -> Any:
        """Return an event that is mostly about the living chat; rarely one that ends it."""
        chance, current = self.chance, self.chat.leaf.desk.current
        own = [outgoing.id for outgoing in self.chat.leaf.delivery.outbox] + [m.id for m in current.messages if m.mine]
        if own and chance.random() < 0.2:
            ref = chance.choice(own)
            return chance.choice(
                (
                    {"event": "chat_session_message", "msg_id": ref, "msg": "mine", "party_id": current.chat_id},
                    {"event": "chat_session_message_delivered", "ref_msg_id": ref, "party_id": AGENT},
                    {"event": "chat_session_message_read", "ref_msg_id": ref, "party_id": AGENT},
                )
            )
        event = chance.choice(EVENTS)
        if any(word in json.dumps(event) for word in LAST) and chance.random() < 0.8:
            return {
                "event": "chat_session_message",
                "msg_id": str(chance.randint(0, 50)),
                "msg": "x",
                "party_id": AGENT,
            }
        return {name: current.chat_id if value == CUSTOMER else value for name, value in event.items()}

    # --- time ---

    def pass_time(self) -> None:
        """Time passes."""
        seconds = self.chance.choice((0.5, 1, 3, 6, 15, 40))
        self.do(f"wait {seconds}", lambda: self.chat.wait(seconds))

    # --- the end ---

    def all_settled(self) -> None:
        """Whoever waits, waits for a chat that is ready, or for news of a message."""
        waiting = {self.chat._asked[request - 1] for request in self.chat.session.requests._open}
        assert waiting <= UNSETTLED, f"{waiting} in {self.chat.leaf.connection.state}"

    def all_over(self) -> None:
        """Nothing is under way, and nothing will happen by itself."""
        leaf = self.chat.leaf
        under_way = [
            outgoing.status for outgoing in leaf.delivery.outbox if outgoing.status in ("sending", "uploading")
        ]
        assert (under_way, [*leaf.calls._open], [*leaf.calls._resting]) == ([], [], [])
        assert self.chat.session.next_deadline is None
