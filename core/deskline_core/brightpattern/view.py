"""What is known of one chat, and what an app may read of it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..cursor import Cursor
from ..history import History
from ..lifecycle import EndReason, ThreadState
from ..model import Form, Inactivity, Message, Party, PartyRole, QueuePosition, Stage
from .chat_table import LIVE, TERMINAL, ChatStage, project

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["View"]


class View:
    """What is known of one chat. Only the session changes it.

    ``chat_id`` is the far side's, by which the app knows it, too; ``word`` is the far side's last word for its state.
    ``is_loaded`` tells that what happened before we came is known, or that nothing did.
    """

    __slots__ = (
        "_chat", "_shown", "_stage", "case", "chat_id", "customer_ends", "first_wait", "forms", "had_agent",
        "has_older", "history", "inactivity", "is_cancelled", "is_loaded", "leaf", "parties_by_id", "queue", "reason",
        "text", "told", "typing", "word",
    )  # fmt: skip

    def __init__(self, chat: "BrightPatternChat") -> None:
        policy = chat.session.policy
        self._chat = chat
        self.leaf: str = ChatStage.IDLE
        self._shown = ThreadState.NONE
        self._stage: Stage | None = None
        self.chat_id = ""
        self.word = ""
        self.text = ""
        self.reason: EndReason | None = None
        self.history = History(policy.history, policy.remembered_ids)
        self.parties_by_id: dict[str, Party] = {}
        self.had_agent = False
        self.typing: Party | None = None
        self.queue: QueuePosition | None = None
        self.inactivity: Inactivity | None = None
        self.forms: tuple[Form, ...] = ()
        self.case = ""
        self.has_older = False
        self.is_cancelled = False
        self.is_loaded = True
        self.told: Cursor | None = None
        self.first_wait: float | None = None
        self.customer_ends = False

    # --- what an app may read (deskline_core.model.ThreadView) ---

    @property
    def id(self) -> str:
        """The chat's id."""
        return self.chat_id

    @property
    def state(self) -> ThreadState:
        """Where it stands, in the app's words."""
        return project(self.leaf)

    @property
    def name(self) -> str:
        """Chats have no names."""
        return ""

    @property
    def stage(self) -> Stage | None:
        """Who serves it."""
        return self._stage

    @property
    def parties(self) -> Sequence[Party]:
        """Who of the other side takes part, in the order they came."""
        return tuple(party for party in self.parties_by_id.values() if party.role is not PartyRole.CUSTOMER)

    @property
    def agent(self) -> Party | None:
        """The agent who came last."""
        agents = [party for party in self.parties_by_id.values() if party.role is PartyRole.AGENT]
        return agents[-1] if agents else None

    @property
    def fields(self) -> Mapping[str, str]:
        """Custom fields are given when it begins, and not read."""
        return {}

    @property
    def participants(self) -> Sequence[str]:
        """There are no other customers."""
        return ()

    @property
    def messages(self) -> Sequence[Message]:
        """What is known, oldest first; messages on their way out stand last until the far side has them."""
        outgoing = self._chat.delivery.outbox.of(self.chat_id) if self.chat_id else ()
        return (*self.history.messages, *(message.message for message in outgoing))

    @property
    def has_more(self) -> bool:
        """Whether its case has older conversations that were not read yet."""
        return self.has_older

    # --- for the session ---

    def revive(self, id: str, told: Cursor) -> None:
        """It was alive when an earlier run was left: what it has come to, its history tells."""
        self.chat_id, self.told, self.is_loaded = id, told, False
        self.leaf, self._shown = ChatStage.SCRIPTED, ThreadState.OPEN

    @property
    def is_idle(self) -> bool:
        """Whether it has not begun."""
        return self.leaf == ChatStage.IDLE

    @property
    def is_live(self) -> bool:
        """Whether the far side has it, as far as we know."""
        return self.leaf in LIVE

    @property
    def is_alive(self) -> bool:
        """As above, or it is being ended."""
        return self.leaf in LIVE or self.leaf == ChatStage.ENDING

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.leaf in TERMINAL
