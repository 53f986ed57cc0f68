"""Obeys what a session wants kept: one after another, gathered where it waits, tokens apart."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final, final

from deskline.host import Host
from deskline.store import Store
from deskline_core.commands import Forget, Save
from deskline_core.errors import StorageFailed
from deskline_core.inputs import Saved, SaveFailed
from deskline_core.records import is_secret

__all__ = ["Apart", "Saving"]

_TOGETHER: Final = 1000
"""So many commands at most become one write."""
_FAULTS_IN_A_ROW: Final = 2


@final
class _Known:
    """A store, and the keys under which it may hold something."""

    __slots__ = ("keys", "store")

    def __init__(self, store: Store) -> None:
        self.store = store
        self.keys: set[str] = set()

    async def load(self) -> Mapping[str, str]:
        kept = await self.store.load()
        self.keys.update(kept)
        return kept

    async def write(self, changes: Mapping[str, str | None]) -> None:
        needed = {key: value for key, value in changes.items() if value is not None or key in self.keys}
        if needed:
            self.keys.update(needed)  # a write that fails may have been one all the same
            await self.store.write(needed)
            self.keys.difference_update(key for key, value in needed.items() if value is None)


@final
class Apart:
    """Two stores as one: what is secret goes to ``tokens``, all else to ``plain``; without ``tokens`` all goes there.

    What stands in the wrong one, since an earlier version or an earlier run kept it there, is removed from it when it
    is kept anew. Tokens go first and come last: what fails between two writes never leaves them with another customer.
    """

    def __init__(self, plain: Store, tokens: Store | None = None) -> None:
        self._plain = _Known(plain)
        self._tokens = self._plain if tokens is None or tokens is plain else _Known(tokens)

    async def load(self) -> Mapping[str, str]:
        """Return all that is kept."""
        kept = dict(await self._plain.load())
        if self._tokens is not self._plain:
            kept.update(await self._loaded_tokens())
        return kept

    async def _loaded_tokens(self) -> Mapping[str, str]:
        try:
            return await self._tokens.load()
        except StorageFailed:
            raise
        except Exception as error:
            raise StorageFailed(
                f"the tokens cannot be read: {type(error).__name__}", hint="see to the keyring or store that has them"
            ) from error

    async def write(self, commands: Sequence[Save | Forget]) -> None:
        """Keep and remove as commands say of which all saves are secret, or none is."""
        changes: dict[str, str | None] = {}
        for command in commands:
            if isinstance(command, Save):
                changes[command.key] = command.value.reveal()
            else:
                changes.update(dict.fromkeys(command.keys))
        if self._tokens is self._plain:
            await self._plain.write(changes)
        elif any(isinstance(command, Save) and command.secret for command in commands):
            await self._tokens.write(changes)
            await self._plain.write(dict.fromkeys(changes))
        else:
            await self._tokens.write({key: None for key, value in changes.items() if value is None})
            await self._plain.write(changes)
            await self._tokens.write(dict.fromkeys(changes))

    async def replace(self, records: Mapping[str, str]) -> None:
        """Keep these, and nothing else."""
        secret: dict[str, str] = {}
        if self._tokens is not self._plain:
            secret = {key: value for key, value in records.items() if is_secret(key)}
            await self._tokens.write(dict.fromkeys(self._tokens.keys))
        plain = {key: value for key, value in records.items() if key not in secret}
        await self._plain.write(dict.fromkeys(self._plain.keys) | plain)
        await self._tokens.write(secret)

    async def aclose(self) -> None:
        """Close what is open."""
        try:
            if self._tokens is not self._plain:
                await self._tokens.store.aclose()
        finally:
            await self._plain.store.aclose()


@final
class Saving:
    """Writes what is to be kept, in the order of the commands, and reports each.

    What waits while a write is under way becomes the next one: many messages at once cost few writes. Where such a
    write fails, each command is tried alone, so that one that cannot be kept does not take others with it.
    """

    def __init__(self, store: Apart, *, host: Host, feed: Callable[[Saved | SaveFailed], None]) -> None:
        self._store = store
        self._host = host
        self._feed = feed
        self._waiting: deque[Save | Forget] = deque()
        self._is_running = False
        self._ended = host.signal()

    def keep(self, command: Save | Forget) -> None:
        """Obey a command after all earlier ones; feeds its report, never before this returns."""
        self._waiting.append(command)
        if not self._is_running:
            self._is_running = True
            self._host.spawn(self._run)

    async def all_kept(self) -> None:
        """Wait until nothing waits any more."""
        while self._is_running:
            await self._ended.wait()

    async def _run(self) -> None:
        """Lives only as long as there is something to write."""
        try:
            while self._waiting:
                together = self._gather()
                reports = await self._written(together)
                for report in reports:
                    self._feed(report)
        finally:
            self._is_running = False
            self._ended.set()

    def _gather(self) -> list[Save | Forget]:
        """Take those that become one write: all saves among them are secret, or none is."""
        together: list[Save | Forget] = []
        kinds: set[bool] = set()
        while self._waiting and len(together) < _TOGETHER:
            command = self._waiting[0]
            if isinstance(command, Save):
                kinds.add(command.secret)
            if len(kinds) > 1:
                break
            together.append(self._waiting.popleft())
        return together

    async def _written(self, together: list[Save | Forget]) -> list[Saved | SaveFailed]:
        fault = await self._fault(together)
        if not fault:
            return [Saved(id=command.id) for command in together]
        if len(together) == 1:
            return [SaveFailed(id=together[0].id, reason=fault)]
        return await self._one_by_one(together)

    async def _one_by_one(self, commands: list[Save | Forget]) -> list[Saved | SaveFailed]:
        """Find out which of them cannot be kept; where two in a row cannot, the rest is not tried: it is the store."""
        reports: list[Saved | SaveFailed] = []
        faults: list[str] = []
        for command in commands:
            if len(faults) < _FAULTS_IN_A_ROW:
                fault = await self._fault([command])
                faults = [*faults, fault] if fault else []
            reports.append(SaveFailed(id=command.id, reason=faults[-1]) if faults else Saved(id=command.id))
        return reports

    async def _fault(self, commands: list[Save | Forget]) -> str:
        """Write it; return what went wrong, or ""."""
        try:
            await self._store.write(commands)
        except StorageFailed as failed:
            return failed.message
        except Exception as error:  # noqa: BLE001 # whatever a store raises, the chat goes on
            return type(error).__name__
        return ""
