"""What an app may ask of a CXone chat, each request to where it is acted on."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from .. import inputs as i
from ..checks import check_name, check_text
from ..errors import RefusalCode
from ..lifecycle import ThreadState
from . import encode, keeping
from .capabilities import COMMON
from .connection_table import RESTING, ConnectionState
from .rules import GOVERNED, LOCAL, STANDING
from .tokens import Login

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["LACKING", "ROUTES", "held_back", "take"]

_PASSING = i.StartTyping | i.StopTyping | i.PreviewText
"""What nobody wants to be told later."""
_MOST_TRIGGER = 256
"""The reference shows uuids only (3.5.20); ids are the far side's own, so that any text is one (7.2)."""

LACKING: Final = (
    i.CancelForm, i.CheckAvailability, i.CloseCase, i.FetchConfiguration, i.FetchFile, i.FetchIceServers,
    i.FetchPhoto, i.FetchVersion, i.NotePush, i.SendLocation, i.SendSignal, i.SubmitForm, i.WrapUp,
)  # fmt: skip
"""What other vendors have, and no CXone channel."""


def take(chat: "CXoneChat", input: i.AppRequest) -> None:
    """Act on an app request, or refuse it."""
    kind = type(input)
    route = ROUTES.get(kind)
    if route is None:
        chat.session.refuse(input.request, RefusalCode.NOT_SUPPORTED, f"there is no request {kind.__name__}")
    elif kind.__name__ not in _EVERYWHERE and kind.__name__ not in chat.capabilities and not _reaches(chat, input):
        _lacking(chat, input)
    elif kind.__name__ not in GOVERNED or _admitted(chat, input):
        route(chat, input)


def _reaches(chat: "CXoneChat", input: i.AppRequest) -> bool:
    """Tell whether nothing else stands in a request's way: then it is refused where it is known what is missing."""
    if "thread" not in input.__struct_fields__:
        return chat.connection.is_connected
    thread = chat.desk.threads.get(getattr(input, "thread", ""))
    return chat.connection.is_connected and thread is not None and thread.state is not ThreadState.ENDED


def _admitted(chat: "CXoneChat", input: i.AppRequest) -> bool:
    """Check a request against the request rules (S42-S45)."""
    kind = type(input).__name__
    rule = STANDING.find(kind, chat.connection.state)
    if rule is None:
        chat.session.refuse(input.request, RefusalCode.ILLEGAL_STATE, f"no rule admits {kind} now")
        return False
    if rule.refuse is None:
        return True
    thread = chat.desk.threads.get(getattr(input, "thread", ""))
    if thread is not None and (kind, thread.state) in LOCAL:
        return True
    chat.session.refuse(input.request, rule.refuse, rule.says, f"the chat is {chat.chat_state}")
    return False


def _prepare(chat: "CXoneChat", input: i.Prepare) -> None:
    chat.connection.fire("prepare", input)
    chat.waiting.for_prepared(input.request)


def _connect(chat: "CXoneChat", input: i.Connect) -> None:
    if not chat.presence.is_away or chat.connection.state not in RESTING:
        chat.connection.fire("connect", input)
    if chat.session.requests.is_open(input.request):  # not refused; out of sight it is wanted, and that is all
        chat.presence.want()
        chat.session.requests.answer(input.request)


def _open(chat: "CXoneChat", input: i.Open) -> None:
    chat.presence.want()
    chat.session.requests.answer(input.request)
    if chat.presence.is_wanted:
        is_new = chat.connection.state == ConnectionState.INITIAL
        chat.connection.fire("prepare" if is_new else "active")


def _disconnect(chat: "CXoneChat", input: i.Disconnect) -> None:
    chat.visits.leave_page()
    chat.presence.detach()
    chat.delivery.ledger.keep_touched()
    chat.connection.fire("disconnect", input)
    chat.waiting.for_disconnected(input.request)


