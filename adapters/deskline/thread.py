"""The handles of a thread and of a message: what an app reads of them and asks of them."""

from collections.abc import Mapping, Sequence
from typing import cast, final

from deskline.runner import Runner
from deskline_core.inputs import (
    AnswerInactivity,
    ArchiveThread,
    AwaitSettled,
    CancelForm,
    CloseCase,
    CreateInvitation,
    DiscardMessage,
    EndThread,
    FetchFile,
    FetchPhoto,
    LeaveThread,
    LoadMore,
    MarkRead,
    OpenThread,
    PreviewText,
    RenameThread,
    RetryMessage,
    SendInvitation,
    SendLocation,
    SendMessage,
    SendSignal,
    SendTranscript,
    SetThreadFields,
    StartTyping,
    StopTyping,
    SubmitForm,
    WrapUp,
)
from deskline_core.lifecycle import EndReason, MessageStatus, ThreadState
from deskline_core.model import (
    Choice,
    Download,
    Form,
    Inactivity,
    Location,
    Message,
    Party,
    QueuePosition,
    SignalKind,
    Stage,
    ThreadView,
    Upload,
)

__all__ = ["MessageHandle", "Thread"]


@final
class Thread:
    """One conversation. What it shows follows the chat; what it is asked waits for what it needs.

    It stands for an id: a live chat that the far side opens again under its id shows open again. Once the chat no
    longer knows the thread, after a sign-out or because newer ones took its place, it shows what was last known, and
    what it is asked raises InvalidValue.

    Every method that asks raises an exception of the tree in :mod:`deskline_core.errors`: IllegalState, NotConnected,
    NotSupported, InvalidValue where it is not possible, ChatClosed once the chat is closed.
    """

    __slots__ = ("__weakref__", "_last", "_runner")

    def __init__(self, runner: Runner, view: ThreadView) -> None:
        self._runner = runner
        self._last = view

    def __repr__(self) -> str:
        return f"<Thread {self.id} {self.state}>"

    # --- what it shows ---

    @property
    def id(self) -> str:
        """The id, as both sides know it."""
        return self._last.id

    @property
    def state(self) -> ThreadState:
        """Where it stands."""
        return self._view().state

    @property
    def reason(self) -> EndReason | None:
        """Why it ended, or None while it has not."""
        return self._view().reason

    @property
    def name(self) -> str:
        """Its name, "" if it has none."""
        return self._view().name

    @property
    def agent(self) -> Party | None:
        """Who is assigned now; of several, who came last."""
        return self._view().agent

    @property
    def parties(self) -> Sequence[Party]:
        """Who of the other side takes part now, in the order they came."""
        return self._view().parties

    @property
    def stage(self) -> Stage | None:
        """Who serves it, where the far side tells; None elsewhere, and once it has ended."""
        return self._view().stage

    @property
    def typing(self) -> Party | None:
        """Who of the other side types now."""
        return self._view().typing

    @property
    def queue(self) -> QueuePosition | None:
        """The place in the queue, while waiting for someone."""
        return self._view().queue

    @property
    def inactivity(self) -> Inactivity | None:
        """The open inactivity warning; its ``ends_at`` is in UTC seconds."""
        return self._view().inactivity

    @property
    def forms(self) -> Sequence[Form]:
        """The forms that the far side asks for now, oldest first."""
        return self._view().forms

    @property
    def case(self) -> str:
        """The id of the case that the far side keeps about it, "" if it keeps none."""
        return self._view().case

    @property
    def fields(self) -> Mapping[str, str]:
        """The custom fields of the conversation, by id; none where a site has them as answers only."""
        return self._view().fields

    @property
    def participants(self) -> Sequence[str]:
        """The other customers of a group conversation, by name or address."""
        return self._view().participants

    @property
    def messages(self) -> Sequence[Message]:
        """The messages kept, oldest first, both ways."""
        return self._view().messages

    @property
    def has_more(self) -> bool:
        """Whether :meth:`load_more` would find older ones."""
        return self._view().has_more

    def message(self, id: str) -> "MessageHandle":
        """Return the handle of one of the customer's messages, such as one sent before a restart."""
        return MessageHandle(self._runner, self, id)

    def _view(self) -> ThreadView:
        self._last = self._runner.session.threads.get(self._last.id, self._last)
        return self._last

    # --- what it is asked ---

    async def send(self, text: str, postback: str = "", attachments: Sequence[Upload] = ()) -> "MessageHandle":
        """Send a message; return once it is in the outbox, where it waits until the chat is ready.

        ``postback`` is that of the :class:`~deskline_core.model.Choice` that is chosen. Raises InvalidValue for a text
        or a file that cannot be sent, NotSupported when the site takes no files, LimitReached when the outbox is full,
        IllegalState when the thread has ended.
        """
        request = self._runner.number()
        files = tuple(attachments)
        id = await self._runner.ask(
            SendMessage(request=request, thread=self.id, text=text, postback=postback, attachments=files)
        )
        return self.message(cast("str", id))

    async def choose(self, choice: Choice) -> "MessageHandle":
        """Answer a message that offers choices with one of them. Returns and raises as :meth:`send`."""
        return await self.send(choice.text, choice.postback)

    async def send_location(self, latitude: float, longitude: float, url: str = "", text: str = "") -> "MessageHandle":
        """Send a place on the map, in degrees; ``url`` shows it. Returns and raises as :meth:`send`.

        Raises NotSupported where the site takes none, InvalidValue for what is no place.
        """
        place = Location(latitude=latitude, longitude=longitude, url=url)
        id = await self._runner.ask(
            SendLocation(request=self._runner.number(), thread=self.id, text=text, location=place)
        )
        return self.message(cast("str", id))

    async def start_typing(self) -> None:
        """Show the other side that the customer types; call it at each key, it is sent once.

        Needs a connection: NotConnected otherwise. Raises IllegalState when the thread has ended.
        """
        await self._runner.ask(StartTyping(request=self._runner.number(), thread=self.id))

    async def stop_typing(self) -> None:
        """Show that the customer stopped; follows by itself after the policy's ``typing_idle``.

        Raises as :meth:`start_typing`.
        """
        await self._runner.ask(StopTyping(request=self._runner.number(), thread=self.id))

    async def preview(self, text: str) -> None:
        """Show the other side what the customer is writing; call it at each key, the newest is sent now and then.

        Raises NotSupported where the site does not ask for it, and as :meth:`start_typing`.
        """
        await self._runner.ask(PreviewText(request=self._runner.number(), thread=self.id, text=text))

    async def mark_read(self) -> None:
        """Tell the other side that the customer has read all there is; it is told once, and nothing answers it.

        Raises NotConnected without a connection, unless there is nothing to tell.
        """
        await self._runner.ask(MarkRead(request=self._runner.number(), thread=self.id))

    async def open(self) -> None:
        """Load the history of a thread of a multi-thread channel; return when it is there.

        Needs a connection: NotConnected otherwise. Raises RemoteError when the far side does not have it any more,
        ResponseTimeout, ConnectionLost.
        """
        await self._runner.ask(OpenThread(request=self._runner.number(), thread=self.id))

    async def load_more(self) -> int:
        """Load older messages; return how many came, 0 when there are none.

        Needs a connection: NotConnected otherwise. Raises LimitReached when as many are kept as the policy admits,
        IllegalState while the thread is not open, RemoteError, ResponseTimeout, ConnectionLost.
        """
        return cast("int", await self._runner.ask(LoadMore(request=self._runner.number(), thread=self.id)))

    async def end(self) -> None:
        """End a live chat; return when the far side has confirmed it, at once where it has ended already.

        Needs a connection: NotConnected otherwise. Raises NotSupported where the channel is no live chat, IllegalState
        as long as the far side knows no contact, RemoteError when it refuses; ResponseTimeout and ConnectionLost when
        that is not known: then :attr:`state` tells.
        """
        await self._runner.ask(EndThread(request=self._runner.number(), thread=self.id))

    async def wrap_up(self) -> None:
        """End the talk with the agent, and let the far side's script go on, perhaps with a survey.

        Return when the far side took it; the thread stays open until the far side ends it, or :meth:`end`. Needs a
        connection: NotConnected otherwise. Raises NotSupported where there is no such step, IllegalState when the
        thread has ended, RemoteError, ResponseTimeout, ConnectionLost.
        """
        await self._runner.ask(WrapUp(request=self._runner.number(), thread=self.id))

    async def submit_form(self, form: Form | str, data: Mapping[str, str]) -> None:
        """Answer one of :attr:`forms`, or the form with this id, with texts by field; return when it was taken.

        Raises IllegalState for a form that is not asked for, or no longer, InvalidValue for data that cannot be sent,
        and as :meth:`wrap_up`.
        """
        pairs = tuple(data.items())
        await self._runner.ask(SubmitForm(request=self._runner.number(), thread=self.id, form=_id_of(form), data=pairs))

    async def cancel_form(self, form: Form | str) -> None:
        """Say that a form stays unanswered. Returns and raises as :meth:`submit_form`."""
        await self._runner.ask(CancelForm(request=self._runner.number(), thread=self.id, form=_id_of(form)))

    async def send_signal(self, kind: SignalKind, data: str = "{}", *, party: Party | str = "") -> None:
        """Pass on what a call or a common browsing of the app's own needs; ``data`` is a JSON object as text.

        ``party`` is whom a signal of a call is for. Return when the far side took it. Raises InvalidValue for data that
        are no such object, and as :meth:`wrap_up`.
        """
        await self._runner.ask(
            SendSignal(request=self._runner.number(), thread=self.id, kind=kind, data=data, party=_id_of(party))
        )

    async def download(self, message: "Message | MessageHandle | str", attachment: int = 0) -> Download:
        """Fetch a file of a message, by the site's own rules of who may; ``attachment`` counts the files from 0.

        Raises NotSupported where files are fetched by their URLs alone, InvalidValue for a message or a file that there
        is not, LimitReached for one larger than the policy admits, RemoteError, ConnectionLost.
        """
        request = self._runner.number()
        answer = await self._runner.ask(
            FetchFile(request=request, thread=self.id, message=_id_of(message), attachment=attachment)
        )
        return cast("Download", answer)

    async def photo(self, party: Party | str) -> Download:
        """Fetch the picture of someone in the thread. Raises as :meth:`download`."""
        answer = await self._runner.ask(FetchPhoto(request=self._runner.number(), thread=self.id, party=_id_of(party)))
        return cast("Download", answer)

    async def close_case(self) -> None:
        """Close the case that the far side keeps about the conversation; return when it did.

        Raises IllegalState where there is none, and as :meth:`wrap_up`.
        """
        await self._runner.ask(CloseCase(request=self._runner.number(), thread=self.id))

    async def answer_inactivity(self, *, stay: bool) -> None:
        """Answer the inactivity warning: stay, or let the thread end. The answer waits as a message does.

        Raises IllegalState when no warning stands, NotSupported where the channel is no live chat.
        """
        await self._runner.ask(AnswerInactivity(request=self._runner.number(), thread=self.id, stay=stay))

    async def stay(self) -> None:
        """Answer the inactivity warning: the customer is still there. Raises as :meth:`answer_inactivity`."""
        await self.answer_inactivity(stay=True)

    async def rename(self, name: str) -> None:
        """Name a thread of a multi-thread channel; return when the far side has it.

        A thread without messages is named here, and the name goes with the first one. Raises NotSupported in other
        channels, IllegalState when the thread has ended, InvalidValue for a name that cannot be sent, NotConnected,
        RemoteError, ResponseTimeout, ConnectionLost.
        """
        await self._runner.ask(RenameThread(request=self._runner.number(), thread=self.id, name=name))

    async def archive(self) -> None:
        """Archive a thread of a multi-thread channel; return when it is archived.

        Raises NotSupported in other channels, IllegalState when the thread has ended or is being loaded, NotConnected,
        RemoteError, ResponseTimeout, ConnectionLost; then it is as before.
        """
        await self._runner.ask(ArchiveThread(request=self._runner.number(), thread=self.id))

    async def send_transcript(self, email: str) -> None:
        """Have the transcript sent to an e-mail address; return when it was sent. Possible after the end, too.

        Raises NotSupported where the site does not allow it, IllegalState where there is no contact yet, InvalidValue
        for what is no address, NotConnected, RemoteError, ResponseTimeout, ConnectionLost.
        """
        await self._runner.ask(SendTranscript(request=self._runner.number(), thread=self.id, email=email))

    async def set_fields(self, fields: Mapping[str, str]) -> None:
        """Set custom fields of the conversation, by id; they go with its first message, or at once.

        Raises InvalidValue for a value that the field does not allow, IllegalState when the thread has ended.
        """
        pairs = tuple(fields.items())
        await self._runner.ask(SetThreadFields(request=self._runner.number(), thread=self.id, fields=pairs))

    async def create_invitation(self) -> str:
        """Make an invitation for others to join the conversation; return its code.

        Needs a connection: NotConnected otherwise. Raises NotSupported where the site does not allow it, IllegalState
        while the thread is not open, RemoteError, ResponseTimeout, ConnectionLost.
        """
        return cast("str", await self._runner.ask(CreateInvitation(request=self._runner.number(), thread=self.id)))

    async def send_invitation(self, code: str, emails: Sequence[str]) -> None:
        """Have an invitation sent to e-mail addresses; return when it was sent.

        Raises as :meth:`create_invitation`, and InvalidValue for what is no code or no address.
        """
        request = self._runner.number()
        await self._runner.ask(SendInvitation(request=request, thread=self.id, code=code, emails=tuple(emails)))

    async def leave(self) -> None:
        """Leave a conversation that was joined with an invitation; it ends here when the far side has agreed.

        Raises as :meth:`create_invitation`.
        """
        await self._runner.ask(LeaveThread(request=self._runner.number(), thread=self.id))


