"""What the credentials' table names: the transaction token of secured sessions, the access token of legacy ones."""

from typing import TYPE_CHECKING

import msgspec

from ..inputs import ResponseReceived
from ..machine import Machine, Row
from ..values import Secret
from . import keeping, rest
from .calls import Call
from .credentials_table import ROWS, STATES, CredentialState

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["CREDENTIALS", "Credentials", "TokenRecord"]


class TokenRecord(msgspec.Struct, frozen=True):
    """What is kept of a token: one record, written at once (trap C8, P51). ``expires_at`` is our clock, UTC seconds."""

    token: str
    expires_at: float


class Credentials:
    """The token and its life: the subject of the credentials table."""

    __slots__ = ("_chat", "expires_at", "is_fresh", "state", "token")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self.state: str = CredentialState.NONE
        self.token: Secret | None = None
        self.expires_at = 0.0
        self.is_fresh = False

    def restore(self, text: str) -> None:
        """Take back a record that was kept; one that cannot be read counts as none."""
        try:
            record = msgspec.json.decode(text, type=TokenRecord)
        except (msgspec.MsgspecError, UnicodeError):
            return
        self.token, self.expires_at, self.state = Secret(record.token), record.expires_at, CredentialState.VALID

    def fire(self, trigger: str, input: object = None) -> None:
        """Fire a trigger of the credentials table."""
        CREDENTIALS.fire(trigger, self, input)

    def entered(self, _input: object) -> None:
        """Nothing is shown by itself: the connection tells the app."""

    def refused(self, _input: object, _row: Row) -> None:
        """No row refuses a request."""

    def is_expired(self, _input: object) -> bool:
        """Whether the token is dead within the policy's margin."""
        return self._chat.session.now >= self.expires_at - self._chat.session.policy.token_margin

    def ask(self, _input: object) -> None:
        """Request a transaction token for an anonymous customer (wire reference, section 2.8)."""
        self.is_fresh = False
        chat, policy = self._chat, self._chat.session.policy
        chat.calls.begin(
            Call(
                "POST", chat.site.token_request_url(chat.identity.visitor), headers=chat.site.rest_headers(),
                body=rest.token_body(chat.identity.customer), done=self._answered, failed=self._failed,
                timeout=policy.token_timeout, limit=policy.max_body,
            )
        )  # fmt: skip

    def _answered(self, response: ResponseReceived) -> None:
        connection = self._chat.connection
        error = rest.read_error(response.status, response.body)
        if error.refuses_version:
            self.fire("failed")
            connection.fire("version_refused", cause=error.text)
        elif response.is_success:
            self._granted(rest.read_token(response.body))
        elif not response.is_transient:
            self.fire("refused")
            cause = f"the token request was refused with status {response.status} {error.code}".rstrip()
            connection.fire("token_expired" if error.code == "invalid_grant" else "token_refused", cause=cause)
        else:
            self._failed(f"the token request was answered {response.status}")

    def _granted(self, answer: "rest.TokenAnswer | str") -> None:
        if isinstance(answer, str):
            self._failed(f"the token answer cannot be read: {answer}")
            return
        self.fire("granted", answer)
        self._chat.connection.identified(answer.customer)
        self._chat.connection.fire("token_received")

    def _failed(self, cause: str) -> None:
        self.fire("failed")
        self._chat.connection.fire("token_failed", cause=cause)

    def keep(self, input: object) -> None:
        """Keep the token and its expiry, counted from receipt."""
        if isinstance(input, rest.TokenAnswer):
            self.token = input.token
            self.is_fresh = True
            self.expires_at = self._chat.session.now + input.expires_in
            record = TokenRecord(self.token.reveal(), self.expires_at)
            self._chat.keeping.save(keeping.CREDENTIALS, msgspec.json.encode(record).decode())

    def grant(self, _input: object) -> None:
        """The token at hand is good."""
        self.is_fresh = False
        self._chat.connection.fire("token_received")

    def wipe(self, _input: object) -> None:
        """Forget the token."""
        if self.token is not None:
            self.token = None
            self._chat.keeping.forget(keeping.CREDENTIALS)


CREDENTIALS = Machine("credentials", states=STATES, rows=ROWS, owner=Credentials)
