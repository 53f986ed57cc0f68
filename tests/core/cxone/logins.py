"""Sessions of customers who log in, on their way to where a test begins."""

from typing import Any

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Policy
from deskline_core.values import Secret
from tests.core.cxone.alone import Alone, nothing_to_recover, reach

CODE: dict[str, Any] = {"code": Secret("code-7781"), "verifier": Secret("verifier-31")}
TOKEN: dict[str, Any] = {"token": Secret("eyJh.of-the-app.x")}
THIRD_PARTY = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 3600}
UNION = {"accessToken": "token-1", "expiresIn": 600, "thirdParty": THIRD_PARTY}
QUIET = Policy(heartbeat=1e6)
"""Long times pass without a heartbeat that nobody answers."""
ACCESS: dict[str, Any] = {"accessToken": {"token": "access-1", "expiresIn": 3600}}


def prepared(*, secured: bool, login: dict[str, object] | None = None, **rest: Any) -> Alone:
    """Return a prepared session of a channel with OAuth, a login given if there is one."""
    chat = reach(S.PREPARED, secured=secured, authentication="oauth", **rest)
    if login is not None:
        assert chat.ask(i.Authenticate, **login) == ["Authenticate answered"]
    return chat


def logged_in(*, secured: bool, answer: dict[str, Any] | None = None, **rest: Any) -> Alone:
    """Return a session that is ready after a login with a code. All saves are reported."""
    chat = prepared(secured=secured, login=CODE, **rest)
    chat.ask(i.Open)
    if secured:
        chat.reply("POST token", UNION if answer is None else answer)
    chat.opened()
    if not secured:
        chat.answer("AuthorizeCustomer", "ConsumerAuthorized", ACCESS if answer is None else answer)
    nothing_to_recover(chat)
    chat.saved()
    assert chat.state is S.SERVING, chat.state
    return chat


def back_on_a_socket(chat: Alone) -> list[str]:
    """Lose the socket and wait until another one opens; return the words of the attempt."""
    chat.closed()
    words = chat.wait(6)
    return [word for word in words if word != "frame heartbeat"]
