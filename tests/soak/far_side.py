"""The far side of the soak, a process of its own: a center whose agents answer, behind a proxy with weather.

``SEED SHARE`` are its arguments, those of the weather. It prints its URL, and obeys lines of JSON on its standard
input, each with one line in return: ``{"weather": true}``, ``{"account": {...}}`` (what a visitor knows of a thread,
nothing in return), ``{"audit": true}`` compares all accounts with what the center knows.
"""

import asyncio
import logging
import sys
from contextlib import suppress
from typing import Any

import msgspec

from deskline.center import CenterServer, FaultProxy, RunningCenter
from deskline_center import Script
from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.cxone import default_channels
from deskline_center.scripts import Again, Expect, Join, Read, Say
from tests.benchmarks.poll_peer import raise_file_limit
from tests.soak.accounts import Account, Audit
from tests.soak.weather import Weather

ANSWERING = Script(name="answering", steps=(Join(), Expect(), Read(), Say(text="You wrote: {heard}"), Again(step=1)))
HOLD = 4.0


class FarSide:
    """The center, its weather, and the accounts that wait to be compared."""

    def __init__(self, center: RunningCenter, weather: Weather) -> None:
        self._center = center
        self._weather = weather
        self._accounts: list[Account] = []
        self._audit = Audit()

    def obey(self, order: dict[str, Any]) -> Any:
        """Carry out one order; return what is to be said to it, None for nothing."""
        match order:
            case {"account": account}:
                self._accounts.append(msgspec.convert(account, Account))
                return None
            case {"weather": bad}:
                self._weather.bad = bool(bad)
                return {"struck": dict(self._weather.struck)}
            case _:
                return None

    async def audit(self) -> Any:
        """Compare what was accounted for since the last time."""
        overview = await self._center.control.aoverview()
        accounts, self._accounts = self._accounts, []
        self._audit.compare(accounts, {each["thread"]: each for each in overview["threads"]})
        return self._audit


async def main(seed: int, share: float) -> None:
    """Serve until the standard input ends."""
    raise_file_limit()
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it tells when a server writes to a line that has just broken
    proxy = FaultProxy()
    channels = (
        *default_channels(script="answering"),
        BrightPatternChannel(
            id="harbour-chat",
            mode="live",
            greeting="",
            hold=HOLD,
            script="answering",
            inactivity=None,
            unresponsive=None,
        ),
    )
    async with CenterServer(channels=channels, scripts=(ANSWERING,), proxy=proxy) as center:
        weather = Weather(proxy, seed=seed, share=share)
        blowing = asyncio.create_task(weather.run())
        far = FarSide(center, weather)
        _say({"url": center.url})
        while line := await asyncio.to_thread(sys.stdin.readline):
            order = msgspec.json.decode(line)
            answer = await far.audit() if "audit" in order else far.obey(order)
            if answer is not None:
                _say(answer)
        blowing.cancel()
        with suppress(asyncio.CancelledError):
            await blowing


def _say(value: object) -> None:
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
