"""Messages on their way to the far side: posted one after another, found or given up (rows B22, B23, B34-B39, B61).

The far side shows no copy of what it took (9.2): its answer is all there is, and the history in doubt.
"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from ..checks import check_text
from ..errors import RefusalCode
from ..files import Objection, objection
from ..follow_up import FollowUp
from ..inputs import SendLocation, SendMessage
from ..ledger import Ledger
from ..lifecycle import Intent, MessageStatus
from ..message_table import is_settled
from ..model import FileLimits, Location, Message, Upload
from ..outbox import Outbox
from ..outgoing import Outgoing
from . import encode
from .chat_table import OPEN, ChatStage
from .connection_table import ConnectionState
from .conversation import Conversation
from .early import Early
from .refusals import Reaction
from .replies import Reply
from .uploads import Uploads

if TYPE_CHECKING:
    from datetime import datetime

    from .session import BrightPatternChat

__all__ = ["Delivery"]

_Sent = SendMessage | SendLocation
_MOST_FILE: Final = 25 * 1024 * 1024
"""Section 3.10."""
_UNWRITTEN: Final = (MessageStatus.QUEUED, MessageStatus.UPLOADING)
_TO_GO: Final = (*_UNWRITTEN, MessageStatus.SENDING)
_TAKEN: Final = (Reaction.SUCCESS, Reaction.EMPTY)
_REFUSED: Final = (Reaction.REFUSED, Reaction.CONFIGURATION, Reaction.MISSING)
_OLD_FAULT: Final = 500
"""What an older center answers to a file event with an id (flow F6)."""


class Delivery:
    """The outbox of one session, and its way to the far side. ``_nameless`` are files that were sent without an id."""

    __slots__ = ("_chat", "_nameless", "_uploads", "early", "follow_up", "ledger", "outbox")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._nameless: dict[str, str] = {}
        self._uploads: Uploads = Uploads(chat)
        self.early = Early(chat.session)
        self.ledger: Ledger = Ledger(chat.session, chat.saves, thread=chat.desk.record_of, changed=self.flush)
        self.outbox = Outbox(chat.session, self.ledger, self._confirmed)
        self.follow_up: FollowUp = FollowUp(self.outbox, kept=self._kept, is_final=self._is_final, changed=self.flush)

    @property
    def limits(self) -> FileLimits:
        """What the far side takes (3.10)."""
        return FileLimits(allowed=True, largest=_MOST_FILE, most=self._chat.session.policy.max_uploads)

    # --- requests ---

    def queue(self, conversation: Conversation, input: SendMessage | SendLocation) -> None:
        """Put a message into the outbox (B34); a location is one of its own. The id of the last is the answer."""
        self._queue(conversation, input, ())

    def queue_files(self, conversation: Conversation, input: SendMessage) -> None:
        """Put each file into the outbox, and then what came with them (B61): all of it, or nothing."""
        if (found := objection(self.outbox, self.limits, input.attachments)) is not None:
            self._chat.session.refuse(input.request, *found)
        else:
            self._queue(conversation, input, input.attachments)

    def _queue(self, conversation: Conversation, input: _Sent, uploads: tuple[Upload, ...]) -> None:
        session = self._chat.session
        if (found := self._objection(input, len(uploads))) is not None:
            session.refuse(input.request, *found)
            return
        outgoing = tuple(self._parts(conversation, input, uploads))
        for position, part in enumerate(outgoing):
            part.followers = outgoing[position + 1 :]
        self.ledger.admit(
            outgoing,
            partial(self._enter, conversation, outgoing, input.request),
            request=input.request,
            leaves=self._may_send and not uploads and self._is_rested(conversation),
        )

    def _is_rested(self, conversation: Conversation) -> bool:
        """Whether nothing goes before a new message."""
        return not self.ledger.entering and all(it.is_idle for it in self.outbox.of(conversation.chat_id))

    def _enter(self, conversation: Conversation, outgoing: tuple[Outgoing, ...], request: int) -> None:
        """They are kept, where they have to be: from now on it is the outbox that answers for them."""
        session = self._chat.session
        if not conversation.is_live or conversation is not self._chat.desk.current:
            for part in outgoing:
                self.ledger.removed(part)
            session.refuse(request, RefusalCode.THREAD_ENDED, "the conversation has ended", "begin a new one")
            return
        for part in outgoing:
            self.outbox.put(part)
        session.requests.answer(request, outgoing[-1].id)
        self.flush()

    def restore(self) -> None:
        """Take over the messages and the conversation of an earlier run, as they were when it was left."""
        self._chat.desk.restore(self.ledger.restore(self.outbox, most_files=1))

    def settle_orphans(self) -> None:
        """Ready, and the living chat is known: what is left of another one cannot go."""
        for outgoing in self.outbox:
            if outgoing.thread not in self._chat.desk.threads:
                self._end_with(outgoing)
        self.ledger.tidy()

    def _objection(self, input: _Sent, files: int) -> Objection | None:
        longest, place, postback = self._chat.session.policy.max_text, _place(input), _postback(input)
        reason = check_text(input.text, longest) or check_text(postback, longest)
        if reason is None and not input.text.strip() and (postback or not (place or files)):
            reason = "empty"
        if reason is not None:
            return Objection(RefusalCode.INVALID_VALUE, f"the text is {reason}")
        if place is not None and (fault := _fault(place, longest)):
            return Objection(RefusalCode.INVALID_VALUE, fault, "degrees from -90 to 90, and from -180 to 180")
        needed = files + (place is not None) + bool(input.text.strip())
        if needed > self.outbox.room:
            waiting = f"{len(self.outbox)} messages wait already"
            return Objection(RefusalCode.LIMIT_REACHED, waiting, "wait, or discard some")
        return None

    def _parts(self, conversation: Conversation, input: _Sent, uploads: tuple[Upload, ...]) -> Iterator[Outgoing]:
        for upload in uploads:
            yield self._new(conversation, uploads=(upload,))
        if (place := _place(input)) is not None:
            yield self._new(
                conversation, place.url or f"{_decimal(place.latitude)}, {_decimal(place.longitude)}", location=place
            )
        if input.text.strip():
            yield self._new(conversation, input.text, _postback(input))

    def _new(
        self,
        conversation: Conversation,
        text: str = "",
        postback: str = "",
        *,
        uploads: tuple[Upload, ...] = (),
        location: Location | None = None,
    ) -> Outgoing:
        session = self._chat.session
        return Outgoing(
            self.outbox, id=session.ids.uuid(), thread=conversation.chat_id, text=text, postback=postback,
            party=self._chat.news.customer, at=session.now, uploads=uploads, location=location,
        )  # fmt: skip

    def _kept(self, id: str) -> Message | None:
        for conversation in self._chat.desk.threads.values():
            message = conversation.history.get(id)
            if message is not None:
                return message
        return None

    def _is_final(self, outgoing: Outgoing) -> bool:
        """Whether nothing is under way that could tell more: in doubt, and no history will be read by itself."""
        if outgoing.status == MessageStatus.UNCERTAIN:
            conversation = self._chat.desk.threads.get(outgoing.thread)
            return conversation is None or conversation.is_over or self._is_left
        return is_settled(outgoing.status)

    @property
    def _is_left(self) -> bool:
        """Whether the connection rests until the app asks for it; out of sight, it comes back with the app."""
        connection = self._chat.connection
        is_wanted = self._chat.presence.intent == Intent.WANTED and connection.state != ConnectionState.LOST
        return not connection.is_under_way and not is_wanted

    # --- to the far side ---

    def flush(self) -> None:
        """Send what may go now: ready, the chat open or still to be ended; one at a time, strictly in order (20.5)."""
        current = self._chat.desk.current
        if not self._may_send:
            return
        self._chat.leaving.flush()
        if current.leaf == ChatStage.ENDING:
            self._give_up_files(current)
        outgoing = self._next(current)
        if outgoing is not None and outgoing.lacks_files:
            self._uploads.begin(outgoing)
        elif outgoing is not None:
            if self.ledger.may_leave(outgoing):
                self._post(current, outgoing)
        else:
            self._chat.ending.flush()

    @property
    def _may_send(self) -> bool:
        leaf = self._chat.desk.current.leaf
        is_open = leaf in OPEN or (leaf == ChatStage.ENDING and not self._chat.ending.is_said)
        return is_open and self._chat.connection.is_serving and not self._chat.ending.is_over_there

    def _next(self, conversation: Conversation) -> Outgoing | None:
        for outgoing in self.outbox.of(conversation.chat_id):
            is_uploading = outgoing.status == MessageStatus.UPLOADING and outgoing.lacks_files
            if outgoing.status == MessageStatus.SENDING or is_uploading:
                return None
            if outgoing.status in _UNWRITTEN:
                return outgoing
        return None

    def _give_up_files(self, conversation: Conversation) -> None:
        """It is being ended: that waits for no file."""
        for outgoing in self.outbox.of(conversation.chat_id):
            if outgoing.status in _UNWRITTEN and outgoing.lacks_files:
                outgoing.fire("refused", "the conversation was ended before the file was uploaded")

    def uploaded(self, outgoing: Outgoing) -> None:
        """The file of a message is there: it is posted now, or goes back to the queue until it can be."""
        if self._may_send:
            self.flush()
        else:
            outgoing.fire("unwritten")

    def _post(self, conversation: Conversation, outgoing: Outgoing) -> None:
        self._chat.telling.sent()
        outgoing.writes += 1
        outgoing.fire("write")
        if not self._answers_form(conversation, outgoing):
            self._put(conversation, outgoing, outgoing.id)

    def _answers_form(self, conversation: Conversation, outgoing: Outgoing) -> bool:
        """Answer the form that asks for free text with a text (9.6); True if by policy that is all that goes of it."""
        if outgoing.files or outgoing.location is not None:
            return False
        is_all = self._chat.session.policy.free_text_forms == "form"
        then = partial(self._answered, conversation, outgoing, "") if is_all else None
        return self._chat.forms.answered_by_text(conversation, outgoing.text, then) and is_all

    def _put(self, conversation: Conversation, outgoing: Outgoing, id: str) -> None:
        then = partial(self._answered, conversation, outgoing, id)
        self._chat.posting.put(_event(outgoing, id), then, id=outgoing.id)
        outgoing.stop = partial(self._chat.posting.withdraw, outgoing.id)

    # --- what came of it ---

    def _answered(self, conversation: Conversation, outgoing: Outgoing, id: str, reply: Reply) -> None:
        reaction = reply.reaction
        if reaction in _TAKEN:
            conversation.fire("posted", partial(self._posted, conversation, outgoing))
        elif reply.unsent:
            self._unsent(conversation, outgoing, reply)
        elif reaction is Reaction.GONE:
            self._refuse(outgoing, reply)
            if reply.is_gone or id:  # a mere 404 to a form's data is of the form
                conversation.fire("post_gone", reply)
            self.flush()
        elif reaction in _REFUSED:
            conversation.fire("post_refused", partial(self._refuse, outgoing, reply))
            self.flush()
        elif not self._is_under_way(outgoing):
            self.flush()  # it is known by now that the far side has it
        elif self._may_lack_id(outgoing, id, reply):
            self._post_nameless(conversation, outgoing)
        else:
            conversation.fire("post_doubtful", partial(self._doubt, conversation, outgoing, reply))

    def _is_under_way(self, outgoing: Outgoing) -> bool:
        return self.outbox.get(outgoing.id) is outgoing and outgoing.status == MessageStatus.SENDING

    def _posted(self, conversation: Conversation, outgoing: Outgoing) -> None:
        """The far side took it: that is all it will say (B36)."""
        conversation.clear_warning()
        if self._is_under_way(outgoing):
            outgoing.fire("acknowledged")
            self._keep(conversation, outgoing)
            self.outbox.settle(outgoing)
            self.outbox.remove(outgoing)
        self.flush()

    def _refuse(self, outgoing: Outgoing, reply: Reply) -> None:
        """The far side does not take it (B37, B38)."""
        if self._is_under_way(outgoing):
            outgoing.remote_code = reply.verdict.code
            outgoing.fire("refused", reply.cause)

    def _unsent(self, conversation: Conversation, outgoing: Outgoing, reply: Reply) -> None:
        """It certainly never left: back to the queue, and the next attempt waits for the connection's."""
        if conversation.is_over:
            self._refuse(outgoing, reply)
            return
        if self._is_under_way(outgoing):
            outgoing.fire("unwritten")
        self._chat.connection.fire("poll_lost", cause=reply.cause)

    def _doubt(self, conversation: Conversation, outgoing: Outgoing, reply: Reply) -> None:
        """It may have arrived (B39): the history is read before anything else goes."""
        outgoing.remote_code = reply.verdict.code
        outgoing.fire("doubtful", reply.cause)
        if conversation.is_over or self._is_left:
            self.outbox.settle(outgoing)
        if conversation.is_over:
            return
        self._chat.poll.gap = True
        if self._chat.recovery.is_reading:
            self._chat.recovery.again()
        if outgoing.writes > 1:  # sent again by itself, and in doubt again: not in a hurry
            self._chat.connection.fire("poll_lost", cause=reply.cause)

    def looked_for(self) -> None:
        """The history was read: what is in doubt still is not there (D409, D410); of what is over, it has failed."""
        current = self._chat.desk.current
        for outgoing in self.outbox.of(current.chat_id):
            if not current.is_over:
                outgoing.fire("absent", "not found in the conversation's history")
            elif outgoing.status == MessageStatus.UNCERTAIN:
                outgoing.fire("refused", "not found in the conversation's history, and it is over")

    # --- a file that is told of without an id ---

    def _may_lack_id(self, outgoing: Outgoing, id: str, reply: Reply) -> bool:
        is_old = self._chat.site.is_v1 and reply.verdict.status == _OLD_FAULT
        return is_old and bool(outgoing.files and id)

    def _post_nameless(self, conversation: Conversation, outgoing: Outgoing) -> None:
        """An older center takes no id with a file: it is known again by the file's (flow F6)."""
        self._nameless[outgoing.files[0].id] = outgoing.id
        if len(self._nameless) > self._chat.session.policy.remembered_ids:
            del self._nameless[next(iter(self._nameless))]
        self._put(conversation, outgoing, "")

    def id_of(self, event: object) -> str:
        """Return the id that we know a message of ours by, or ""; a center may have given a file one of its own."""
        id: str = getattr(event, "msg_id", "")
        return self._nameless.get(getattr(event, "file_id", ""), id)

    # --- what else tells of it ---

    def stored(self, conversation: Conversation, id: str, at: "datetime | None") -> bool:
        """Ours was found in a history, or came back (B22): the far side has it, by its clock. False for all others."""
        outgoing = self.outbox.get(id)
        if outgoing is None or outgoing.thread != conversation.chat_id:
            return False
        outgoing.created_at = at or outgoing.created_at
        outgoing.fire("server_copy")
        self.flush()
        return True

    def told_of(self, conversation: Conversation, ref: str, status: MessageStatus) -> None:
        """One of ours was delivered or read (B23), whether its answer came or not; it may even not be known yet."""
        outgoing, known = self.outbox.get(ref), conversation.history.get(ref)
        if outgoing is not None and outgoing.thread == conversation.chat_id:
            outgoing.fire("seen" if status is MessageStatus.SEEN else "server_copy")
            self.flush()  # nobody may wait for it any more
        elif known is not None and known.mine:
            self._chat.news.rise(conversation, known, status)
        else:
            self.early.note(ref, status)

    def _confirmed(self, outgoing: Outgoing) -> None:
        self._keep(self._chat.desk.current, outgoing)

    def _keep(self, conversation: Conversation, outgoing: Outgoing) -> None:
        """It belongs to the history now. What goes live stands last, whatever its clock said."""
        newest = conversation.history.messages[-1:]
        if newest and not self._chat.news.is_past:
            outgoing.created_at = max(outgoing.created_at, newest[0].created_at)
        conversation.history.add(outgoing.message)

    # --- the end ---

    def on_their_way(self, conversation: Conversation) -> frozenset[str]:
        """Return the ids of what waits to be sent, or is being sent."""
        outgoing = self.outbox.of(conversation.chat_id)
        return frozenset(message.id for message in outgoing if message.status in _TO_GO)

    def is_under_way(self, conversation: Conversation) -> bool:
        """Whether something that was written before the end is still to go."""
        return any(
            outgoing.status == MessageStatus.SENDING or (outgoing.status in _UNWRITTEN and not outgoing.lacks_files)
            for outgoing in self.outbox.of(conversation.chat_id)
        )

    def lost(self) -> None:
        """The connection is gone: what waited to be posted waits here. What is posted may still be answered."""
        for outgoing in self.outbox:
            if outgoing.status == MessageStatus.SENDING and self._chat.posting.withdraw(outgoing.id):
                outgoing.fire("unwritten")
            elif outgoing.status == MessageStatus.UNCERTAIN and self._is_left:
                self.outbox.settle(outgoing)

    def conversation_over(self, conversation: Conversation) -> None:
        """What never left has failed; of what may have arrived nothing more will be known, unless its answer comes."""
        self.early.forget()
        for outgoing in self.outbox.of(conversation.chat_id):
            self._end_with(outgoing)

    def _end_with(self, outgoing: Outgoing) -> None:
        if outgoing.status in _UNWRITTEN:
            outgoing.fire("refused", "the conversation ended before the message was sent")
        elif outgoing.status == MessageStatus.UNCERTAIN:
            self.outbox.settle(outgoing)

    def forget(self, conversation: Conversation) -> None:
        """The conversation is forgotten, and what failed in it, too."""
        for outgoing in self.outbox.of(conversation.chat_id):
            self.outbox.remove(outgoing)


def _place(input: _Sent) -> Location | None:
    return input.location if isinstance(input, SendLocation) else None


def _postback(input: _Sent) -> str:
    return input.postback if isinstance(input, SendMessage) else ""


def _fault(place: Location, longest: int) -> str:
    """Return why a place cannot be sent, or ""."""
    for name, degrees, most in (("latitude", place.latitude, 90), ("longitude", place.longitude, 180)):
        if not -most <= degrees <= most:  # nor any number
            return f"the {name} is {degrees!r:.50}"
    reason = check_text(place.url, longest)
    return f"the place's URL is {reason}" if reason else ""


def _event(outgoing: Outgoing, id: str) -> msgspec.Raw:
    if outgoing.files:
        (file,) = outgoing.files
        kind = "image" if file.mime_type.lower().startswith("image/") else "attachment"
        return encode.file(id, file.id, kind, file.name)
    if outgoing.location is not None:
        place = outgoing.location
        return encode.location(id, _decimal(place.latitude), _decimal(place.longitude), place.url)
    return encode.message(id, outgoing.text, outgoing.postback)


def _decimal(degrees: float) -> str:
    """Return degrees without an exponent, to about a centimetre."""
    return f"{degrees:.7f}".rstrip("0").rstrip(".")
