"""What the credentials' table names: the transaction token of secured sessions, and the access token of messages."""

from typing import TYPE_CHECKING

from ..calls import Call
from ..events import ErrorReceived, ReauthenticationNeeded
from ..inputs import ResponseReceived
from ..machine import Machine, Row
from ..values import Secret
from . import keeping, rest, tokens
from .credentials_table import ROWS, STATES, CredentialState
from .renewal import Renewal
from .tokens import NOTHING, Login, TokenAnswer, Tokens

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["CREDENTIALS", "Credentials"]


class Credentials:
    """The tokens and their life: the subject of the credentials table.

    ``tokens`` are those at hand. A login that the app gave is used once, in place of everything that is kept. A code
    whose request may have left is spent (lifecycle reference, section 5.3); a token of the app's is not.
    """

    __slots__ = (
        "_call", "_chat", "_is_needed", "_is_unrepeatable", "_login", "_refused_tokens", "_spending", "is_fresh",
        "renewal", "state", "tokens",
    )  # fmt: skip

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self.state: str = CredentialState.NONE
        self.tokens: Tokens = NOTHING
        self.renewal = Renewal(chat)
        self.is_fresh = False
        self._login: Login | None = None
        self._spending: Login | None = None
        self._call: Call | None = None
        self._is_needed = False
        self._is_unrepeatable = False
        self._refused_tokens = 0
        if (kept := chat.session.kept.get(keeping.CREDENTIALS)) is not None:
            self.tokens = tokens.read_tokens(kept)
            if not chat.identity.customer:  # that was lost, or is in another store: it will be for others than its
                self.tokens = self.tokens.without_token()
            if self.tokens != NOTHING:
                self.state = CredentialState.VALID

    def fire(self, trigger: str, input: object = None) -> None:
        """Fire a trigger of the credentials table."""
        CREDENTIALS.fire(trigger, self, input)

    def entered(self, _input: object) -> None:
        """Nothing is shown by itself: the connection tells the app."""

    def refused(self, _input: object, _row: Row) -> None:
        """No row refuses a request."""

    @property
    def token(self) -> Secret | None:
        """The transaction token."""
        return self.tokens.token or None

    @property
    def riding(self) -> Secret | None:
        """The access token that messages carry (wire reference, section 7.5)."""
        return self.tokens.access_token or None

    # --- logins ---

    def give(self, login: Login) -> None:
        """Take a login of the app's: what is kept is dropped.

        A socket that is open or opening goes on with the tokens it has; the login is for the next one. While it is not
        known whether the channel's customers log in at all, nothing is dropped.
        """
        self._login = login
        if self._chat.configuration is None:
            return
        if self._chat.line.socket is not None:
            self.store()
            return
        self.fire("wiped")
        if self._is_needed:
            self.fire("need")

    def take_login(self) -> Login | None:
        """Use the login that the app gave, if this channel knows logins: from now on it is spent."""
        if not self.has_login:
            return None
        self._spending, self._login = self._login, None
        self.fire("wiped")
        return self._spending

    def give_back(self, *, unsent: bool) -> None:
        """The login's request came to nothing. A code can be used again only if it certainly never left."""
        spending, self._spending = self._spending, None
        if spending is not None and self._login is None and (unsent or not spending.code):
            self._login = spending

    def login_refused(self) -> None:
        """The far side refused what the app gave."""
        if self._spending is not None and self._spending.token:
            self._refused_tokens += 1
        self._spending = None

    def forget_login(self) -> None:
        """Signed out: what the app gave before is somebody else's."""
        self._login = self._spending = None
        self._refused_tokens = 0

    @property
    def has_login(self) -> bool:
        """Whether the app gave a login that is not used yet."""
        return self._login is not None and self._is_oauth

    def tell_app(self, cause: str) -> None:
        """Ask the app to authenticate again.

        A token of its own is asked for again exactly once until one is accepted (section 5.3, implicit), so that an
        app that always has the same answer does not go round in circles: the second refusal is told as an error.
        """
        if self._refused_tokens > 1:
            self._chat.session.notify(ErrorReceived(code="InvalidAccessToken", text=cause))
        else:
            self._chat.session.notify(ReauthenticationNeeded(cause=cause))

    # --- what the table asks ---

    @property
    def _is_oauth(self) -> bool:
        return self._chat.authentication == "oauth"

    def lacks_login(self, _input: object) -> bool:
        """Whether the channel wants a login, and there is neither one nor a token that stands for it."""
        if not self._is_oauth or self._login is not None:
            return False
        return not (self.tokens.refresh_token if self._chat.is_secured else self.tokens.access_token)

    def is_expired(self, _input: object) -> bool:
        """Whether the transaction token is dead within the policy's margin, or has to make room for a new login."""
        soon = self._chat.session.now + self._chat.session.policy.token_margin
        return self.has_login or not self.tokens.token or soon >= self.tokens.expires_at

    def is_used_up(self, input: object) -> bool:
        """Whether the transaction token is dead, and nothing can bring another."""
        return self.is_expired(input) and self.lacks_login(input)

    def can_renew(self, _input: object) -> bool:
        """Whether there is something to renew the access token with."""
        return self.renewal.is_possible

    def is_dead(self, _input: object) -> bool:
        """Whether the access token has expired."""
        return self.renewal.is_dead

    def is_unrepeatable(self, _input: object) -> bool:
        """Whether the answer to the request under way cannot be had again.

        It takes a code with it, or a refresh token, which the answer may replace.
        """
        return self._is_unrepeatable

    # --- requests ---

    def need(self) -> None:
        """The connection waits for a transaction token."""
        self._is_needed = True
        self.fire("need")

    def need_no_longer(self, _input: object) -> None:
        """The connection waits no longer."""
        self._is_needed = False

    def let_go(self, _input: object) -> None:
        """As above, and the request was stopped: a token of the app's is for the next one."""
        self._is_needed = False
        self.give_back(unsent=False)

    def ask_app(self, _input: object) -> None:
        """Nothing is sent: there is nothing to send (section 5.3)."""
        self._tell("token_expired", "the customer has to be logged in")

    def ask(self, _input: object) -> None:
        """Request a transaction token, in the way of the channel (wire reference, section 2.8)."""
        self.is_fresh = False
        policy = self._chat.session.policy
        login = self._login if self.has_login else None
        if login is not None:
            self._spending, self._login = login, None
            self.wipe(None)
            self.post(tokens.login_body(login), is_unrepeatable=bool(login.code))
        elif self._is_oauth:
            self.post(tokens.refresh_body(self.tokens.refresh_token), is_unrepeatable=True)
        elif self._chat.authentication == "secured cookie":
            self.post(tokens.cookie_body(), self._identity(), fallback=policy.identity_by == "token")
        else:
            self.post(tokens.anonymous_body(self._chat.identity.customer))

    def _identity(self) -> tuple[tuple[str, str], ...]:
        """Return the header that proves who it is, where that is known: the cookie, or what stands in for it."""
        if self._chat.session.policy.identity_by == "token":
            token = self.tokens.identity_token
            return (("authorization", f"Bearer {token.reveal()}"),) if token else ()
        cookie = self.tokens.cookie
        return (("cookie", f"{tokens.COOKIE}={cookie.reveal()}"),) if cookie else ()

    def post(
        self,
        body: bytes,
        headers: tuple[tuple[str, str], ...] = (),
        *,
        fallback: bool = False,
        is_unrepeatable: bool = False,
    ) -> None:
        """Send a request to the token endpoint. One whose answer cannot be had again outlives the attempt."""
        chat, policy = self._chat, self._chat.session.policy
        self._is_unrepeatable = is_unrepeatable

        def failed(cause: str) -> None:
            self._failed(cause, unsent=call.unsent)

        call = Call(
            "POST", chat.site.token_request_url(chat.identity.visitor, fallback=fallback),
            headers=(*chat.site.rest_headers(), *headers), body=body, done=self._answered,
            failed=failed, timeout=policy.token_timeout,
            limit=policy.max_body, outlives=is_unrepeatable,
        )  # fmt: skip
        self._call = chat.calls.begin(call)

    # --- answers ---

    def _answered(self, response: ResponseReceived) -> None:
        error = rest.read_error(response.status, response.body)
        if error.refuses_version:
            self._is_needed = False
            self.fire("failed")
            self._chat.connection.fire("version_refused", cause=error.text)
        elif error.blocks_address:
            self._blocked(error)
        elif response.is_success:
            self._received(tokens.read_token(response.body, response.headers))
        elif response.is_transient:
            self._failed(f"the token request was answered {response.status}")
        else:
            cause = f"the token request was refused with status {response.status} {error.code}".rstrip()
            self.deny(cause, "token_expired" if error.code == "invalid_grant" else "token_refused")

    def _received(self, answer: TokenAnswer | str) -> None:
        is_renewal = self.state == CredentialState.REFRESHING
        if isinstance(answer, str):
            self._failed(f"the token answer cannot be read: {answer}")
        elif answer.token or is_renewal:
            self.accept(answer)
        elif self._is_oauth:  # the code is spent, or a renewal brings no more than this
            self.deny("the token answer holds no transaction token", "token_expired")
        else:
            self._failed("the token answer holds no transaction token")

    def accept(self, answer: TokenAnswer) -> None:
        """The far side gave what was asked for."""
        is_renewal = self.state == CredentialState.REFRESHING
        self.fire("granted", answer)
        if is_renewal and not answer.access_token:
            self.renewal.failed()
        self._chat.connection.identified(answer.customer)
        self._chat.fields.told_customer(answer.fields)
        self._go_on("token_received", renewed=is_renewal)
        if is_renewal:
            self._chat.delivery.flush()

    def deny(self, cause: str, trigger: str = "token_refused") -> None:
        """The far side refused for good: what waits for a renewal fails, and the app is asked."""
        is_renewal = self.state == CredentialState.REFRESHING
        self.login_refused()
        self.fire("refused")
        self._tell(trigger, cause)
        if is_renewal:
            self._lose_login(cause)

    def give_up(self, cause: str) -> None:
        """A renewal came to nothing this time."""
        self._failed(cause)

    def _failed(self, cause: str, *, unsent: bool = False) -> None:
        is_renewal = self.state == CredentialState.REFRESHING
        self.give_back(unsent=unsent)
        self.fire("failed")
        self._go_on("token_failed", cause, renewed=is_renewal)
        if is_renewal:  # the old one is good until it is dead
            self._chat.delivery.flush()

    def _blocked(self, error: rest.RestError) -> None:
        """Our address is not welcome: an error of its own, which no login can help (trap C6)."""
        cause = error.text or "the far side takes nothing from this network address"
        self._chat.session.notify(ErrorReceived(code=error.code, text=cause, transaction=error.transaction))
        self._chat.connection.is_blocked = True
        self._failed(cause)
        self._chat.connection.is_blocked = False

    def _go_on(self, trigger: str, cause: str = "", *, renewed: bool) -> None:
        """Tell the connection; one that only joined a renewal looks again what it still needs."""
        if renewed and self._is_needed:
            self.fire("need")
        else:
            self._tell(trigger, cause)

    def _tell(self, trigger: str, cause: str = "") -> None:
        """Tell the connection, if it waits."""
        if self._is_needed:
            self._is_needed = False
            self._chat.connection.fire(trigger, cause=cause)

    # --- what follows ---

    def keep(self, input: object) -> None:
        """Keep the tokens and their expiry, counted from receipt; what an answer does not name stays."""
        if not isinstance(input, TokenAnswer):
            return
        now, policy, old = self._chat.session.now, self._chat.session.policy, self.tokens
        self._spending = None
        self._refused_tokens = 0
        self.is_fresh = True
        token, access = input.token, input.access_token
        until, life = now + (input.expires_in or policy.token_life), input.access_expires_in
        self.tokens = Tokens(
            token=token or old.token,
            expires_at=until if token else old.expires_at,
            access_token=access or old.access_token,
            access_expires_at=self.renewal.end_of(life) if access else old.access_expires_at,
            renew_at=self.renewal.time_of(life) if access else old.renew_at,
            refresh_token=input.refresh_token or old.refresh_token,
            cookie=input.cookie or old.cookie,
            identity_token=input.identity_token or old.identity_token,
        )
        if access:
            self.renewal.done()
        self.store()

    def grant(self, _input: object) -> None:
        """The token at hand is good."""
        self.is_fresh = False
        self._tell("token_received")

    def retry_later(self, _input: object) -> None:
        """A renewal failed."""
        self.renewal.failed()

    def renew(self, _input: object) -> None:
        """Renew the access token."""
        self.renewal.begin()

    def run_out(self, input: object) -> None:
        """The access token is dead for good."""
        self.wipe(input)
        self._lose_login("the access token has expired, and nothing can renew it")

    def _lose_login(self, cause: str) -> None:
        if self._chat.connection.is_connected:
            self.renewal.fail_parked(cause)
        self._chat.connection.fire("login_lost", cause=cause)
        self._chat.connection.login_given()  # one for the next connect may be at hand already

    def drop_token(self, _input: object) -> None:
        """Forget the transaction token; what can bring another stays (trap C1)."""
        self.tokens = self.tokens.without_token()
        self.store()

    def wipe(self, _input: object) -> None:
        """Forget all tokens; an answer that is still to come is dropped (trap C10)."""
        if self._call is not None:
            self._chat.calls.cancel(self._call)
            self._call = None
        self.renewal.rest()
        self.tokens = NOTHING
        self.store()

    def store(self) -> None:
        """Keep the tokens as one record. While a login waits for its turn, nothing older is kept."""
        kept = keeping.CREDENTIALS in self._chat.session.kept
        if self.tokens != NOTHING and not self.has_login:
            self._chat.keeping.save(keeping.CREDENTIALS, self.tokens.text())
        elif kept:
            self._chat.keeping.forget(keeping.CREDENTIALS)


CREDENTIALS = Machine("credentials", states=STATES, rows=ROWS, owner=Credentials)
