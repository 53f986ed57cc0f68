"""The handle of a chat: what an app reads of it and asks of it."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar, cast, final
from weakref import WeakValueDictionary

from deskline.host import require_here
from deskline.listeners import DEFAULT_LIMIT, Events
from deskline.runner import Runner
from deskline.thread import MessageHandle, Thread
from deskline_core.errors import ChatClosed, IllegalState, InvalidValue
from deskline_core.inputs import (
    Authenticate,
    AwaitReady,
    CheckAvailability,
    Disconnect,
    EnterActive,
    EnterBackground,
    ExecuteTrigger,
    FetchConfiguration,
    FetchIceServers,
    FetchMenu,
    FetchVersion,
    JoinThread,
    LeavePage,
    NetworkReturned,
    NotePush,
    Open,
    Prepare,
    RegisterDevice,
    ReportConversion,
    ReportOffer,
    ReportVisitorEvent,
    ReportWindowOpened,
    SendOfflineMessage,
    SetCustomer,
    SetCustomerFields,
    SignOut,
    StartThread,
    ViewPage,
)
from deskline_core.lifecycle import ChatState
from deskline_core.model import (
    Availability,
    Choice,
    FileLimits,
    IceServer,
    Offer,
    OfferOutcome,
    PushNetwork,
    Question,
)
from deskline_core.snapshot import Snapshot
from deskline_core.values import Secret, reveal

__all__ = ["Answers", "Chat"]

Answers = Mapping[str, str] | Sequence[tuple[str, str]]
"""The answers to a site's questions: values by question id."""

E = TypeVar("E")


