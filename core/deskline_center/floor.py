"""The floor of the contact center: who is there, what waits, and the time."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from .controls import Control
from .deadlines import Deadlines
from .faults import Faults, PushFault, RequestFault
from .ids import Ids
from .inputs import RequestArrived, RequestGone
from .model import Agent, Channel, Contact, Customer, Popup, Thread
from .news import News
from .scripts import Script

if TYPE_CHECKING:
    from .operator import Operator

__all__ = ["AGENTS", "Floor", "Language"]

_MOST_CUSTOMERS: Final = 10_000
"""Each request for a token may make a new one; who only asked for it is nobody yet."""
AGENTS = (
    Agent(id=70112, first_name="Noor", surname="Haas"),
    Agent(id=70113, first_name="Ben", surname="Ito"),
    Agent(id=70199, first_name="Harbour", surname="Bot", nickname="Pilot", bot=True),
)


class Language(Protocol):
    """A vendor's wire language: it answers what clients of its channels send, and tells them what happens.

    ``controls`` are those that only this vendor has; the others are carried out on the floor, for all of them.
    """

    controls: Mapping[type[Control], Callable[["Operator", Any], dict[str, Any]]]

    def serves(self, path: str, /) -> bool:
        """Tell whether a REST request with that path is one of this vendor's clients."""
        ...

    def request(self, request: RequestArrived) -> None:
        """Answer a REST request, now or later."""
        ...

    def request_gone(self, gone: RequestGone) -> None:
        """Nobody waits any more for an answer."""
        ...

    def tell(self, news: News) -> None:
        """Let the clients know of a piece of news about one of this vendor's channels."""
        ...

    def overview(self) -> dict[str, Any]:
        """Return what this language adds to what an operator sees, as plain JSON values."""
        ...

    def message_id(self, thread: Thread, /) -> str:
        """Return the id of the next message that is sent without one."""
        ...

    def text(self, text: str) -> dict[str, Any]:
        """Return the content of a plain text message."""
        ...

    def attachment(self, channel: Channel, source: dict[str, Any], /) -> dict[str, Any] | None:
        """Return a file that an agent sends, as messages carry it; what it is given with is stored to be fetched.

        None is for what cannot be read.
        """
        ...

    def stream(self, contact: Contact, agent: Agent, pieces: tuple[str, ...], seconds: float, /) -> None:
        """Let an agent send a message that comes in pieces, one every ``seconds``."""
        ...

    def words(self, content: dict[str, Any]) -> str:
        """Return the text a person reads in a message content."""
        ...

    def ask(self, contact: Contact, popup: Popup) -> dict[str, Any]:
        """Ask whether the customer is still there; return what came of it, for the operator."""
        ...

    def dropped(self, thread: Thread, code: int | None, reason: str, /) -> int:
        """End every connection that waits for news of a thread; return how many there were."""
        ...


class Floor:
    """Everything a center knows and does, but for the wire. Times are UTC seconds.

    ``listeners`` are told each piece of news, in order; ``now`` is the time of the input that is being served.
    ``faults`` wait for requests, ``push_faults`` for what goes out, whatever the language.
    """

    def __init__(self, *, channels: Sequence[Channel], agents: Sequence[Agent], seed: str) -> None:
        self.now = 0.0
        self.ids = Ids(seed)
        self.deadlines = Deadlines()
        self.listeners: list[Callable[[News], None]] = []
        self.faults: Faults[RequestFault] = Faults()
        self.push_faults: Faults[PushFault] = Faults()
        self.languages: dict[type[Channel], Language] = {}
        self.channels = {channel.id: channel for channel in channels}
        self.online = {channel.id: channel.online for channel in channels}
        self.queues: dict[str, list[Contact]] = {channel.id: [] for channel in channels}
        self.agents = {agent.id: agent for agent in agents}
        self.agent_status: dict[int, Literal["online", "offline", "na"]] = {agent.id: "online" for agent in agents}
        self.scripts: dict[str, Script] = {}
        self.customers: dict[tuple[str, str], Customer] = {}
        self.threads: dict[tuple[str, str], Thread] = {}
        self.contacts: dict[str, Contact] = {}

    def tell(self, news: News) -> None:
        """Let everyone know who listens."""
        for listener in self.listeners:
            listener(news)

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Arrange a call ``seconds`` from now."""
        self.deadlines.at(self.now + max(0.0, seconds), call)

    def language(self, channel: Channel) -> Language:
        """Return the wire language of a channel."""
        return self.languages[type(channel)]

    def customer(self, channel: Channel, id: str) -> Customer:
        """Return the customer with this id, who is new if nobody knew the id."""
        key = channel.id, id
        if key not in self.customers:
            self._make_room()
            self.customers[key] = Customer(channel=channel, id=id)
        return self.customers[key]

    def _make_room(self) -> None:
        """Forget half of those who never wrote, the oldest, when there are too many customers."""
        if len(self.customers) < _MOST_CUSTOMERS:
            return
        writers = {id(person) for thread in self.threads.values() for person in thread.people}
        idle = [key for key, customer in self.customers.items() if id(customer) not in writers]
        for key in idle[: (len(idle) + 1) // 2]:
            del self.customers[key]

    def threads_of(self, customer: Customer) -> list[Thread]:
        """Return the threads a customer takes part in, the latest first."""
        return [thread for thread in self._latest_first() if customer in thread.people]

    def _latest_first(self) -> list[Thread]:
        """Return all threads; of those that changed at the same time the newer one comes first."""
        newest_first = list(self.threads.values())[::-1]
        return sorted(newest_first, key=lambda thread: -thread.updated_at)

    def thread(self, external_id: str, kind: type[Channel] = Channel) -> Thread | None:
        """Return the thread with the client's id, on a channel of that kind; without an id the latest that goes on."""
        found = [t for t in self._latest_first() if external_id in ("", t.external_id) and isinstance(t.channel, kind)]
        return next((thread for thread in found if not thread.over), found[0] if found else None)

    @property
    def agent(self) -> Agent:
        """The agent who serves when none is named."""
        return next(iter(self.agents.values()))

    @property
    def agents_online(self) -> bool:
        """Whether anyone could take a contact."""
        return "online" in self.agent_status.values()
