"""One socket of a chat: what is told of the frames that were not written is the truth."""

from typing import Any

from deskline.asyncio.host import AsyncioHost
from deskline.host import Host
from deskline.links import Link
from deskline.trio.host import TrioHost
from deskline_core.commands import CloseSocket, OpenSocket, SendFrame
from deskline_core.errors import SocketEnded
from deskline_core.inputs import SocketClosed
from deskline_core.values import Secret
from deskline_transports.runtime import Bell
from tests.contract.kits import Kit, on_both


class LateReader:
    """A transport and its socket: the far side goes away at a frame, and the reader learns of it when told to."""

    def __init__(self, lost_at: str = "", *, written: bool = True) -> None:
        self.tried: list[str] = []
        self._lost_at = lost_at
        self._written = written
        self._ended = False
        self._bell = Bell()

    async def open_socket(self, _url: str) -> "LateReader":
        return self

    async def send(self, text: str) -> None:
        self.tried.append(text)
        if text == self._lost_at:
            raise SocketEnded("lost", close_code=None, written=self._written)

    async def receive(self) -> str:
        while not self._ended:
            await self._bell.wait()
        raise SocketEnded("lost", close_code=None)

    async def aclose(self, *_args: object) -> None:
        self.learn()

    def learn(self) -> None:
        self._ended = True
        self._bell.ring()


class Scene:
    """A link over such a transport."""

    def __init__(self, host: Host, transport: Any) -> None:
        self.reports: list[SocketClosed] = []
        self.link = Link(
            OpenSocket(socket=7, url=Secret("wss://chat.example/"), deadline=10.0),
            transport=transport,
            host=host,
            feed=lambda _: None,
            report=self.reports.append,
            close_timeout=2.0,
        )

    def send(self, *frames: int) -> None:
        for frame in frames:
            self.link.send(SendFrame(socket=7, frame=frame, text=f"frame {frame}"))

    @property
    def unwritten(self) -> tuple[int, ...]:
        (report,) = self.reports
        return report.unwritten


def host(kit: Kit) -> Any:
    return TrioHost() if kit.name == "trio" else AsyncioHost()


@on_both
async def test_a_frame_is_in_doubt_only_when_something_of_it_may_have_been_written(kit: Kit) -> None:
    for written, unwritten in ((True, (3,)), (False, (2, 3))):
        transport = LateReader("frame 2", written=written)
        async with host(kit) as h:
            scene = Scene(h, transport)
            scene.send(1, 2, 3)
            await kit.settle()
            transport.learn()
            await kit.settle()
            assert scene.unwritten == unwritten


@on_both
async def test_frames_between_the_loss_and_its_report_are_not_tried_and_reported(kit: Kit) -> None:
    transport = LateReader("frame 1")
    async with host(kit) as h:
        scene = Scene(h, transport)
        scene.send(1)
        await kit.settle()
        scene.send(2)
        await kit.settle()
        scene.send(3)
        transport.learn()
        await kit.settle()
        assert scene.unwritten == (2, 3)
        assert transport.tried == ["frame 1"]


@on_both
async def test_a_close_does_not_wait_for_frames_that_cannot_be_written(kit: Kit) -> None:
    transport = LateReader("frame 1")
    async with host(kit) as h:
        scene = Scene(h, transport)
        await kit.settle()
        scene.send(1, 2)
        began = kit.now()
        scene.link.close(CloseSocket(socket=7))
        await kit.settle()
        assert scene.unwritten == (2,)
        assert kit.now() - began < 1
