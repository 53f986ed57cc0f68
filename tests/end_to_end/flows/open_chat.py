"""Open Chat: from prepared to ready (lifecycle reference, section 3.4)."""

from deskline import (
    AuthorizationFailed,
    Chat,
    ChatOffline,
    ConnectionLost,
    CustomerIdentified,
    MemoryStore,
    MessageReceived,
    ReauthenticationNeeded,
    VersionRefused,
)
from deskline_center.controls import Availability, Delay, DropSockets, ExpireTokens, Fail, IssueLogin, Lose, RunScript
from deskline_center.scripts import Say, Script, Wait
from deskline_core.errors import AddressBlocked
from tests.end_to_end.flows.places import ANYWHERE, LEGACY, LIVE, SECURED, CXonePlace
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("open chat")


@FLOW.scenario(on=ANYWHERE)
async def it_becomes_ready(play: Play) -> None:
    """The chat connects, is authorized, recovers what there was, and is ready."""
    async with play.chat() as chat:
        for state in ("preparing", "prepared", "connecting", "connected", "ready"):
            await play.becomes(state)
        await chat.ready()
        (socket,) = play.stage.overview()["sockets"]
        assert socket["authorized"]
        assert socket["secured"] is (play.place in SECURED)


@FLOW.scenario(on=(CXonePlace("single", "legacy"),), drawn=True)
async def authorized_on_the_socket(play: Play) -> None:
    """Without secured sessions the customer is authorized over the socket, once it is open."""
    async with play.chat(connect=False) as chat:
        await chat.prepare()
        play.stage.mark()
        await chat.connect()
        await play.becomes("ready")


@FLOW.scenario(on=(CXonePlace("live", "secured"),), drawn=True)
async def authorized_by_a_token(play: Play) -> None:
    """With secured sessions a token is fetched first and travels in the socket's address."""
    async with play.chat(connect=False) as chat:
        await chat.prepare()
        play.stage.mark()
        await chat.connect()
        await play.becomes("ready")


@FLOW.scenario(on=SECURED)
async def a_kept_token_is_used_again(play: Play) -> None:
    """A token that is still good is used for the next socket, also after a restart."""
    store = MemoryStore()
    async with play.ready(store=store):
        pass
    play.do(Fail(match="rest:token", status=500))
    async with play.ready(store=store) as chat:
        assert chat.state == "ready"
    assert play.stage.overview()["faults"] == 1


@FLOW.scenario("3.4 2E wrong state")
async def opening_what_is_open(play: Play) -> None:
    """Connecting a chat that is connected already changes nothing, whatever it has come to."""
    async with play.chat() as chat:
        for state in ("preparing", "prepared", "connecting", "connected", "ready"):
            await play.becomes(state)
            await chat.connect()
        assert len(play.stage.overview()["sockets"]) == 1


@FLOW.scenario("3.4 3E offline", on=LIVE, drawn=True, policy={"availability_age": 0.001})
async def nobody_is_available(play: Play) -> None:
    """A live chat that nobody serves does not connect; it asks again when the app does."""
    play.do(Availability(online=False))
    async with play.chat() as chat:
        with play.refused(ChatOffline):
            await chat.ready()
        await play.becomes("offline")
        assert play.stage.overview()["sockets"] == []
        play.do(Availability(online=True))
        await chat.connect()
        await chat.ready()


@FLOW.scenario("3.4 3E availability request failed", on=LIVE)
async def availability_is_not_to_be_had(play: Play) -> None:
    """Whether anyone is there cannot be found out: the chat asks again after a while, by itself."""
    play.do(Fail(match="rest:availability", status=500, times=4))
    async with play.chat() as chat:
        await play.becomes("connecting")
        await play.becomes("ready")
        await chat.ready()


@FLOW.scenario("3.4 5E token request failed", on=SECURED, drawn=True)
async def the_token_is_refused(play: Play) -> None:
    """The far side gives no token: the chat rests, and needs the customer to authenticate."""
    play.do(Fail(match="rest:token", status=401))
    async with play.chat() as chat:
        with play.refused(AuthorizationFailed):
            await chat.ready()
        await play.hears(ReauthenticationNeeded)
        assert play.stage.overview()["sockets"] == []


@FLOW.scenario("3.4 5E token request failed", on=(CXonePlace("single", "secured"),))
async def the_token_is_not_to_be_had(play: Play) -> None:
    """The token endpoint does not work: the first connect is not tried again by itself."""
    play.do(Fail(match="rest:token", status=500))
    async with play.chat() as chat:
        with play.refused(ConnectionLost):
            await chat.ready()
        with play.refused(ConnectionLost):
            await chat.ready()
        await chat.connect()
        await chat.ready()


