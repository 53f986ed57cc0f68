"""What an app may ask of a Bright Pattern chat, each request to where it is acted on."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from .. import inputs as i
from ..checks import check_name
from ..errors import RefusalCode
from .connection_table import TRYING
from .desk import is_no_id
from .identity import IDENTITY
from .rules import HELD_BACK, RULES, STANDING

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["ROUTES", "take"]

_GOVERNED: Final = frozenset(request for rule in RULES for request in rule.requests)
_TRIGGERS: Final[dict[type[i.AppRequest], str]] = {
    i.OpenThread: "open",
    i.SendMessage: "send",
    i.SendLocation: "send",
    i.StartTyping: "tell",
    i.StopTyping: "tell",
    i.PreviewText: "tell",
    i.MarkRead: "mark_read",
    i.SendSignal: "tell",
    i.LoadMore: "case",
    i.CloseCase: "case",
    i.EndThread: "end",
    i.WrapUp: "wrap_up",
    i.SubmitForm: "form",
    i.CancelForm: "form",
    i.FetchFile: "fetch",
    i.FetchPhoto: "fetch",
}
_CLIENT_ID: Final = frozenset('",\\\r\n')
"""What cannot stand in the header that names the client (2.3)."""


def take(chat: "BrightPatternChat", input: i.AppRequest) -> None:
    """Act on an app request, or refuse it."""
    name = type(input).__name__
    route = ROUTES.get(type(input))
    if route is None or name not in chat.capabilities | _ALWAYS:
        hint = "chat.capabilities names what there is"
        chat.session.refuse(input.request, RefusalCode.NOT_SUPPORTED, f"this site has no {name}", hint)
    elif name not in _GOVERNED or _admitted(chat, input):
        route(chat, input)


def _admitted(chat: "BrightPatternChat", input: i.AppRequest) -> bool:
    rule = STANDING.find(type(input).__name__, chat.connection.state)
    if rule is None or rule.refuse is None:
        return rule is not None
    thread = chat.desk.threads.get(getattr(input, "thread", ""))
    if thread is not None and thread.is_over:
        return True  # its table refuses, or answers what needs no network
    chat.session.refuse(input.request, rule.refuse, rule.says, f"the chat is {chat.chat_state}")
    return False


# --- the whole chat ---


def _prepare(chat: "BrightPatternChat", input: i.Prepare) -> None:
    chat.connection.fire("prepare", input)
    chat.waiting.for_prepared(input.request)


def _connect(chat: "BrightPatternChat", input: i.Connect | i.Open) -> None:
    chat.presence.want()
    chat.session.requests.answer(input.request)
    chat.connection.fire("connect")


def _disconnect(chat: "BrightPatternChat", input: i.Disconnect) -> None:
    chat.presence.detach()
    chat.delivery.ledger.keep_touched()
    chat.connection.fire("disconnect", input)
    chat.waiting.for_disconnected(input.request)


def _sign_out(chat: "BrightPatternChat", input: i.SignOut) -> None:
    chat.presence.detach()
    chat.waiting.for_signed_out(input.request)
    chat.connection.fire("sign_out", input)


def _enter_background(chat: "BrightPatternChat", input: i.EnterBackground) -> None:
    chat.presence.enter_background()
    chat.delivery.ledger.keep_touched()
    if chat.presence.is_away:
        chat.connection.fire("background", input)
    chat.session.requests.answer(input.request)


def _enter_active(chat: "BrightPatternChat", input: i.EnterActive) -> None:
    chat.presence.enter_active()
    chat.session.requests.answer(input.request)
    if chat.presence.is_wanted and not chat.connection.is_serving:
        chat.connection.fire("connect")


def _set_customer(chat: "BrightPatternChat", input: i.SetCustomer) -> None:
    wrong = ""
    for text in (input.id, input.first_name, input.last_name):
        if reason := check_name(text):
            wrong = f"the customer's identity is {reason}"
    if is_no_id(input.id) or not input.id.isascii() or not input.id.isprintable() or _CLIENT_ID & set(input.id):
        wrong = wrong or "a customer's id is up to 200 plain letters and signs, but no quotes, commas, backslashes"
    if wrong:
        chat.session.refuse(input.request, RefusalCode.INVALID_VALUE, wrong)
        return
    was_kept = IDENTITY in chat.session.kept
    if chat.identity.become(input.id, input.first_name, input.last_name):
        chat.forget_customer()
        chat.desk.forget_kept()
    if was_kept:
        chat.identity.keep()
    chat.session.requests.answer(input.request)


def _note_push(chat: "BrightPatternChat", input: i.NotePush) -> None:
    if is_no_id(input.conversation):
        chat.session.requests.answer(input.request, value=False)
    else:
        chat.desk.current.fire("push", input)


# --- a conversation ---


def _start(chat: "BrightPatternChat", input: i.StartThread) -> None:
    """A chat is requested when the site is known to be open; until then it waits."""
    for name, value in input.answers:
        if reason := check_name(name) or check_name(value):
            chat.session.refuse(input.request, RefusalCode.INVALID_VALUE, f"the answer {name!r:.100} is {reason}")
            return
    if len(input.answers) > (limit := chat.session.policy.max_fields):
        chat.session.refuse(input.request, RefusalCode.LIMIT_REACHED, f"more than {limit} answers")
    elif chat.connection.is_serving:
        chat.desk.current.fire("start", input)
    else:
        chat.hold(input)


def _ask_thread(chat: "BrightPatternChat", input: i.AppRequest) -> None:
    conversation = chat.desk.find(input)
    if conversation is None:
        return
    if chat.connection.state in TRYING and type(input).__name__ in HELD_BACK and not conversation.is_over:
        chat.hold(input)
    else:
        conversation.fire(_TRIGGERS[type(input)], input)


def _answer_inactivity(chat: "BrightPatternChat", input: i.AnswerInactivity) -> None:
    """Any message answers a warning; to let it end is to end it (section 10)."""
    conversation = chat.desk.find(input)
    if conversation is None:
        return
    if conversation.inactivity is None:
        chat.session.refuse(input.request, RefusalCode.ILLEGAL_STATE, "no inactivity warning is open")
    elif not input.stay:
        conversation.fire("end", input)
    elif not chat.session.policy.stay_text:
        hint = "any message of the customer's answers it"
        chat.session.refuse(input.request, RefusalCode.NOT_SUPPORTED, "the policy names no text for that", hint)
    else:
        text = conversation.inactivity.stay.text  # the warning stands until the far side has it
        conversation.fire("send", i.SendMessage(request=input.request, thread=input.thread, text=text))


ROUTES: Final[dict[type, Callable[["BrightPatternChat", Any], None]]] = {
    i.Prepare: _prepare,
    i.Connect: _connect,
    i.Open: _connect,
    i.Disconnect: _disconnect,
    i.SignOut: _sign_out,
    i.EnterBackground: _enter_background,
    i.EnterActive: _enter_active,
    i.AwaitReady: lambda chat, it: chat.waiting.for_ready(it.request),
    i.SetCustomer: _set_customer,
    i.RegisterDevice: lambda chat, it: chat.device.register(it),
    i.NotePush: _note_push,
    i.CheckAvailability: lambda chat, it: chat.desk.current.fire("check", it),
    i.FetchVersion: lambda chat, it: chat.inquiries.version(it),
    i.FetchIceServers: lambda chat, it: chat.inquiries.ice_servers(it),
    i.FetchConfiguration: lambda chat, it: chat.inquiries.configuration(it),
    i.ViewPage: lambda chat, it: chat.telling.view_page(it),
    i.StartThread: _start,
    i.RetryMessage: lambda chat, it: chat.delivery.follow_up.retry(it),
    i.DiscardMessage: lambda chat, it: chat.delivery.follow_up.discard(it),
    i.AwaitSettled: lambda chat, it: chat.delivery.follow_up.await_settled(it),
    i.AnswerInactivity: _answer_inactivity,
    **dict.fromkeys(_TRIGGERS, _ask_thread),
}
_ALWAYS: Final = frozenset(
    kind.__name__
    for kind in (
        i.Prepare, i.Connect, i.Open, i.Disconnect, i.SignOut, i.EnterBackground, i.EnterActive, i.AwaitReady,
        i.AwaitSettled,
    )
)  # fmt: skip
"""What every site can be asked."""
