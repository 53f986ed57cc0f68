"""Opens one chat on one runtime, and closes it in order. Written once; a runtime brings its host and its transport."""

import logging
import os
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final, Literal

import msgspec

from deskline.chat import Chat
from deskline.clock import Clock
from deskline.host import Host
from deskline.journal_file import JournalFile
from deskline.runner import Runner
from deskline.saving import Apart
from deskline.store import SqliteStore, Store, TokenFile
from deskline_core.errors import InvalidValue, StorageFailed
from deskline_core.policy import DEFAULT_POLICY, Policy
from deskline_core.session import Session, Site
from deskline_core.snapshot import Snapshot
from deskline_transports.base import Network, Transport

__all__ = ["Options", "opened"]

_logger: Final = logging.getLogger("deskline.store")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a chat may be opened with; see ``open_chat``."""

    store: str | Path | Store | None = None
    tokens: str | Path | Store | None = None
    profile: str = ""
    policy: Policy = DEFAULT_POLICY
    network: Network | Transport | None = None
    journal: str | Path | None = None
    journal_texts: Literal["plain", "hashed"] = "plain"
    background: bool = False
    connect: bool = True
    clock: Callable[[], float] | None = None
    seed: bytes | None = None
    restored: Snapshot | None = None


@asynccontextmanager
async def opened(
    host: Host, make_transport: Callable[[Network], Transport], site: Site, options: Options
) -> AsyncGenerator[Chat]:
    """Open a chat for the block; leaving it disconnects, saves, and lets nothing run on."""
    if not hasattr(site, "attach"):
        raise InvalidValue(f"a chat needs a site, not {site!r:.100}", hint="such as CXone(...) or BrightPattern(...)")
    if not isinstance(options.policy, Policy):  # pyright: ignore[reportUnnecessaryIsInstance] - apps without types
        raise InvalidValue(f"policy must be a Policy, not {type(options.policy).__name__}")
    store = _store(host, site, options)
    runner: Runner | None = None
    journal: JournalFile | None = None
    # The transport goes last: its sockets must still be there when the chat is closed in order.
    async with _transport(options.network, make_transport) as transport, host:
        try:
            restored = await _restored(store, site, options.restored)
            seed = options.seed or secrets.token_bytes(32)
            durable = store is not None
            session = Session(site, policy=options.policy, seed=seed, restored=restored, durable=durable)
            journal = _journal(session, options)
            runner = Runner(
                session,
                host=host,
                clock=Clock(host.time, options.clock or time.time),
                transport=transport,
                store=store,
                journal=journal,
            )
            runner.begin(background=options.background, connect=options.connect)
            yield Chat(runner)
        finally:
            await host.shielded(partial(_close, host, options.policy, runner, store, journal))


@asynccontextmanager
async def _transport(
    network: Network | Transport | None, make: Callable[[Network], Transport]
) -> AsyncGenerator[Transport]:
    """Give the app's own transport, which stays open, or one for this chat alone."""
    if network is None or isinstance(network, Network):
        async with make(network or Network()) as own:
            yield own
    else:
        yield network


def _journal(session: Session, options: Options) -> JournalFile | None:
    if options.journal is None:
        return None
    from deskline_core.journal import Recorder  # noqa: PLC0415 # only who records pays for it

    return JournalFile(options.journal, Recorder(session, texts=options.journal_texts))


def _store(host: Host, site: Site, options: Options) -> Apart | None:
    store, tokens = options.store, options.tokens
    if store is None:
        if tokens is not None:
            raise InvalidValue(
                "tokens without a store would be of a customer whom the next run does not know",
                hint="give a store, too",
            )
        return None
    store = os.path.realpath(store) if isinstance(store, str | Path) else store
    tokens = os.path.realpath(tokens) if isinstance(tokens, str | Path) else tokens
    if tokens is None and isinstance(store, str):
        tokens = f"{store}-tokens"
    elif tokens == store:  # all in one; as two, each would take out what the other keeps
        tokens = None
    owner = f"{site.identity}/{options.profile}"
    if isinstance(store, str):
        store = SqliteStore(store, owner=owner, in_thread=host.in_thread)
    if isinstance(tokens, str):
        tokens = TokenFile(tokens, owner=owner, in_thread=host.in_thread)
    return Apart(store, tokens)


async def _restored(store: Apart | None, site: Site, snapshot: Snapshot | None) -> Mapping[str, str]:
    """Return what is kept; a snapshot takes the place of all of it."""
    records = None if snapshot is None else snapshot.records_for(site.identity)
    if store is None:
        return records or {}
    try:
        kept = await store.load()
        if records is not None:
            await store.replace(records)
    except StorageFailed:
        raise
    except Exception as error:
        raise StorageFailed(
            f"the store cannot be read: {type(error).__name__}",
            hint="without it the customer would be a new one; leave store out if that is wanted",
        ) from error
    return kept if records is None else records


async def _close(
    host: Host, policy: Policy, runner: Runner | None, store: Apart | None, journal: JournalFile | None
) -> None:
    async with AsyncExitStack() as rest:  # whatever fails, the others are closed
        if store is not None:
            rest.push_async_callback(_close_store, host, policy, store)
        if journal is not None:
            rest.callback(journal.close)
        if runner is not None:
            await runner.aclose()


async def _close_store(host: Host, policy: Policy, store: Apart) -> None:
    try:
        if not await host.within(policy.save_timeout, store.aclose):
            _logger.warning("the store was not closed within %s s", policy.save_timeout)
    except Exception as error:  # noqa: BLE001 # what it was given to keep, it has kept
        _logger.warning("the store was not closed in order: %s", type(error).__name__)