def _sign_out(chat: "CXoneChat", input: i.SignOut) -> None:
    chat.presence.detach()
    chat.waiting.for_signed_out(input.request)
    chat.connection.fire("sign_out", input)


def _enter_background(chat: "CXoneChat", input: i.EnterBackground) -> None:
    chat.visits.leave_page()
    chat.presence.enter_background()
    chat.delivery.ledger.keep_touched()
    if chat.presence.is_away:
        chat.connection.fire("background", input)
    chat.session.requests.answer(input.request)


def _enter_active(chat: "CXoneChat", input: i.EnterActive) -> None:
    chat.presence.enter_active()
    if chat.connection.state == ConnectionState.INITIAL and chat.presence.is_wanted:
        chat.connection.fire("prepare")
    else:
        chat.connection.fire("active", input)
    chat.session.requests.answer(input.request)


def _await_ready(chat: "CXoneChat", input: i.AwaitReady) -> None:
    chat.waiting.for_ready(input.request)


def _set_customer(chat: "CXoneChat", input: i.SetCustomer) -> None:
    for text in (input.id, input.first_name, input.last_name):
        if reason := check_name(text):
            chat.session.refuse(input.request, RefusalCode.INVALID_VALUE, f"the customer's identity is {reason}")
            return
    if not input.id:
        chat.session.refuse(input.request, RefusalCode.INVALID_VALUE, "a customer needs an id")
        return
    was_kept = keeping.IDENTITY in chat.session.kept
    if chat.identity.customer != input.id and (chat.identity.customer or chat.keeping.is_of_earlier_run):
        chat.forget_customer()
        chat.identity.visitor = ""
        chat.identity.named = False
        chat.forget_kept()
    chat.identity.customer, chat.identity.first_name, chat.identity.last_name = (
        input.id, input.first_name, input.last_name,
    )  # fmt: skip
    chat.identity_changed()
    if was_kept:
        chat.keep_identity()
    chat.session.requests.answer(input.request)


def _authenticate(chat: "CXoneChat", input: i.Authenticate) -> None:
    wrong = ""
    if chat.configuration is not None and chat.authentication != "oauth":
        chat.session.refuse(input.request, RefusalCode.NOT_SUPPORTED, "this channel's customers do not log in")
        return
    if bool(input.code) == bool(input.token):
        wrong = "a login is a code or a token: one of them"
    elif input.verifier and not input.code:
        wrong = "a verifier belongs to a code"
    elif any(len(part.reveal()) > chat.session.policy.max_text for part in (input.code, input.verifier, input.token)):
        wrong = f"a part of the login is longer than {chat.session.policy.max_text} characters"
    if wrong:
        chat.session.refuse(input.request, RefusalCode.INVALID_VALUE, wrong, "a code with its verifier, or a token")
        return
    chat.credentials.give(Login(code=input.code, verifier=input.verifier, token=input.token))
    chat.session.requests.answer(input.request)
    chat.connection.login_given()


def _execute_trigger(chat: "CXoneChat", input: i.ExecuteTrigger) -> None:
    reason = "empty" if not input.trigger.strip() else check_text(input.trigger, _MOST_TRIGGER)
    if reason:
        chat.session.refuse(input.request, RefusalCode.INVALID_VALUE, f"the trigger's id is {reason}")
        return
    if held_back(chat, input):
        return
    if chat.line.is_congested:
        chat.session.refuse(input.request, RefusalCode.LIMIT_REACHED, "too many requests at once", "wait a little")
        return
    chat.line.send(encode.execute_trigger(chat.sender, chat.session.ids.uuid(), input.trigger))
    chat.session.requests.answer(input.request)


def _join(chat: "CXoneChat", input: i.JoinThread) -> None:
    if not held_back(chat, input):
        chat.groups.join(input)


