"""What runs of the simulation came to, in numbers."""

from collections import Counter

__all__ = ["Figures"]


class Figures:
    """Counts over some worlds. ``seconds`` is simulated time, summed over the chats; ``broken`` counts by promise."""

    __slots__ = ("broken", "chats", "commands", "faults", "messages", "seconds", "worlds")

    def __init__(self, *, worlds: int = 0, chats: int = 0) -> None:
        self.worlds = worlds
        self.chats = chats
        self.messages = 0
        self.commands = 0
        self.seconds = 0.0
        self.faults: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()

    def add(self, other: "Figures") -> None:
        """Take others into these."""
        self.worlds += other.worlds
        self.chats += other.chats
        self.messages += other.messages
        self.commands += other.commands
        self.seconds += other.seconds
        self.faults += other.faults
        self.broken += other.broken

    @property
    def lost(self) -> int:
        """How many worlds lost a message."""
        return self.broken["nothing is lost"]

    @property
    def doubled(self) -> int:
        """How many worlds doubled one."""
        return self.broken["nothing is doubled"]

    @property
    def swapped(self) -> int:
        """How many worlds swapped two."""
        return self.broken["nothing is swapped"]
