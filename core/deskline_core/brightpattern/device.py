"""Where pushes to this device go: told once for each chat, and again when it changes (section 3.13; row B56)."""

from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from ..calls import Call
from ..checks import check_name, check_text
from ..errors import RefusalCode
from ..events import ErrorReceived
from ..inputs import RegisterDevice
from ..model import PushNetwork
from . import encode
from .conversation import Conversation
from .refusals import Reaction
from .replies import JSON, Reply

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Device"]

_Kind = Literal["apns", "fcm_ios", "fcm_android", ""]
_KINDS: Final[dict[str, _Kind]] = {
    PushNetwork.APNS: "apns",
    PushNetwork.FIREBASE_IOS: "fcm_ios",
    PushNetwork.FIREBASE_ANDROID: "fcm_android",
}
_Told = tuple[str, str, str, str]


class Device:
    """The subscription of this device, one request at a time, so that nothing older arrives last.

    ``_told`` is the last one that the far side was told, by chat, token, network and app; None if it may not have
    arrived. ``_known_in`` is the chat in which it may know of one.
    """

    __slots__ = ("_call", "_chat", "_is_taken", "_known_in", "_told")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._told: _Told | None = None
        self._known_in = ""
        self._is_taken = False
        self._call: Call | None = None

    @property
    def is_subscribed(self) -> bool:
        """Whether pushes come for the current chat."""
        told = self._told
        return self._is_taken and told is not None and bool(told[1]) and told[0] == self._chat.desk.current.chat_id

    def register(self, input: RegisterDevice) -> None:
        """Keep where pushes go, and tell it at once where there is a chat; "" tells that they go nowhere."""
        chat, token = self._chat, input.token.reveal()
        if wrong := self._objection(input, token):
            hint = "name who pushes; Apple's service needs the app's bundle id, too"
            chat.session.refuse(input.request, RefusalCode.INVALID_VALUE, wrong, hint)
            return
        network, app = (str(input.network), input.app) if token and input.network is not None else ("", "")
        kept = chat.identity.kept
        if (token, network, app) != (kept.device_token, kept.network, kept.app):
            kept.device_token, kept.network, kept.app = token, network, app
            chat.identity.keep()
        chat.session.requests.answer(input.request)
        chat.desk.current.fire("device", input)

    def _objection(self, input: RegisterDevice, token: str) -> str:
        if reason := check_text(token, self._chat.session.policy.max_text):
            return f"the device's token is {reason}"
        if reason := check_name(input.app):
            return f"the app's id is {reason}"
        if token and input.network is None:
            return "a device's token is of one network: its name is missing"
        if token and input.network is PushNetwork.APNS and not input.app:
            return "pushes by Apple's service need the app's id"
        return ""

    def subscribe(self) -> None:
        """Tell the far side what it does not know of the current chat; of no device, only where it may know of one."""
        chat = self._chat
        current, kept = chat.desk.current, chat.identity.kept
        told = (current.chat_id, kept.device_token, kept.network, kept.app)
        is_needless = told == self._told or (not kept.device_token and self._known_in != current.chat_id)
        if chat.site.is_v1 or not current.is_alive or is_needless:
            return
        if self._call is not None:
            chat.calls.cancel(self._call)
        self._told, self._is_taken, self._known_in = told, False, current.chat_id
        self._call = chat.replies.ask(
            "POST", chat.site.chat_url(current.chat_id, "notifications"), partial(self._answered, current, told),
            body=encode.notifications(_KINDS.get(kept.network, ""), chat.identity.device, kept.app), content_type=JSON,
            retries=chat.session.policy.rest_attempts - 1, outlives=True,
        )  # fmt: skip

    def _answered(self, conversation: Conversation, told: _Told, reply: Reply) -> None:
        """Refused, pushes are off for this chat; what failed on the way is told again with the next return."""
        self._call = None
        if reply.reaction is Reaction.SUCCESS:
            self._is_taken = True
        elif conversation.is_alive and not reply.is_gone:
            if reply.reaction is not Reaction.REFUSED:
                self._told = None
            text = f"pushes are off: {reply.cause}"
            self._chat.session.notify(
                ErrorReceived(code=reply.verdict.code or "notifications", text=text, thread=told[0])
            )
        if conversation.is_alive and self._chat.session.deadlines.at("poll") is None:
            self._chat.poll.rest()  # out of sight, what pushes told of is polled for again where they are off

    def forget(self) -> None:
        """Another customer, or nobody any more."""
        self._told, self._is_taken, self._known_in = None, False, ""
