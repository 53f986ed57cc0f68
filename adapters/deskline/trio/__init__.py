"""deskline on trio. See :func:`open_chat`."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from deskline.chat import Chat
from deskline.opening import Options, opened
from deskline.runner import Runner
from deskline.store import Store
from deskline_core.policy import DEFAULT_POLICY, Policy
from deskline_core.session import Site
from deskline_core.snapshot import Snapshot
from deskline_transports.base import Network, Transport

try:
    import trio

    from deskline.trio.host import TrioHost
    from deskline_transports.trio_websocket import TrioTransport
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        f"deskline.trio needs {missing.name}: pip install 'deskline[trio]'", name=missing.name
    ) from missing

__all__ = ["Chat", "Network", "Transport", "TrioTransport", "open_chat"]

# Ctrl-C must not come out in the middle of a step of the session; it then comes out at the block's next checkpoint.
trio.lowlevel.enable_ki_protection(Runner.feed)


@asynccontextmanager
async def open_chat(
    site: Site,
    *,
    store: str | Path | Store | None = None,
    tokens: str | Path | Store | None = None,
    profile: str = "",
    policy: Policy = DEFAULT_POLICY,
    network: Network | Transport | None = None,
    journal: str | Path | None = None,
    journal_texts: Literal["plain", "hashed"] = "plain",
    background: bool = False,
    connect: bool = True,
    clock: Callable[[], float] | None = None,
    seed: bytes | None = None,
    restored: Snapshot | None = None,
) -> AsyncGenerator[Chat]:
    """Open a chat for the block, and start to connect.

    The block is entered at once: what is asked waits for what it needs. Leaving it closes the socket in order,
    saves, and lets nothing run on; an exception of the block comes out as it is. What is in the outbox then is sent
    by the next run with the same store; without one, it never is: wait for
    :meth:`~deskline.thread.MessageHandle.settled` in the block.

    ``store`` is where the customer and what they wrote outlive the program: a path of an SQLite file that several
    chats may share, or any :class:`~deskline.store.Store`; None forgets it at the end. ``tokens`` is where tokens
    are kept: by default beside the file, in one of their own whose name ends in ``-tokens``, and in a store of the
    app's own together with all else. ``profile`` tells customers of one site in one file apart. ``network`` are
    settings, or a transport that the app shares between chats. ``journal`` is a file to record the chat into,
    without its secrets; with ``journal_texts="hashed"`` also without what people write. ``background`` opens it out
    of the user's sight, ``connect=False`` without starting to connect. ``clock`` returns UTC seconds, by default
    the machine's. ``seed`` is for simulation and replay only: by default it is fresh. ``restored`` is what
    :meth:`~deskline.chat.Chat.freeze` returned of a chat at the same site: this one goes on there, and a store
    forgets what it had before.

    Raises InvalidValue for a snapshot of another site, StorageFailed when the store cannot be used, StoreInUse when
    another chat has this customer's part of it, NotSupported for a network setting that cannot be kept, OSError
    when the journal cannot be opened.
    """
    options = Options(
        store=store,
        tokens=tokens,
        profile=profile,
        policy=policy,
        network=network,
        journal=journal,
        journal_texts=journal_texts,
        background=background,
        connect=connect,
        clock=clock,
        seed=seed,
        restored=restored,
    )
    async with opened(TrioHost(), TrioTransport, site, options) as chat:
        yield chat