def _id_of(thing: "Form | Party | Message | MessageHandle | str") -> str:
    return thing if isinstance(thing, str) else thing.id


@final
class MessageHandle:
    """One of the customer's messages."""

    __slots__ = ("_id", "_runner", "_thread")

    def __init__(self, runner: Runner, thread: Thread | None, id: str) -> None:
        self._runner = runner
        self._thread = thread
        self._id = id

    def __repr__(self) -> str:
        return f"<MessageHandle {self.id} {self.status}>"

    @property
    def id(self) -> str:
        """The client-made id."""
        return self._id

    @property
    def message(self) -> Message | None:
        """The message itself; None once it was discarded, or went with the oldest history."""
        known = () if self._thread is None else reversed(self._thread.messages)
        return next((message for message in (*self._runner.session.outbox, *known) if message.id == self._id), None)

    @property
    def status(self) -> MessageStatus | None:
        """Where it stands; None as for :attr:`message`."""
        return None if (message := self.message) is None else message.status

    async def settled(self) -> MessageStatus:
        """Wait until nothing more can be told of it by waiting, and return where it stands.

        DELIVERED and SEEN: it arrived. FAILED: it did not; this is no exception here, :meth:`retry` or :meth:`discard`
        it. SENT: the far side accepted it, and no copy of it came in time, or none ever does. UNCERTAIN: nobody can
        tell, since the history could not be read back or the thread ended first; sending it again may double it. The
        last two may still change, and a ``MessageStatusChanged`` tells.

        Raises InvalidValue for a message that is unknown or discarded, ChatClosed when the chat is closed first.
        """
        answer = await self._runner.ask(AwaitSettled(request=self._runner.number(), message=self._id))
        return cast("MessageStatus", answer)

    async def retry(self) -> None:
        """Send a failed message again under its id; raises IllegalState for any other.

        Files of it that are messages of their own and failed, too, are sent again before it. One whose file was not
        kept over a restart cannot be sent again, and raises IllegalState as well.
        """
        await self._runner.ask(RetryMessage(request=self._runner.number(), message=self._id))

    async def discard(self) -> None:
        """Take a message out that is queued, uploading, failed or in doubt; raises IllegalState for any other."""
        await self._runner.ask(DiscardMessage(request=self._runner.number(), message=self._id))
