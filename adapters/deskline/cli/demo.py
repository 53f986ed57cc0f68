"""``deskline demo``: a whole chat with a local center over real sockets, every step checked."""

import time
from functools import partial
from typing import Final

from deskline.center import Controls, serve
from deskline.cli import demo_bright_pattern, demo_cxone
from deskline.cli.runtimes import Runtime, runtime_named
from deskline.cli.stage import Missing, Play, Stage
from deskline.cli.terminal import say
from deskline_center.model import Mode
from deskline_core.policy import Backoff, Policy
from deskline_core.session import Site

__all__ = ["run"]

_PATIENCE: Final = 60.0  # seconds for the whole chat, which takes some three where nothing else runs
_POLICY: Final = Policy(backoff=Backoff(first=0.6, jitter=(0.0, 0.2)), typing_idle=1.0)


def run(runtime_name: str, vendor: str, mode: Mode, journal: str | None) -> int:
    """Hold the chat; return 0 only if every step of it happened. ``mode`` is for vendors whose channels differ so."""
    runtime = runtime_named(runtime_name)
    play = demo_cxone.play(mode) if vendor == "cxone" else demo_bright_pattern.play()
    began = time.monotonic()
    with serve(channels=(play.channel,), scripts=(play.script,)) as far_side:
        say(f"{play.title} on {runtime.name}, with a local center at {far_side.url}")
        site = play.site(far_side.url)
        return runtime.run(partial(_hold, runtime, site, play, far_side.control, journal, began))


async def _hold(runtime: Runtime, site: Site, play: Play, control: Controls, journal: str | None, began: float) -> int:
    async with runtime.host() as host, runtime.open_chat(site, policy=_POLICY, journal=journal) as chat:
        stage = Stage(chat, host, control, began)
        try:
            whole = await host.within(_PATIENCE, partial(play.story, stage))
        except Missing as missing:
            stage.failed(str(missing))
            whole = False
        await host.stop()
    if whole:
        await host.within(_PATIENCE, partial(stage.agrees, *play.closed))
    elapsed = time.monotonic() - began
    if stage.open:
        say(f"\nNot all went well: after {elapsed:.1f} s this did not happen: {stage.open}")
        return 1
    say(f"\nAll {len(stage.done)} steps happened, in {elapsed:.1f} s.")
    return 0
