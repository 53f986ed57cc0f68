"""A walk of chance: an app, a far side, a network and a store that do anything at any time, the same for each seed."""

import json
from collections.abc import Callable
from random import Random
from typing import Any, Literal

from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.cxone.asking import LACKING
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.cxone.line import ANSWERS
from deskline_core.model import OfferOutcome, Upload
from deskline_core.policy import Backoff, Policy
from deskline_core.values import Secret
from tests.core.cxone.alone import CONTACT, THREAD, Alone, Authentication, nothing_to_recover, recovered_thread
from tests.core.cxone.cxone_samples import samples
from tests.core.cxone.every_request import EVERYTHING, REQUESTS, right_fields
from tests.core.cxone.promises import keep_promises
from tests.core.spoiling import spoilt

WEIRD: list[Any] = [
    "nan", "inf", "-inf", "1e400", -1, 0, 0.001, 1e305, "1e305", None, [], {}, "", True, "x" * 3000, THREAD, CONTACT,
    "2026-05-28T20:26:40Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 10**30, 10**19, "closed",
    "removed", "STREAMED", "{{customer.firstName|x}}",
]  # fmt: skip
WALKED = [kind for kind in REQUESTS if kind not in LACKING]
PUSHES: list[Any] = [sample for sample in samples().values() if isinstance(sample, dict)]
MESSAGES: list[Any] = [
    sample["data"]["message"] for sample in PUSHES
    if isinstance(sample.get("data"), dict) and "messageContent" in (sample["data"].get("message") or {})
]  # fmt: skip
LINES = [
    'data: {"delta":{"content":"Hi"}}', "", 'data: {"delta":{"content":"Hi","finish_reason":"stop"}}', "data: nope",
]  # fmt: skip
RARE = {
    i.SignOut, i.Disconnect, i.SetCustomer, i.EndThread, i.LeaveThread, i.ArchiveThread, i.EnterBackground, i.Prepare,
}  # fmt: skip
AUTHENTICATIONS: tuple[Authentication, ...] = ("anonymous", "oauth", "cookie")
SENT: tuple[Literal["no", "maybe"], ...] = ("no", "maybe")
RESTING = (S.LOST, S.PREPARED, S.OFFLINE, S.INITIAL)
UNSETTLED = {"AwaitReady", "AwaitSettled", "StartThread"}
"""What may wait for ever: a chat that is ready, or news of a message, which only another connect can bring."""