@FLOW.scenario("3.4 5E token expired", on=(CXonePlace("live", "secured"),), drawn=True)
async def the_token_expires_while_connected(play: Play) -> None:
    """The socket is lost after the token has expired: reconnecting gets a new one."""
    async with play.ready() as chat:
        play.do(ExpireTokens())
        play.do(DropSockets())
        await play.becomes("connecting")
        await play.becomes("ready")
        await chat.ready()


OAUTH = {"authentication": "oauth", "logins": "issued", "message_proof": "required"}


async def log_in(play: Play, chat: Chat) -> None:
    """Log a customer in elsewhere, and hand the code to the chat."""
    issued = play.do(IssueLogin(channel=play.channel, customer="ada", verifier="v8c1"))
    await chat.authenticate(issued["code"], "v8c1")


@FLOW.scenario(on=ANYWHERE, settings=OAUTH)
async def with_a_login(play: Play) -> None:
    """The customer has logged in elsewhere: the code is exchanged, and the far side says who it is."""
    async with play.chat(connect=False) as chat:
        await log_in(play, chat)
        await chat.connect()
        assert (await play.hears(CustomerIdentified)).customer == "ada"
        await chat.ready()
        await play.says(await chat.thread(), "Where is order 4711?")


@FLOW.scenario("3.4 13 another code", on=(*LEGACY, *SECURED), settings=OAUTH, drawn=True)
async def a_login_is_asked_for(play: Play) -> None:
    """Without a login the chat rests, and asks for one; once it is given, it goes on connecting."""
    async with play.chat() as chat:
        await play.hears(ReauthenticationNeeded)
        with play.refused(AuthorizationFailed):
            await chat.ready()
        await log_in(play, chat)
        await chat.ready()


@FLOW.scenario("3.4 5E token expired", "3.4 13 another code", on=SECURED, settings=OAUTH, drawn=True)
async def the_login_has_expired(play: Play) -> None:
    """The login cannot be renewed when the chat has to reconnect: it asks for another one, and goes on with that."""
    async with play.chat(connect=False) as chat:
        await log_in(play, chat)
        await chat.connect()
        await chat.ready()
        play.begin(chat)
        play.do(ExpireTokens())
        play.do(DropSockets())
        await play.becomes("connecting")
        await play.hears(ReauthenticationNeeded)
        await log_in(play, chat)
        await chat.ready()


@FLOW.scenario(on=(*LEGACY, *SECURED), settings={**OAUTH, "access_token_lifetime": 6}, drawn=True)
async def the_login_is_renewed(play: Play) -> None:
    """The token of the messages ends amid the chat: it is renewed before that, and nobody notices."""
    async with play.chat(connect=False) as chat:
        await log_in(play, chat)
        await chat.connect()
        thread = await chat.thread()
        await play.says(thread, "Where is order 4711?")
        play.begin(chat)
        late = Script(name="slow", steps=(Wait(seconds=play.seconds(7.0)), Say(text="It left on Tuesday")))
        play.do(RunScript(script=late))
        await play.hears(MessageReceived)
        await play.says(thread, "Thank you")


@FLOW.scenario(
    "3.9 5E refresh refused",
    "3.4 13 another code",
    on=(*LEGACY, *SECURED),
    settings={**OAUTH, "access_token_lifetime": 6},
)
async def the_login_cannot_be_renewed(play: Play) -> None:
    """The token of the messages ends amid the chat and cannot be renewed: the chat asks for another login."""
    async with play.chat(connect=False) as chat:
        await log_in(play, chat)
        await chat.connect()
        thread = await chat.thread()
        await play.says(thread, "Where is order 4711?")
        play.do(ExpireTokens())
        await play.hears(ReauthenticationNeeded)
        message = await thread.send("Hello?")
        assert message.status == "queued"
        await log_in(play, chat)
        await chat.ready()
        assert await message.settled() == "delivered"


@FLOW.scenario("3.4 5E token request failed", on=SECURED, settings=OAUTH)
async def the_login_is_refused(play: Play) -> None:
    """The far side does not take the code: the chat asks for another one."""
    async with play.chat(connect=False) as chat:
        await chat.authenticate("a code that nobody issued", "v8c1")
        await chat.connect()
        await play.hears(ReauthenticationNeeded)
        with play.refused(AuthorizationFailed):
            await chat.ready()


@FLOW.scenario("3.4 10E no access token", on=LEGACY, settings={**OAUTH, "login_gives_token": False})
async def the_login_brings_no_token(play: Play) -> None:
    """The far side takes the login over the socket, and gives no token for the messages: that is no login."""
    async with play.chat(connect=False) as chat:
        await log_in(play, chat)
        await chat.connect()
        await play.hears(ReauthenticationNeeded)
        with play.refused(AuthorizationFailed):
            await chat.ready()


