"""What a visitor knows of a thread, and how that compares with what the center knows of it."""

from typing import Any

import msgspec

__all__ = ["Account", "Audit"]

_MOST = 20


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One thread, when its visitor has done with it.

    ``arrived`` are the ids of what the app was told has arrived without any doubt, in the order in which it was sent;
    ``doubtful`` of what was reported as failed or uncertain at some time, and of those ``missing`` are the ones that
    stayed so. ``heard`` are the agent's answers in the order in which the app was told of them: each one arrived is
    answered, and nobody rests before that. Both may go on in a later chat.
    """

    thread: str
    arrived: tuple[str, ...]
    doubtful: tuple[str, ...]
    missing: tuple[str, ...]
    heard: tuple[str, ...]


class Audit(msgspec.Struct, kw_only=True):
    """How often both ends disagree, over all threads, with the first few in words."""

    threads: int = 0
    sent: int = 0
    heard: int = 0
    doubtful: int = 0
    missing: int = 0
    again: int = 0
    """How many are there twice that were reported as failed and sent again, while the first one was still under way."""
    lost: int = 0
    doubled: int = 0
    swapped: int = 0
    problems: list[str] = []

    def compare(self, accounts: list[Account], threads: dict[str, dict[str, Any]]) -> None:
        """Compare each account with its thread at the center."""
        for account in accounts:
            self._compare(account, threads.get(account.thread, {"messages": []})["messages"])

    def _compare(self, account: Account, messages: list[dict[str, Any]]) -> None:
        self.threads += 1
        self.sent += len(account.arrived) + len(account.doubtful)
        self.heard += len(account.heard)
        self.doubtful += len(account.doubtful)
        self.missing += len(account.missing)
        known, sure = {*account.arrived, *account.doubtful}, set(account.arrived)
        far = [each["message"] for each in messages if each["direction"] == "inbound" and each["message"] in known]
        said = [_text(each["content"]) for each in messages if each["direction"] == "outbound"]
        lost = len(known - set(far) - set(account.missing))
        again = [each for each in account.doubtful if far.count(each) > 1]
        doubled = len([each for each in sure if far.count(each) > 1]) + _repeated(account.heard, said)
        swapped = int([each for each in far if each in sure] != list(account.arrived)) if not lost + doubled else 0
        first = [text for at, text in enumerate(said) if text not in said[:at]]
        heard = [text for at, text in enumerate(account.heard) if text not in account.heard[:at]]
        swapped += [text for text in first if text in heard] != heard
        self.again += len(again)
        self.lost, self.doubled, self.swapped = self.lost + lost, self.doubled + doubled, self.swapped + swapped
        if (lost or doubled or swapped) and len(self.problems) < _MOST:
            told = f"in {account.thread} lost {lost}, doubled {doubled}, swapped {swapped}"
            twice = [each for each in {*far, *account.heard} if far.count(each) + account.heard.count(each) > 1]
            self.problems.append(f"{told}: {_apart(account.arrived, far)}; {_apart(account.heard, said)}; {twice}")


def _repeated(heard: tuple[str, ...], said: list[str]) -> int:
    """Return how much was heard more often than it was said."""
    return sum(max(heard.count(text) - said.count(text), 0) for text in {*heard})


def _apart(near: tuple[str, ...], far: list[str]) -> str:
    """Return both lists from where they differ on, of what both have."""
    ours, theirs = [each for each in near if each in far], [each for each in far if each in near]
    first = next((at for at, both in enumerate(zip(ours, theirs, strict=False)) if both[0] != both[1]), None)
    return "the same" if first is None and len(ours) == len(theirs) else f"{ours[first:][:5]} for {theirs[first:][:5]}"


def _text(content: dict[str, Any]) -> str:
    """Return the text of a message as it travels with either vendor. Those of the soak are all different."""
    text: str = content.get("text") or content.get("msg_text") or ""
    return text