class Walk:
    """One run. ``log`` is what was done, each with the words that came out."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        pick = self.chance.choice
        self.authentication = pick(AUTHENTICATIONS)
        self.is_hostile = pick((True, False))
        self.chat = Alone(
            pick(("single", "multi", "live")), secured=pick((True, False)), policy=self._policy(),
            authentication=self.authentication, settings=EVERYTHING,
        )  # fmt: skip
        self.log: list[tuple[str, list[str]]] = []

    def _policy(self) -> Policy:
        pick = self.chance.choice
        return Policy(
            attachment_failure=pick(("fail", "drop")), resend_uncertain=pick((True, False, False)),
            closed_case_ends_multi_thread=pick((True, False, False)), custom_events=pick(("rest", "socket")),
            rate_limit=pick(((100, 5.0), (3, 5.0))), threads=pick((200, 2)), history=pick((1000, 3)),
            outbox=pick((200, 4)), backoff=Backoff(attempts=pick((2, 20))), rest_attempts=pick((1, 4)),
            early_receipts=2, max_fields=pick((3, 200)),
        )  # fmt: skip

    def run(self, steps: int) -> "Walk":
        """Walk, then let all be silent: nothing may stay under way, and nobody may wait for it."""
        try:
            self.do("open", lambda: self.chat.ask(i.Open))
            self.usher()
            for _ in range(steps):
                self.step()
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
        keep_promises(self.chat.leaf)

    # --- one step ---

    def step(self) -> None:
        """Do one thing; where the chat rests, rather go on."""
        chance, chat = self.chance, self.chat
        if chat.state in RESTING and chance.random() < 0.3:
            self.open_again()
        elif chat.leaf.connection.is_connected and not chat.leaf.desk.is_talking and chance.random() < 0.3:
            self.do("start", lambda: chat.ask(i.StartThread))
        else:
            kinds = (self.ask, self.reply, self.save, self.traffic, self.close, self.pass_time)
            (kind,) = chance.choices(kinds, weights=(28, 22, 5, 35, 3, 7))
            kind()

    def open_again(self) -> None:
        """Log in where that is needed, and open."""
        if self.authentication == "oauth":
            login = self.chance.choice(({"code": Secret("cc")}, {"token": Secret("tt")}))
            self.do("login", lambda: self.chat.ask(i.Authenticate, **login))
        self.do("open", lambda: self.chat.ask(i.Open))
        if self.chat.state in RESTING:
            self.do("connect", lambda: self.chat.ask(i.Connect))
        if self.chance.random() < 0.8:
            self.usher()

    def usher(self) -> None:
        """Let all go well for a while."""
        chat = self.chat
        for _ in range(12):
            if chat.calls:
                chat.reply(chat.open_calls()[-1])
            chat.saved()
            if chat.leaf.line.socket and not chat.leaf.line.is_open:
                chat.opened()
            if chat.state is S.AUTHORIZING and chat.frames[-1][0] == "AuthorizeCustomer":
                data = {"accessToken": {"token": "T", "expiresIn": 3600}}
                chat.answer("AuthorizeCustomer", "ConsumerAuthorized", data)
            if chat.state is S.RECOVERING:
                nothing_to_recover(chat)

    def ask(self) -> None:
        """The app asks for anything, and may withdraw it."""
        kind = self.chance.choice(WALKED)
        if kind in RARE and self.chance.random() < 0.7:
            return
        fields = self.fields(kind)
        self.do(f"ask {kind.__name__} {fields}", lambda: self.chat.ask(kind, **fields))
        if self.chance.random() < 0.05:
            self.do("withdraw", lambda: self.chat.put(i.Withdraw(request=self.chat.asked)))

    def fields(self, kind: type[i.AppRequest]) -> dict[str, Any]:
        """Return fields that are likely to mean something."""
        chance, leaf = self.chance, self.chat.leaf
        fields = dict(right_fields(kind))
        threads, waiting = list(self.chat.session.threads), [outgoing.id for outgoing in leaf.delivery.outbox]
        if "thread" in fields and threads and chance.random() < 0.8:
            fields["thread"] = chance.choice(threads)
        if "message" in fields and waiting:
            fields["message"] = chance.choice(waiting)
        if kind is i.SendMessage and chance.random() < 0.3:
            names = [f"{number}.txt" for number in range(chance.randint(1, 2))]
            fields["attachments"] = tuple(Upload(name=name, content=b"abc", mime_type="text/plain") for name in names)
        if "fields" in fields:
            fields["fields"] = ((chance.choice("abc"), chance.choice("123")),)
        if kind is i.SetCustomer:
            fields["id"] = chance.choice("ab")
        if kind is i.RegisterDevice:
            fields["token"] = Secret(chance.choice("de"))
        if kind is i.ReportOffer:
            offers = list(leaf.offers._known) or [fields["offer"]]
            fields |= {"outcome": chance.choice(list(OfferOutcome)), "offer": chance.choice(offers)}
        return fields

    # --- REST, the store ---

    def reply(self) -> None:
        """A REST request is answered, refused, or fails; a stream goes on."""
        chat, chance = self.chat, self.chance
        if not chat.calls:
            return
        number = chance.choice(list(chat.calls))
        name = chat.name_of(chat.calls[number])
        if name == "GET stream" and chance.random() < 0.8:
            for line in (chance.choice(LINES), ""):
                self.do(f"line {line}", lambda line=line: chat.put(i.LineReceived(id=number, text=line)))  # type: ignore[misc]
            return
        del chat.calls[number]
        fate = chance.random()
        if fate < 0.1:
            sent = chance.choice(SENT)
            self.do(f"fail {name}", lambda: chat.put(i.RequestFailed(id=number, sent=sent, reason="x")))
            return
        status = chance.choice((503, 401, 404, 400)) if fate < 0.2 else 200
        body = {} if status != 200 else self.spoilt(self.body(name))
        text = b"" if body is None else json.dumps(body).encode()
        self.do(f"{status} {name}", lambda: chat.put(i.ResponseReceived(id=number, status=status, body=text)))

    def body(self, name: str) -> Any:
        """Return what a REST request may be answered with."""
        pick = self.chance.choice
        field = {"ident": "a", "value": "9", "updatedAt": "2026-05-28T20:26:40Z"}
        token = {"access_token": "A", "refresh_token": pick(("R", "")), "expires_in": pick((3600, 20, 0.001))}
        cut = {
            "id": "p1", "idOnExternalPlatform": "m1", "threadIdOnExternalPlatform": THREAD, "direction": "outbound",
            "createdAt": "2026-05-28T20:26:40+00:00", "messageContent": {"type": "TEXT", "payload": {"text": "whole"}},
        }  # fmt: skip
        bodies: dict[str, Any] = {
            "POST token": {
                "accessToken": "t", "expiresIn": pick((600, 5)), "thirdParty": token,
                "customerIdentity": {"idOnExternalPlatform": pick("ccd"), "customFields": [field]},
            },
            "GET availability": {"status": pick(("online", "online", "offline"))},
            "POST file": pick(({"fileUrl": "https://f.example/x"}, {"allowedFileSize": 1})),
            "GET message": cut,
            "GET menu": [{"label": "a", "postback": "b"}],
        }  # fmt: skip
        return bodies[name] if name in bodies else self.chat._usual(name)

    def spoilt(self, value: Any) -> Any:
        """Return what a hostile far side makes of an answer."""
        return spoilt(self.chance, value, WEIRD) if self.is_hostile else value

    def save(self) -> None:
        """The store answers."""
        self.do("saved", self.chat.saved)

    # --- the socket ---

    def traffic(self) -> None:
        """A socket that opens is open, or not; an open one brings answers and pushes."""
        chat, chance, line = self.chat, self.chance, self.chat.leaf.line
        if line.socket is None or line._pending_url is not None:
            return
        if not line.is_open:
            if chance.random() < 0.8:
                self.do("opened", chat.opened)
            else:
                status = chance.choice((401, None))
                self.do(f"refused {status}", lambda: chat.closed(status=status))
            return
        exchanges = list(line.exchanges.values())
        frame = self.answer(chance.choice(exchanges)) if exchanges and chance.random() < 0.75 else self.push()
        if frame is not None:
            self.do(f"hear {frame}", lambda: chat.hear(frame))

    def answer(self, exchange: Any) -> dict[str, Any]:
        """Return an answer to a request: an error, an acknowledgement, or what it asks for."""
        chance, id, fate = self.chance, exchange.event_id, self.chance.random()
        if fate < 0.15:
            code = chance.choice(("X", "RecoveringThreadFailed", "InconsistentData"))
            return {"eventId": id, "error": {"errorCode": code, "errorMessage": "no"}}
        if fate < 0.3 or exchange.kind not in ANSWERS:
            return {"eventId": id}
        data = self.data(exchange.kind, exchange.thread or THREAD)
        if "Recover" in exchange.kind or exchange.kind == "LoadMoreMessages":
            data |= self.messages("scrollToken" if exchange.kind == "LoadMoreMessages" else "messagesScrollToken")
        return {"eventId": id, "postback": {"eventType": ANSWERS[exchange.kind][0], "data": self.spoilt(data)}}

    def data(self, kind: str, thread: str) -> dict[str, Any]:
        """Return what a request is answered with."""
        pick = self.chance.choice
        listed = [
            {"id": "1", "idOnExternalPlatform": id, "canAddMoreMessages": True}
            for id in (THREAD, *self.chat.session.threads)
        ]
        customer = {"customFields": [{"ident": "a", "value": "8"}]}
        answers: dict[str, dict[str, Any]] = {
            "RecoverThread": recovered_thread(pick("12"), thread, customer=customer),
            "RecoverLivechat": recovered_thread("1", thread),
            "FetchThreadList": {"threads": listed},
            "AuthorizeCustomer": {
                "consumerIdentity": {"idOnExternalPlatform": "c"},
                "accessToken": {"token": "T", "expiresIn": pick((3600, 10, 0.001))},
            },
            "RefreshToken": {"accessToken": {"token": "T", "expiresIn": pick((30, 0.001))}},
            "GenerateAuthorizationToken": {"authorizationToken": {"token": "T"}},
            "JoinGroupChat": {"contact": {"id": "5", "threadIdOnExternalPlatform": "joined"}},
            "CreateInvitationToGroupChat": {"code": "Z"},
        }
        return answers.get(kind, {})

    def messages(self, scroll: str) -> dict[str, Any]:
        """Return a page of messages, now and then."""
        if self.chance.random() < 0.4:
            return {}
        page = [self.chance.choice(MESSAGES) for _ in range(self.chance.randint(1, 4))]
        return {"messages": page, scroll: self.chance.choice(("", "tok"))}

    def push(self) -> Any:
        """Return something that the far side tells by itself; rarely that it takes this version no more."""
        if self.chance.random() < 0.2:
            return self.spoilt(self.message())
        frame = self.chance.choice(PUSHES)
        if "SdkVersionNotSupported" in json.dumps(frame) and self.chance.random() < 0.9:
            return None
        return self.spoilt(self.ours(frame))

    def message(self) -> dict[str, Any]:
        """Return a message that comes in pieces, or the far side's copy of one of the customer's."""
        sent = [(outgoing.id, outgoing.thread, "inbound") for outgoing in self.chat.leaf.delivery.outbox]
        streamed = ("m2", self.chance.choice((THREAD, *self.chat.session.threads)), "outbound")
        id, thread, direction = self.chance.choice((streamed, *sent))
        content = {"type": "TEXT", "payload": {"text": "hello"}}
        if direction == "outbound":
            url = "https://stream.example.test/m/2"
            content = {"type": "STREAMED", "payload": {"protocol": "sse", "sourceUrl": url}}
        message = {
            "id": "p2", "idOnExternalPlatform": id, "threadIdOnExternalPlatform": thread, "direction": direction,
            "createdAt": "2026-05-28T20:26:41+00:00", "messageContent": content,
        }  # fmt: skip
        case = {"id": self.chance.choice("12"), "threadIdOnExternalPlatform": thread, "status": "open"}
        data = {"thread": {"idOnExternalPlatform": thread}, "case": case, "message": message}
        return {"eventId": "e-1", "eventType": "MessageCreated", "data": data}

    def ours(self, value: Any) -> Any:
        """Return a frame that is mostly about a thread of ours."""
        if isinstance(value, list):
            return [self.ours(part) for part in value]
        if not isinstance(value, dict):
            return value
        return {
            name: THREAD if name == "threadIdOnExternalPlatform" and self.chance.random() < 0.7 else self.ours(part)
            for name, part in value.items()
        }

    def close(self) -> None:
        """A socket is gone, maybe with frames that never left."""
        chat, line = self.chat, self.chat.leaf.line
        socket = line._draining or line.socket
        if socket is None or (socket == line.socket and line._pending_url is not None):
            return
        frames = [
            command.frame for command in chat.log if isinstance(command, c.SendFrame) and command.socket == socket
        ]
        unwritten = tuple(frames[-self.chance.randint(1, 3) :]) if self.chance.random() < 0.75 else ()
        code = self.chance.choice((1000, None, 1006))
        self.do(f"closed {code}", lambda: chat.closed(code, socket=socket, unwritten=unwritten))

    # --- time ---

    def pass_time(self) -> None:
        """Time passes, mostly with a far side that answers heartbeats."""
        seconds, answers = self.chance.choice((0.5, 1, 3, 6, 15, 40)), self.chance.random() < 0.95
        self.do(f"wait {seconds}", lambda: self._alive(seconds) if answers else self.chat.wait(seconds))

    def _alive(self, seconds: float) -> list[str]:
        chat = self.chat
        words, end, ticks = chat.saved(), chat.now + seconds, 0
        while (due := chat.session.next_deadline) is not None and due <= end:
            chat.now = max(chat.now, due)
            news = chat.put(i.Tick())
            words += news
            if "frame heartbeat" in news:
                chat.hear('{"eventId":"pong"}')
            ticks += 1
            assert ticks < 1000, "it spins"
        chat.now = end
        return words

    # --- the end ---

    def all_settled(self) -> None:
        """Whoever waits, waits for a chat that is ready, or for news of a message."""
        waiting = {self.chat._asked[request - 1] for request in self.chat.session.requests._open}
        assert waiting <= UNSETTLED, f"{waiting} in {self.chat.state}"

    def all_over(self) -> None:
        """Nothing is under way, and nothing will happen by itself."""
        leaf = self.chat.leaf
        under_way = [
            outgoing.status for outgoing in leaf.delivery.outbox if outgoing.status in ("sending", "uploading")
        ]
        assert (under_way, [*leaf.line.exchanges], [*leaf.calls._open], [*leaf.calls._resting]) == ([], [], [], [])
