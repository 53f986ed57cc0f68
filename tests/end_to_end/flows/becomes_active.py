"""Application Becomes Active: the chat is prepared (lifecycle reference, section 3.1)."""

from deskline import ConnectionLost, IllegalState, MemoryStore, NotConnected, VersionRefused
from deskline_center.controls import Delay, Fail, Lose
from tests.end_to_end.flows.places import ANYWHERE
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("application becomes active")


@FLOW.scenario(on=ANYWHERE, drawn=True)
async def the_chat_is_prepared(play: Play) -> None:
    """The configuration is fetched and the visitor registered; no socket is opened."""
    async with play.chat(connect=False) as chat:
        await chat.prepare()
        await play.becomes("preparing")
        await play.becomes("prepared")
        assert play.visitor() == ["visitor"]
        assert play.stage.overview()["sockets"] == []
        await chat.view_page("Orders", "https://shop.example/orders")
        await play.until(lambda _: sorted(play.visitor()) == ["PageView", "VisitorVisit", "visitor"])


@FLOW.scenario()
async def the_visitor_is_known_again(play: Play) -> None:
    """Another start of the program registers the same visitor."""
    store = MemoryStore()
    for _ in range(2):
        async with play.chat(connect=False, store=store) as chat:
            await chat.prepare()
    assert play.visitor() == ["visitor", "visitor"]


@FLOW.scenario()
async def preparing_twice_is_once(play: Play) -> None:
    """Preparing while it is under way joins it; preparing again when prepared fetches the configuration anew."""
    async with play.chat(connect=False) as chat:
        await chat.prepare()
        await chat.prepare()
        assert play.visitor() == ["visitor", "visitor"]


@FLOW.scenario("3.1 2E wrong state")
async def prepared_already_and_more(play: Play) -> None:
    """Preparing a chat that is connected is refused, and changes nothing."""
    async with play.ready() as chat:
        with play.refused(IllegalState):
            await chat.prepare()


@FLOW.scenario("3.1 4E configuration", drawn=True)
async def the_configuration_is_not_to_be_had(play: Play) -> None:
    """The far side answers with errors: after some attempts preparing fails, and can be asked for again."""
    play.do(Fail(match="rest:channel", status=503, times=4))
    async with play.chat(connect=False) as chat:
        with play.refused(ConnectionLost):
            await chat.prepare()
        await play.becomes("initial")
    assert play.stage.overview()["faults"] == 0


@FLOW.scenario("3.1 4E configuration")
async def nobody_listens_there(play: Play) -> None:
    """There is no far side at all, or no network: as when it answers with errors."""
    async with play.chat(reachable=False) as chat:
        with play.refused(ConnectionLost):
            await chat.ready()
        with play.refused(NotConnected):
            await chat.ready()


@FLOW.scenario("3.1 4E configuration")
async def there_is_no_such_channel(play: Play) -> None:
    """What the far side refuses for good is not tried again."""
    play.do(Fail(match="rest:channel", status=404))
    async with play.chat() as chat:
        with play.refused(ConnectionLost):
            await chat.ready()


@FLOW.scenario("3.1 4E configuration", short={"rest_timeout": 0.5})
async def the_configuration_never_comes(play: Play) -> None:
    """No answer comes: each attempt has its deadline."""
    play.do(Delay(match="rest:channel", seconds=3600, times=9))
    async with play.chat() as chat:
        with play.refused(ConnectionLost):
            await chat.ready()


@FLOW.scenario("3.1 4E configuration")
async def the_configuration_is_unreadable(play: Play) -> None:
    """An answer that is no configuration is no different from an error."""
    play.do(Fail(match="rest:channel", status=200, times=4))
    async with play.chat() as chat:
        with play.refused(ConnectionLost):
            await chat.ready()


@FLOW.scenario("3.1 4E version refused", drawn=True)
async def the_version_is_refused_while_preparing(play: Play) -> None:
    """The far side does not serve this version any more: the chat is unsupported for good."""
    play.do(Fail(match="rest:channel", status=400, code="SdkVersionNotSupported"))
    async with play.chat() as chat:
        with play.refused(VersionRefused):
            await chat.ready()
        with play.refused(VersionRefused):
            await chat.prepare()


@FLOW.scenario("3.1 7E visitor", drawn=True)
async def the_visitor_is_not_registered(play: Play) -> None:
    """The visitor cannot be registered: preparing fails as a whole."""
    play.do(Fail(match="rest:visitor", status=500, times=4))
    async with play.chat(connect=False) as chat:
        with play.refused(ConnectionLost):
            await chat.prepare()


@FLOW.scenario()
async def one_answer_is_lost(play: Play) -> None:
    """A request whose connection breaks is tried again."""
    play.do(Lose(match="rest:channel"))
    play.do(Lose(match="rest:visitor"))
    async with play.chat(connect=False) as chat:
        await chat.prepare()