def _ask_thread(chat: "CXoneChat", input: i.AppRequest) -> None:
    thread = chat.desk.threads.get(getattr(input, "thread", ""))
    is_local = thread is not None and (type(input).__name__, thread.state) in LOCAL
    if chat.line.is_congested and not isinstance(input, i.SendMessage) and not is_local:
        chat.session.refuse(input.request, RefusalCode.LIMIT_REACHED, "too many requests at once", "wait a little")
        return
    if isinstance(input, i.SendMessage | _PASSING) or is_local:
        chat.desk.ask(input)
    elif isinstance(input, i.MarkRead) and thread is not None and not chat.connection.is_connected:
        chat.receipts.note_read(thread, input)
    elif not held_back(chat, input):
        chat.desk.ask(input)


def _lacking(chat: "CXoneChat", input: i.AppRequest) -> None:
    kind, hint = type(input), "chat.capabilities names what there is"
    whose = "a CXone" if kind in LACKING else "this"
    chat.session.refuse(input.request, RefusalCode.NOT_SUPPORTED, f"{whose} channel has no {kind.__name__}", hint)


def held_back(chat: "CXoneChat", input: i.AppRequest) -> bool:
    """Thread traffic waits for authorization and recovery (section 5.2)."""
    if chat.connection.is_connected:
        return False
    chat.hold(input)
    return True


ROUTES: Final[dict[type, Callable[["CXoneChat", Any], None]]] = {
    i.Prepare: _prepare,
    i.Connect: _connect,
    i.Open: _open,
    i.Disconnect: _disconnect,
    i.SignOut: _sign_out,
    i.EnterBackground: _enter_background,
    i.EnterActive: _enter_active,
    i.AwaitReady: _await_ready,
    i.SetCustomer: _set_customer,
    i.Authenticate: _authenticate,
    i.RegisterDevice: lambda chat, it: chat.registration.register_device(it),
    i.ExecuteTrigger: _execute_trigger,
    i.ViewPage: lambda chat, it: chat.visits.view(it),
    i.LeavePage: lambda chat, it: chat.visits.leave(it),
    i.ReportWindowOpened: lambda chat, it: chat.visits.window_opened(it),
    i.ReportConversion: lambda chat, it: chat.visits.converted(it),
    i.ReportVisitorEvent: lambda chat, it: chat.visits.custom(it),
    i.ReportOffer: lambda chat, it: chat.offers.report(it),
    i.SetCustomerFields: lambda chat, it: chat.fields.set_customer(it),
    i.SetThreadFields: lambda chat, it: chat.desk.ask(it),
    i.StartThread: lambda chat, it: chat.desk.start(it),
    i.OpenThread: _ask_thread,
    i.SendMessage: _ask_thread,
    i.RetryMessage: lambda chat, it: chat.delivery.follow_up.retry(it),
    i.DiscardMessage: lambda chat, it: chat.delivery.follow_up.discard(it),
    i.AwaitSettled: lambda chat, it: chat.delivery.follow_up.await_settled(it),
    i.StartTyping: _ask_thread,
    i.StopTyping: _ask_thread,
    i.MarkRead: _ask_thread,
    i.LoadMore: _ask_thread,
    i.EndThread: _ask_thread,
    i.AnswerInactivity: lambda chat, it: chat.desk.answer_inactivity(it),
    i.RenameThread: _ask_thread,
    i.ArchiveThread: _ask_thread,
    i.SendTranscript: _ask_thread,
    i.CreateInvitation: _ask_thread,
    i.SendInvitation: _ask_thread,
    i.LeaveThread: _ask_thread,
    i.PreviewText: _ask_thread,
    i.JoinThread: _join,
    i.SendOfflineMessage: lambda chat, it: chat.offline.send(it),
    i.FetchMenu: lambda chat, it: chat.menu.fetch(it),
    **dict.fromkeys(LACKING, _lacking),
}
_EVERYWHERE: Final = COMMON.union(
    kind.__name__
    for kind in (
        i.Prepare, i.Connect, i.Open, i.Disconnect, i.SignOut, i.EnterBackground, i.EnterActive, i.AwaitReady,
        i.AwaitSettled,
    )
)  # fmt: skip
"""What every channel can be asked."""
