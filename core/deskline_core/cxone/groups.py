"""Conversations of several customers: inviting others, joining theirs, leaving (CXone wire reference, section 3.5.18).

No source shows what the answers hold (section 10, 3), nor what a client does with them. So the code of an invitation
is read from wherever it may stand. What was joined appears as a thread that is recovered at once: under the id that
the answer names, else whatever the far side gives for a recovery without one. It is not kept over restarts: then it
comes back if the far side gives it. Leaving ends the thread here, whoever began it.
"""

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from ..checks import check_email, check_text
from ..errors import RefusalCode
from ..inputs import AppRequest, CreateInvitation, JoinThread, SendInvitation
from ..lifecycle import EndReason, ThreadState
from ..model import Message, PartyRole
from ..pieces import load, part, text_of
from . import encode, wire
from .line import Exchange
from .rest import ChannelMode
from .thread import Thread

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Groups"]

_MOST_CODE = 256
_CODES = (("invitation", "code"), ("code",), ("invitationCode",), ("invitation",))
_THREADS = (
    ("thread", "idOnExternalPlatform"), ("contact", "threadIdOnExternalPlatform"),
    ("consumerContact", "threadIdOnExternalPlatform"), ("case", "threadIdOnExternalPlatform"),
)  # fmt: skip
_CONTACTS = (("contact", "id"), ("consumerContact", "id"), ("case", "id"))
"""Where in an answer's data something may stand, the likeliest place first."""


def _find(data: object, places: tuple[tuple[str, ...], ...]) -> str:
    root = load(data) if isinstance(data, msgspec.Raw) else None
    return next((text for place in places if (text := text_of(part(root, *place)))), "")


class Groups:
    """Invitations, and the conversations that are joined with them."""

    __slots__ = ("_chat",)

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat

    # --- requests ---

    def ask(self, thread: Thread, input: AppRequest) -> None:
        """Ask the far side for what concerns an open conversation; its answer settles the request."""
        line, sender = self._chat.line, self._chat.sender
        requests = (input.request,)
        if isinstance(input, SendInvitation):
            if reason := _fault(input.code, input.emails):
                self._chat.session.refuse(input.request, RefusalCode.INVALID_VALUE, reason)
                return
            exchange = line.begin("SendEmailInvitationToGroupChat", thread.id, requests=requests)
            line.post(
                exchange, encode.send_invitation(sender, exchange.event_id, thread.contact, input.code, input.emails)
            )
        elif isinstance(input, CreateInvitation):
            exchange = line.begin("CreateInvitationToGroupChat", thread.id, requests=requests)
            line.post(exchange, encode.create_invitation(sender, exchange.event_id, thread.contact))
        else:
            exchange = line.begin("LeaveGroupChat", thread.id, requests=requests)
            line.post(exchange, encode.leave_group(sender, exchange.event_id, thread.contact))

    def join(self, input: JoinThread) -> None:
        """Join someone else's conversation."""
        session, configuration = self._chat.session, self._chat.configuration
        if configuration is None or not configuration.group_chat:
            session.refuse(input.request, RefusalCode.NOT_SUPPORTED, "the channel has no group conversations")
        elif reason := _fault(input.code):
            session.refuse(input.request, RefusalCode.INVALID_VALUE, reason)
        elif self._chat.line.is_congested:
            session.refuse(input.request, RefusalCode.LIMIT_REACHED, "too many requests at once", "wait a little")
        else:
            exchange = self._chat.line.begin("JoinGroupChat", requests=(input.request,))
            self._chat.line.post(exchange, encode.join_group(self._chat.sender, exchange.event_id, input.code))

    # --- answers (see :class:`~.reception.Owner`) ---

    def accepted(self, exchange: Exchange, data: object = None) -> None:
        """The far side did it."""
        value: object = None
        if exchange.kind == "CreateInvitationToGroupChat":
            value = _find(data, _CODES)
            if not value:
                self.refused(exchange, RefusalCode.TIMEOUT, "its answer names no code")
                return
        elif exchange.kind == "JoinGroupChat":
            if not self._joined(_find(data, _THREADS), _find(data, _CONTACTS)):
                self.refused(exchange, RefusalCode.LIMIT_REACHED, "there are too many threads")
                return
        elif exchange.kind == "LeaveGroupChat" and (thread := self._chat.desk.threads.get(exchange.thread)):
            thread.fire("left", reason=EndReason.CUSTOMER)
        for request in exchange.requests:
            self._chat.session.requests.answer(request, value)

    def _joined(self, id: str, contact: str) -> bool:
        """Recover what was joined; False if there is no room for it."""
        desk, recovery = self._chat.desk, self._chat.recovery
        if not id:
            if self._chat.mode is ChannelMode.MULTI_THREAD:
                recovery.refetch_list()
            else:
                recovery.recover_latest()
            return True
        known = desk.threads.get(id)
        if known is not None and known.state is not ThreadState.ENDED:
            return True
        if known is not None:
            desk.discard(known)  # ended is for good: what is joined again is a new object
        thread = Thread(self._chat, id)
        if not desk.add(thread, ours=True):
            return False
        thread.fire("adopt")
        self._chat.inbox.adopt_contact(thread, contact)
        recovery.recover_thread(thread)
        return True

    def refused(
        self, exchange: Exchange, code: RefusalCode, cause: str, error: wire.OperationError | None = None
    ) -> None:
        """The far side did not do it, or gave no answer that could be used."""
        self._chat.reception.refuse_all(exchange, code, cause, error)

    def lost(self, exchange: Exchange, *, written: bool) -> None:
        """The socket went away under it."""
        before = "the answer" if written else "it was sent"
        self.refused(exchange, RefusalCode.CONNECTION_LOST, f"the connection was lost before {before}")

    # --- messages ---

    def told_apart(self, message: Message) -> Message:
        """Return a message with its party as a guest, if another customer of the conversation wrote it.

        Only where the channel has group conversations: everywhere else what comes from a customer is the customer's.
        """
        party, configuration = message.party, self._chat.configuration
        if not message.mine or party.id in ("", self._chat.identity.customer):
            return message
        if configuration is None or not configuration.group_chat:
            return message
        return replace(message, party=replace(party, role=PartyRole.GUEST))


def _fault(code: str, emails: tuple[str, ...] | None = None) -> str:
    """Return what is wrong with an invitation, or ""."""
    if not code.strip():
        return "the invitation's code is empty"
    if reason := check_text(code, _MOST_CODE):
        return f"the invitation's code is {reason}"
    if emails == ():
        return "an invitation needs an e-mail address to go to"
    for email in emails or ():
        if reason := check_email(email):
            return f"one of the addresses is {reason}"
    return ""
