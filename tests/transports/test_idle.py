"""A request that the far side holds costs nothing while it is held: no task of the client runs, no timer rings."""

import asyncio

import pytest
import trio

from deskline_transports.base import RestRequest
from tests.transports.peers import OnAsyncio, OnTrio, Runtime, peer
from tests.transports.test_held import EMPTY, Holding, events


class Steps(trio.abc.Instrument):
    """Counts how often any task or callback runs."""

    def __init__(self, runtime: Runtime, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        if isinstance(runtime, OnAsyncio):
            run = asyncio.Handle._run  # the one place that all callbacks go through

            def counted(handle: asyncio.Handle) -> None:
                self.count += 1
                run(handle)

            patch.setattr(asyncio.Handle, "_run", counted)

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        del task
        self.count += 1


@pytest.mark.parametrize("number", [0, 10])
def test_an_hour_of_waiting_wakes_nobody(runtime: Runtime, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    holding = Holding(number)
    steps = Steps(runtime, monkeypatch)
    with peer(*[holding] * number) as far:

        async def main() -> None:
            async with runtime.transport() as transport:

                async def hold() -> None:
                    request = RestRequest(method="GET", url=events(far), held=True)
                    assert (await transport.rest.send(request)).body == EMPTY

                async def wait() -> None:
                    await runtime.thread(holding.all_asked)
                    await runtime.sleep(1)
                    before, began = steps.count, runtime.now()
                    await runtime.sleep(3600)
                    assert runtime.now() - began >= 3600
                    # The sleeper's own: on asyncio its timer and its task.
                    assert steps.count - before == (1 if isinstance(runtime, OnTrio) else 2)
                    holding.answer.set()

                if isinstance(runtime, OnTrio):
                    trio.lowlevel.add_instrument(steps)
                await runtime.together(*[hold] * number, wait)

        runtime.run(main, virtual=True)
        far.done()
