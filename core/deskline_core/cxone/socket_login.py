"""Authorization of a legacy session by the first frames on its socket (lifecycle reference, section 5.2)."""

from typing import TYPE_CHECKING

from ..errors import RefusalCode
from ..values import Secret
from . import encode, wire
from .tokens import TokenAnswer

if TYPE_CHECKING:
    from .line import Exchange
    from .session import CXoneChat

__all__ = ["SocketLogin"]

_FIRST = "AuthorizeCustomer"
_RENEWAL = "RefreshToken"


class SocketLogin:
    """Authorizes, reconnects with an access token, and renews it. A login of the app's goes before what was kept."""

    __slots__ = ("_chat",)

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat

    # --- requests ---

    def begin(self) -> None:
        """Reconnect where there is an access token, else authorize.

        A ready token of the app's is taken for an access token: no source shows another use of it in legacy sessions.
        """
        chat = self._chat
        login = chat.credentials.take_login()
        if login is not None and login.token:
            chat.credentials.fire("given", TokenAnswer(access_token=login.token))
        if chat.credentials.riding is None:
            code = login.code if login is not None else None
            self._authorize(code, login.verifier if login is not None and login.verifier else None)
            return
        exchange = chat.line.begin(chat.session.policy.reconnect_event)
        text = encode.reconnect(chat.sender, exchange.event_id, exchange.kind, chat.credentials.riding)
        chat.line.post(exchange, text)

    def begin_anew(self) -> None:
        """The access token was refused: authorize without it, once (S25), or ask the app where that takes a login."""
        self._chat.credentials.login_refused()
        self._chat.credentials.fire("wiped")
        self.begin()

    def _authorize(self, code: Secret | None, verifier: Secret | None) -> None:
        chat = self._chat
        if code is None and chat.credentials.lacks_login(None):
            chat.connection.fire("authorize_refused", cause="the customer has to be logged in")
            return
        exchange = chat.line.begin(_FIRST)
        text = encode.authorize(
            chat.sender, exchange.event_id, sdk_platform=chat.site.sdk_platform, sdk_version=chat.site.sdk_version,
            code=code, verifier=verifier,
        )  # fmt: skip
        chat.line.post(exchange, text)

    # --- what came of them ---

    def accepted(self, exchange: "Exchange", data: object = None) -> None:
        """The far side agreed. Some only acknowledge a reconnect; to the others that says nothing."""
        if isinstance(data, wire.AuthorizedData):
            self._authorized(data)
        elif isinstance(data, wire.RefreshedData) and data.access_token.token:
            self._chat.credentials.accept(_answer(data.access_token))
        elif exchange.kind in (_FIRST, _RENEWAL):
            self.refused(exchange, RefusalCode.TIMEOUT, "its answer is of another kind")
        else:
            self._chat.connection.fire("authorized")

    def _authorized(self, data: wire.AuthorizedData) -> None:
        """With OAuth the access token is mandatory (flow 3.4, step 10)."""
        chat, given = self._chat, data.access_token
        if chat.authentication == "oauth" and (given is None or not given.token):
            chat.credentials.login_refused()
            chat.connection.fire("authorize_refused", cause="the authorization brought no access token")
            return
        if data.consumer_identity is not None:
            chat.connection.identified(data.consumer_identity.id_on_external_platform)
        if data.customer is not None:
            chat.fields.told_customer(data.customer.custom_fields)
        if given is not None and given.token:
            chat.credentials.fire("given", _answer(given))
        chat.connection.fire("authorized")

    def refused(
        self, exchange: "Exchange", code: RefusalCode, cause: str, error: wire.OperationError | None = None
    ) -> None:
        """The far side refused, or gave no answer that could be used; then another attempt may help."""
        chat, is_final = self._chat, error is not None and code is not RefusalCode.VERSION_REFUSED
        if exchange.kind == _RENEWAL:
            settle = chat.credentials.deny if is_final else chat.credentials.give_up
            settle(cause)
        elif not is_final:
            chat.connection.fire("recovery_failed", cause=f"{exchange.kind}: {cause}")
        elif exchange.kind == _FIRST:
            chat.credentials.login_refused()
            chat.connection.fire("authorize_refused", cause=cause)
        else:
            chat.connection.fire("reconnect_refused")

    def lost(self, exchange: "Exchange", *, written: bool) -> None:
        """The socket went away under it. A code that was not written can be used again."""
        if exchange.kind == _RENEWAL:
            self._chat.credentials.give_up("the connection was lost before the answer")
        elif exchange.kind == _FIRST:
            self._chat.credentials.give_back(unsent=not written)


def _answer(given: wire.Token) -> TokenAnswer:
    return TokenAnswer(access_token=Secret(given.token), access_expires_in=max(given.expires_in, 0.0))