@FLOW.scenario("3.4 5E token request failed", on=SECURED)
async def the_address_is_blocked(play: Play) -> None:
    """The far side takes nothing from this address: that is told as such."""
    play.do(Fail(match="rest:token", status=403, code="ip_blocked"))
    async with play.chat() as chat:
        with play.refused(AddressBlocked):
            await chat.ready()


@FLOW.scenario("3.4 9E authorization refused", on=LEGACY, settings={"anonymous_access_token": True}, drawn=True)
async def the_kept_token_is_refused(play: Play) -> None:
    """The token of the last time is refused over the socket: it is dropped, and the customer authorized anew, once."""
    async with play.ready():
        play.do(ExpireTokens())
        play.do(DropSockets())
        await play.becomes("connecting")
        await play.becomes("ready")


@FLOW.scenario("3.4 7E socket", drawn=True)
async def the_socket_is_refused(play: Play) -> None:
    """The socket does not open: a first connect is not tried again by itself, and the app is told why."""
    play.do(Fail(match="handshake", status=503))
    async with play.chat() as chat:
        with play.refused(ConnectionLost):
            await chat.ready()
        await play.becomes("lost")
        await chat.connect()
        await chat.ready()


@FLOW.scenario(
    "3.4 7E socket", on=(CXonePlace("multi", "legacy"), CXonePlace("live", "legacy")), short={"connect_timeout": 0.5}
)
async def the_socket_never_opens(play: Play) -> None:
    """The handshake is not answered: it has its deadline."""
    play.do(Lose(match="handshake"))
    async with play.chat() as chat:
        with play.refused(ConnectionLost):
            await chat.ready()
        await play.becomes("lost")


@FLOW.scenario("3.4 7E socket", on=(CXonePlace("single", "legacy"), CXonePlace("single", "secured")))
async def the_socket_closes_at_once(play: Play) -> None:
    """The far side takes the socket and closes it before anything is said: the chat tries again."""
    play.do(Fail(match="handshake", status=4000))
    async with play.chat() as chat:
        for state in ("connected", "connecting", "ready"):
            await play.becomes(state)
        await chat.ready()


@FLOW.scenario("3.4 7E socket")
async def reconnecting_fails_until_it_does_not(play: Play) -> None:
    """After a loss the chat tries again and again, waiting longer each time."""
    async with play.ready() as chat:
        play.do(Fail(match="handshake", status=503, times=3))
        play.do(DropSockets())
        await play.becomes("connecting")
        await play.becomes("ready")
        await chat.ready()
    assert play.stage.overview()["faults"] == 0


@FLOW.scenario("3.4 9E authorization refused", on=LEGACY, drawn=True)
async def the_customer_is_refused(play: Play) -> None:
    """The far side does not authorize the customer: the socket is closed, and the app has to authenticate."""
    play.do(Fail(match="AuthorizeConsumer"))
    play.do(Fail(match="AuthorizeCustomer"))
    async with play.chat() as chat:
        with play.refused(AuthorizationFailed):
            await chat.ready()
        await play.hears(ReauthenticationNeeded)
        await play.until(lambda overview: overview["sockets"] == [])


@FLOW.scenario("3.4 9E authorization refused", short={"request_timeout": 3.0})
async def the_authorization_is_not_answered(play: Play) -> None:
    """No answer comes: the socket is closed, and the chat tries again after a while."""
    play.do(Lose(match="AuthorizeConsumer"))
    play.do(Lose(match="AuthorizeCustomer"))
    async with play.chat() as chat:
        for state in ("connected", "connecting", "ready"):
            await play.becomes(state)
        await chat.ready()


@FLOW.scenario(drawn=True, short={"heartbeat": 0.3, "heartbeat_answer": 3.0})
async def the_line_goes_dead(play: Play) -> None:
    """Nothing comes any more, not even the answer to a heartbeat: the loss is noticed and shown at once."""
    async with play.ready() as chat:
        play.do(Lose(match="heartbeat"))
        await play.becomes("connecting")
        await play.becomes("ready")
        await chat.ready()


@FLOW.scenario(on=LIVE)
async def the_version_is_refused_in_mid_session(play: Play) -> None:
    """The far side refuses this version in the middle of a chat: it is over for good."""
    async with play.ready() as chat:
        play.do(Fail(match="RecoverLivechat", code="SdkVersionNotSupported"))
        play.do(DropSockets())
        await play.becomes("unsupported")
        await chat.connect()
        with play.refused(VersionRefused):
            await chat.ready()


@FLOW.scenario(on=(CXonePlace("live", "legacy"),), waits=True)
async def slow_answers_are_waited_for(play: Play) -> None:
    """Everything takes its time, and the chat becomes ready all the same."""
    play.do(Delay(match="*", seconds=0.1, times=20))
    async with play.chat() as chat:
        await chat.ready()
