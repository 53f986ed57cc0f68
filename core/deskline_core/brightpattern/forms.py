"""Forms that the scenario or an agent asks for (sections 6.12, 6.13, 9.6; rows B30, B31, B60)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from ..checks import check_name, check_text
from ..errors import RefusalCode
from ..events import FormClosed, FormRequested
from ..inputs import AppRequest, SubmitForm
from ..model import Form
from . import encode, wire
from .conversation import Conversation
from .refusals import Reaction
from .replies import Reply

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Forms"]


class _Answered:
    """A form whose answer is on its way. ``is_closed`` tells that the app knows that it is asked for no more."""

    __slots__ = ("form", "is_closed", "request")

    def __init__(self, form: Form, request: int | None) -> None:
        self.form = form
        self.request = request
        self.is_closed = False


class Forms:
    """The forms of the current chat: those that are asked for, which the chat shows, and those whose answer goes.

    One that is answered is asked for no more; if the answer was not taken, it stands again.
    """

    __slots__ = ("_chat", "_sent", "_under_way")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._sent = 0
        self._under_way: list[_Answered] = []

    # --- asked for, and taken back ---

    def show(
        self, conversation: Conversation, event: wire.ChatSessionFormShow | wire.ChatSessionSecureFormShow
    ) -> None:
        """A form is asked for. A plain one takes the place of an older plain one; secure ones stand beside (9.6)."""
        if isinstance(event, wire.ChatSessionSecureFormShow):
            form = Form(id=event.form_request_id, name=event.form_id, secure=True)
        else:
            form = Form(id=event.form_request_id, name=event.form_name, timeout=event.form_timeout)
        for older in conversation.forms:
            if older.id == form.id or not (older.secure or form.secure):
                self._close(conversation, older)
        while len(conversation.forms) >= self._chat.session.policy.forms:
            self._close(conversation, conversation.forms[0])
        conversation.forms = (*conversation.forms, form)
        self._chat.session.notify(FormRequested(thread=conversation.chat_id, form=form))
        self._chat.leaving.something_came()

    def withdraw(self, conversation: Conversation, id: str) -> None:
        """A form is taken back, or was answered elsewhere; one that is not asked for changes nothing (B31)."""
        for form in conversation.forms:
            if form.id == id:
                self._close(conversation, form)
                self._chat.leaving.something_came()
        for answered in self._under_way:
            if answered.form.id == id:
                self._end(conversation, answered)

    def close_all(self, conversation: Conversation) -> None:
        """The chat is over: no form of it is asked for."""
        for form in conversation.forms:
            self._close(conversation, form)
        for answered in self._under_way:
            self._end(conversation, answered)

    def _close(self, conversation: Conversation, form: Form) -> None:
        conversation.forms = tuple(other for other in conversation.forms if other is not form)
        self._chat.session.notify(FormClosed(thread=conversation.chat_id, form=form.id))

    def _end(self, conversation: Conversation, answered: _Answered) -> None:
        """Tell of one whose answer goes that it is over, once."""
        if not answered.is_closed:
            answered.is_closed = True
            self._chat.session.notify(FormClosed(thread=conversation.chat_id, form=answered.form.id))

    # --- answers ---

    def post(self, conversation: Conversation, input: AppRequest) -> None:
        """Answer a form that is asked for, or say that it stays unanswered (B60)."""
        form = next(form for form in conversation.forms if form.id == getattr(input, "form", None))
        if isinstance(input, SubmitForm):
            if reason := self._objection(input):
                self._chat.session.refuse(input.request, RefusalCode.INVALID_VALUE, reason)
                return
            item = encode.form_data(form.id, form.name, input.data, secure=form.secure)
        else:
            item = encode.form_cancel(form.id, form.name, secure=form.secure)
        self._sent += 1
        self._send(conversation, form, item, request=input.request, passing=f"form {self._sent}")

    def _objection(self, input: SubmitForm) -> str:
        policy = self._chat.session.policy
        if len(input.data) > policy.max_fields:
            return f"a form has no more than {policy.max_fields} fields"
        names = [name for name, _ in input.data]
        if len(set(names)) < len(names):
            return "a form has each field once"
        reasons = (check_name(name) or check_text(value, policy.max_text) for name, value in input.data)
        return next((f"a field of the form is {reason}" for reason in reasons if reason), "")

    def answered_by_text(
        self, conversation: Conversation, text: str, then: Callable[[Reply], None] | None = None
    ) -> bool:
        """Answer the form without a name, if one is asked for, by the customer's text; tell whether it goes (9.6).

        ``then`` is told what came of it. Where the policy's ``free_text_forms`` has the message do, the form is closed.
        """
        asked = next((form for form in conversation.forms if not form.name and not form.secure), None)
        if asked is None:
            return False
        if self._chat.session.policy.free_text_forms == "message":
            self._close(conversation, asked)
            return False
        item = encode.form_data(asked.id, "", (("text", text),), secure=asked.secure)
        passing = f"text {asked.id}" if then is not None else ""  # the text waits in the outbox, and is sent again
        self._send(conversation, asked, item, passing=passing, then=then)
        return True

    def _send(
        self,
        conversation: Conversation,
        form: Form,
        item: msgspec.Raw,
        *,
        request: int | None = None,
        passing: str = "",
        then: Callable[[Reply], None] | None = None,
    ) -> None:
        answered = _Answered(form, request)
        self._under_way.append(answered)
        conversation.forms = tuple(other for other in conversation.forms if other is not form)

        def settled(reply: Reply) -> None:
            self._under_way.remove(answered)
            self._settle(conversation, answered, reply)
            if then is not None:
                then(reply)
            if reply.is_gone:
                conversation.fire("post_gone")

        self._chat.posting.put(item, settled, passing=passing)

    def _settle(self, conversation: Conversation, answered: _Answered, reply: Reply) -> None:
        """The answer was taken, or the form stands again; a mere 404 is that nobody waits for it any more (B60)."""
        chat, form = self._chat, answered.form
        if reply.reaction is Reaction.SUCCESS:
            self._end(conversation, answered)
            chat.session.requests.answer(answered.request)
            chat.leaving.something_came()
        elif reply.reaction is Reaction.GONE and not reply.is_gone and not reply.unsent:
            self._end(conversation, answered)
            says = "the contact center no longer waits for this form (status 404)"
            chat.session.refuse(answered.request, RefusalCode.REFUSED_BY_CENTER, says)
        else:
            self._stand_again(conversation, answered)
            chat.replies.refuse(answered.request, reply, f"the form {form.id!r:.100} was not taken")

    def _stand_again(self, conversation: Conversation, answered: _Answered) -> None:
        form = answered.form
        is_replaced = any(other.id == form.id or not (other.secure or form.secure) for other in conversation.forms)
        if is_replaced or not conversation.is_live:
            self._end(conversation, answered)
        elif not answered.is_closed:
            conversation.forms = (form, *conversation.forms)

    def withdrawn(self, request: int) -> None:
        """Nobody waits for the answer any more; it goes all the same."""
        for answered in self._under_way:
            if answered.request == request:
                answered.request = None
