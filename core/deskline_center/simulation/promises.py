"""What the simulation promises, as it is broken: the name of the promise, and a sentence."""

from typing import Final

__all__ = ["PROMISES", "Broken"]

PROMISES: Final = (
    "nothing is lost",
    "nothing is doubled",
    "nothing is swapped",
    "every wait ends",
    "the state converges with the center's",
    "ended stays ended",
    "at most one socket per session",
    "at most one poll at a time",
    "a request is settled once",
    "the rank of a message only rises",
    "memory stays within the policy",
    "no busy loop",
    "the same seed gives the same commands",
)
"""All promises, by name."""


class Broken(Exception):
    """A promise is broken: ``promise`` is its name, ``says`` how, and ``customer`` to whom."""

    def __init__(self, promise: str, says: str, customer: int = 0) -> None:
        super().__init__(f"{promise}: {says}")
        self.promise = promise
        self.says = says
        self.customer = customer