@final
class Chat:
    """One customer's chat with one site, open for the length of its ``async with`` block.

    It belongs to the loop and the thread in which it was opened; calls from elsewhere raise IllegalState. Every method
    that asks may raise an exception of the tree in :mod:`deskline_core.errors`, and ChatClosed once the block is left.
    Cancelling a call withdraws what it asked for.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._handles: WeakValueDictionary[str, Thread] = WeakValueDictionary()

    def __repr__(self) -> str:
        return f"<Chat {self.state}>"

    # --- what it shows ---

    @property
    def state(self) -> ChatState:
        """Where the chat stands."""
        return self._runner.session.state

    @property
    def questions(self) -> Sequence[Question]:
        """The survey that the site asks before a thread; known once the chat is prepared."""
        return self._runner.session.questions

    @property
    def customer_questions(self) -> Sequence[Question]:
        """The custom fields of a customer that the site defines; known once prepared. Others may be set, too."""
        return self._runner.session.customer_questions

    @property
    def thread_questions(self) -> Sequence[Question]:
        """The custom fields of a conversation that the site defines; known once prepared. Others may be set, too."""
        return self._runner.session.thread_questions

    @property
    def file_limits(self) -> FileLimits | None:
        """Which files the site takes with a message; None until the chat is prepared."""
        return self._runner.session.file_limits

    @property
    def fields(self) -> Mapping[str, str]:
        """The custom fields of the customer that are known, by id."""
        return self._runner.session.customer_fields

    @property
    def capabilities(self) -> frozenset[str]:
        """What this site can do, as names of requests; the rest raises NotSupported."""
        return self._runner.session.capabilities

    @property
    def threads(self) -> tuple[Thread, ...]:
        """All threads that are known, oldest first."""
        return tuple(self._handle(id) for id in self._runner.session.threads)

    @property
    def outbox(self) -> tuple[MessageHandle, ...]:
        """The messages that the far side is not known to have, in the order they go: queued, in doubt, failed.

        With a store, also those of earlier runs, and also those whose thread is not there any more.
        """
        session = self._runner.session
        return tuple(
            MessageHandle(
                self._runner, self._handle(message.thread) if message.thread in session.threads else None, message.id
            )
            for message in session.outbox
        )

    def events(self, *, limit: int = DEFAULT_LIMIT) -> Events:
        """Return an iterator over what happens from now on; each listener has its own and sees everything.

        It is let go of when nobody holds it. At most ``limit`` events wait in it, see :class:`Events`.
        """
        require_here(self._runner.host)
        return self._runner.listeners.add(Events(self._runner.host, limit))

    def wait_for(self, kind: type[E], where: Callable[[E], bool] | None = None) -> Coroutine[Any, Any, E]:
        """Wait for the next event of a kind for which ``where`` holds. Raises ChatClosed when the chat ends first.

        It listens from this call on, also before it is awaited: call it, do what leads to the event, then await it.
        """
        if not isinstance(kind, type):  # pyright: ignore[reportUnnecessaryIsInstance] - nothing would ever match
            raise InvalidValue(f"wait_for wants a kind of event, not {kind!r:.100}", hint="such as MessageReceived")
        return _first(self.events(), kind, where)

    async def freeze(self) -> Snapshot:
        """Disconnect, close the chat, and return all that another one needs to go on: ``open_chat(restored=...)``.

        It may be another process, and another runtime. A message that was written and not answered is in doubt there.
        With a store, everything is in it, too. Whoever still waits for an answer gets ChatClosed, as does who asks
        anything after it. Raises ChatClosed when the chat is closed already.
        """
        return await self._runner.freeze()

    # --- threads ---

    async def thread(self, id: str | None = None, answers: Answers = ()) -> Thread:
        """Return the thread with this id, or the newest that has not ended, or a new one.

        Waits until the chat is ready; a thread that is known by its id, also of an earlier run, is returned at once:
        what needs the network then asks for :meth:`ready` first. ``answers`` are for a new one. Raises InvalidValue for
        an unknown id or when answers are missing, and as :meth:`ready` when the chat does not become ready.
        """
        if not isinstance(id, str | None):  # pyright: ignore[reportUnnecessaryIsInstance] - answers by position, perhaps
            raise InvalidValue(f"the id of a thread is a text, not {type(id).__name__}", hint="answers=... for answers")
        if id is None:
            await self.ready()
            return await self._start(answers, "", reuse=True)
        if id not in self._runner.session.threads:
            await self.ready()
        if id not in self._runner.session.threads:
            raise InvalidValue(f"there is no thread {id!r}")
        return self._handle(id)

    async def start_thread(self, answers: Answers = (), name: str = "") -> Thread:
        """Start a new thread with the answers to the site's :attr:`questions`; waits as long as the chat is not ready.

        Raises InvalidValue when required answers are missing, IllegalState while a live chat is open, NotSupported
        where the channel has one thread only, and it is there.
        """
        return await self._start(answers, name, reuse=False)

    async def _start(self, answers: Answers, name: str, *, reuse: bool) -> Thread:
        pairs = tuple(answers.items()) if isinstance(answers, Mapping) else tuple(answers)
        id = await self._runner.ask(StartThread(request=self._runner.number(), answers=pairs, name=name, reuse=reuse))
        return self._handle(cast("str", id))

    def _handle(self, id: str) -> Thread:
        handle = self._handles.get(id)
        if handle is None:
            view = self._runner.session.threads.get(id)
            if view is None:  # between the answer and this caller's turn
                raise IllegalState(f"the thread {id!r} is gone again", hint="the chat was signed out meanwhile")
            handle = self._handles[id] = Thread(self._runner, view)
        return handle

    # --- the whole chat ---

    async def ready(self) -> None:
        """Return when the chat is ready.

        Raises ChatOffline, ConnectionLost, AuthorizationFailed, SiteRefused or VersionRefused when it will not be
        without further ado, NotConnected when nothing is tried now. A first connect that fails is not tried again by
        itself: whoever waits for it is told the cause, once, and later calls get NotConnected. The chat stays open, and
        :meth:`connect` tries again. While the app is out of its user's sight it waits for :meth:`enter_active`.
        """
        await self._runner.ask(AwaitReady(request=self._runner.number()))

    async def prepare(self) -> None:
        """Fetch the site's configuration, so that its :attr:`questions` are known; return when it is there.

        Raises ConnectionLost when it could not be fetched, SiteRefused when the far side knows no such site,
        VersionRefused, and IllegalState while the chat is connecting, connected or lost.
        """
        await self._runner.ask(Prepare(request=self._runner.number()))

    async def connect(self) -> None:
        """Want the chat again after :meth:`disconnect`, or try again when it is lost or offline.

        Returns at once and is never refused; :meth:`ready` raises what comes of it.
        """
        await self._runner.ask(Open(request=self._runner.number()))

    async def disconnect(self) -> None:
        """No longer want the chat; return when no socket or poll is left. Never refused; :meth:`connect` comes back."""
        await self._runner.ask(Disconnect(request=self._runner.number()))

    async def sign_out(self) -> None:
        """Close, and forget who the customer is; return when all is done. Never refused, in no state."""
        await self._runner.ask(SignOut(request=self._runner.number()))

    async def enter_background(self) -> None:
        """Say that the app has left its user's sight: the socket is closed, what the user wants stays.

        Where there is none, the far side is asked less often for what is new, or not at all if it pushes to the device.
        All that after the policy's ``background_grace``, if it has one. Returns at once, while the socket is still
        being closed. Never refused.
        """
        await self._runner.ask(EnterBackground(request=self._runner.number()))

    async def enter_active(self) -> None:
        """Say that the app is in front of its user again: the chat comes back if it is still wanted. Never refused."""
        await self._runner.ask(EnterActive(request=self._runner.number()))

    async def set_customer(self, id: str, first_name: str = "", last_name: str = "") -> None:
        """Say who the customer is. Only before the chat is prepared: open it with ``connect=False``.

        Raises IllegalState later than that, InvalidValue for an empty id or a text that cannot be sent.
        """
        await self._runner.ask(
            SetCustomer(request=self._runner.number(), id=id, first_name=first_name, last_name=last_name)
        )

    async def authenticate(
        self, code: str | Secret = "", verifier: str | Secret = "", *, token: str | Secret = ""
    ) -> None:
        """Give a login of the customer's: an authorization code with its verifier, or a ready ``token``.

        Before the chat is opened, or whenever ``ReauthenticationNeeded`` asks for it; a chat that waits for it goes on
        connecting. Returns at once; :meth:`ready` tells whether the far side accepted it. Raises InvalidValue unless it
        is either a code or a token, NotSupported where the site's customers do not log in, VersionRefused.
        """
        await self._runner.ask(
            Authenticate(
                request=self._runner.number(),
                code=Secret(reveal(code)),
                verifier=Secret(reveal(verifier)),
                token=Secret(reveal(token)),
            )
        )

    async def register_device(self, token: str | Secret, *, network: PushNetwork | None = None, app: str = "") -> None:
        """Say where pushes to this device go: the token of its push service, or "" for no pushes any more.

        ``network`` is who pushes, and ``app`` the app's id there, where the site wants to know. It is kept until it is
        replaced or the customer signs out. Returns when it is kept; the far side is told at once when the chat is
        prepared or has a conversation, and with every new one. Raises InvalidValue for a token that is too long or
        lacks what the site wants to know, NotSupported where it pushes to nobody, VersionRefused.
        """
        await self._runner.ask(
            RegisterDevice(request=self._runner.number(), token=Secret(reveal(token)), network=network, app=app)
        )

    async def note_push(self, conversation: str) -> bool:
        """Say that a push came and named this conversation; return whether it is this customer's.

        A chat that is wanted looks at once for what is new. Raises NotSupported where pushes name none.
        """
        return cast("bool", await self._runner.ask(NotePush(request=self._runner.number(), conversation=conversation)))

    async def set_fields(self, fields: Mapping[str, str]) -> None:
        """Set custom fields of the customer, by id; they are sent at once, or as soon as the chat is ready.

        For a field of a list or tree the label will do; an empty value clears a field. Raises InvalidValue for a value
        that :attr:`customer_questions` do not allow, LimitReached for more fields than the policy admits.
        """
        await self._runner.ask(SetCustomerFields(request=self._runner.number(), fields=tuple(fields.items())))

    async def send_offline_message(self, email: str, text: str, *, first_name: str = "", last_name: str = "") -> None:
        """Leave a message while nobody is available; it is answered by e-mail. Returns when it was sent.

        Needs to be offline or connected: NotConnected otherwise. The chat connects for it and shows as offline all the
        while; nothing is tried again. Raises NotSupported where the channel is no live chat, InvalidValue for an
        address or a text that cannot be sent, RemoteError or AuthorizationFailed when the far side refuses,
        ConnectionLost, and ResponseTimeout or DeliveryUncertain when it may have arrived.
        """
        await self._runner.ask(
            SendOfflineMessage(
                request=self._runner.number(), email=email, text=text, first_name=first_name, last_name=last_name
            )
        )

    async def menu(self) -> Sequence[Choice]:
        """Fetch the menu that the site shows all the time; send an entry with :meth:`Thread.choose`.

        Needs a prepared chat: IllegalState otherwise. Raises NotSupported where there is none, RemoteError or
        ConnectionLost when it could not be fetched.
        """
        return cast("Sequence[Choice]", await self._runner.ask(FetchMenu(request=self._runner.number())))

    async def check_availability(self) -> Availability:
        """Ask whether the site is open now, and how long one may wait; it begins nothing.

        Needs a prepared chat, and no connection: IllegalState otherwise. Raises NotSupported where a site does not
        tell, SiteRefused when it knows no such site, RemoteError or ConnectionLost when it could not be asked.
        """
        return cast("Availability", await self._runner.ask(CheckAvailability(request=self._runner.number())))

    async def ice_servers(self) -> Sequence[IceServer]:
        """Fetch the servers that help a call of the app's own through. Raises as :meth:`check_availability`."""
        return cast("Sequence[IceServer]", await self._runner.ask(FetchIceServers(request=self._runner.number())))

    async def version(self) -> str:
        """Fetch the version of the far side's software. Raises as :meth:`check_availability`."""
        return cast("str", await self._runner.ask(FetchVersion(request=self._runner.number())))

    async def configuration(self) -> str:
        """Fetch how the far side wants a window of the chat to look, as JSON. Raises as :meth:`check_availability`."""
        return cast("str", await self._runner.ask(FetchConfiguration(request=self._runner.number())))

    async def join(self, code: str) -> None:
        """Join someone else's conversation with the code of an invitation; return when the far side has agreed.

        It appears in :attr:`threads`, and its history is loaded.
        Needs a connection: NotConnected otherwise. Raises NotSupported where the site has no group conversations,
        RemoteError for a code that the far side does not know, ResponseTimeout, ConnectionLost.
        """
        await self._runner.ask(JoinThread(request=self._runner.number(), code=code))

    async def execute_trigger(self, trigger: str) -> None:
        """Run an automation that the far side has set up under this id. What it does comes as events, if at all.

        Needs a connection: NotConnected otherwise. Raises InvalidValue for an id that cannot be sent.
        """
        await self._runner.ask(ExecuteTrigger(request=self._runner.number(), trigger=trigger))

    async def view_page(self, title: str, url: str) -> None:
        """Say that the customer looks at a page now; the one before it is left. ``url`` may be any text.

        As all that is told of the visit, it needs a prepared chat, and no connection: raises IllegalState before,
        RemoteError when the far side did not take it, ConnectionLost when that is not known.
        """
        await self._runner.ask(ViewPage(request=self._runner.number(), title=title, url=url))

    async def leave_page(self) -> None:
        """Say that the customer no longer looks at the page; done by itself when the app enters the background.

        Raises as :meth:`view_page`.
        """
        await self._runner.ask(LeavePage(request=self._runner.number()))

    async def report_window_opened(self) -> None:
        """Say that the chat was opened before the customer's eyes. Raises as :meth:`view_page`."""
        await self._runner.ask(ReportWindowOpened(request=self._runner.number()))

    async def report_conversion(self, name: str, value: float) -> None:
        """Say that the visit led to something, such as a purchase of that value.

        Raises as :meth:`view_page`, and InvalidValue without a name or for a value that is no number.
        """
        await self._runner.ask(ReportConversion(request=self._runner.number(), name=name, value=value))

    async def report_offer(self, offer: Offer, outcome: OfferOutcome) -> None:
        """Say what became of an offer that the far side made by itself.

        Raises as :meth:`view_page`, and InvalidValue for an offer that is not known any more.
        """
        await self._runner.ask(ReportOffer(request=self._runner.number(), offer=offer.id, outcome=outcome))

    async def report_visitor_event(self, data: Mapping[str, str]) -> None:
        """Tell the far side's analytics of something that only this app knows. Raises as :meth:`view_page`."""
        await self._runner.ask(ReportVisitorEvent(request=self._runner.number(), data=tuple(data.items())))

    def network_returned(self) -> None:
        """Say that the machine has a network again: an attempt that waits for its time is made at once."""
        require_here(self._runner.host)
        self._runner.feed(NetworkReturned())


async def _first(events: Events, kind: type[E], where: Callable[[E], bool] | None) -> E:
    async with events:
        async for event in events:
            if isinstance(event, kind) and (where is None or where(event)):
                return event
    raise ChatClosed(f"the chat was closed before a {kind.__name__}")
