"""What the token endpoint takes and gives (CXone wire reference, section 2.8), and what is kept of it.

A reader returns what it read, or the reason why it could not, as a text. None of them raises.
"""

import re
from typing import Any, Final

import msgspec

from ..pieces import REFUSED, amount_of, load, part, text_of
from ..values import Secret, Value
from .parts import CustomField
from .survey import read_fields

__all__ = [
    "COOKIE",
    "NOTHING",
    "Login",
    "TokenAnswer",
    "Tokens",
    "anonymous_body",
    "cookie_body",
    "login_body",
    "read_cookie",
    "read_token",
    "read_tokens",
    "refresh_body",
]

COOKIE: Final = "cx_digital_wi"
"""The name of the cookie that holds an identity (2.8)."""

_PRESENTABLE: Final = re.compile(r"[!#-+\--:<-\[\]-~]{1,4096}")
"""What may stand in a header, as a cookie or behind ``Bearer``."""
_LONGEST: Final = 32 * 1024
"""No token is as long, in characters: it has to fit into a URL or a header."""


class Login(Value, frozen=True, kw_only=True):
    """What an app gave to log a customer in: a code with its verifier, or a ready token."""

    code: Secret = Secret("")
    verifier: Secret = Secret("")
    token: Secret = Secret("")


class TokenAnswer(Value, frozen=True, kw_only=True):
    """What the token endpoint gave, or an authorization on the socket. Lives are seconds; 0 where it does not say.

    ``token`` is the transaction token; ``access_token`` and ``refresh_token`` are the third party's, with OAuth, and in
    legacy sessions ``access_token`` is the session's own. ``cookie`` and ``identity_token`` stand for an identity.
    """

    token: Secret = Secret("")
    expires_in: float = 0.0
    customer: str = ""
    first_name: str = ""
    last_name: str = ""
    access_token: Secret = Secret("")
    refresh_token: Secret = Secret("")
    access_expires_in: float = 0.0
    cookie: Secret = Secret("")
    identity_token: Secret = Secret("")
    fields: tuple[CustomField, ...] = ()


class Tokens(Value, frozen=True, kw_only=True, omit_defaults=True):
    """All tokens of a customer: one record, written at once (traps C8, P51). Times are our clock, UTC seconds.

    0 is the end of an access token whose life is not known, and the time to renew one that is not renewed by itself.
    """

    token: Secret = Secret("")
    expires_at: float = 0.0
    access_token: Secret = Secret("")
    access_expires_at: float = 0.0
    renew_at: float = 0.0
    refresh_token: Secret = Secret("")
    cookie: Secret = Secret("")
    identity_token: Secret = Secret("")

    def without_token(self) -> "Tokens":
        """Return the same without the transaction token, which is for one socket's ids."""
        return msgspec.structs.replace(self, token=NOTHING.token, expires_at=NOTHING.expires_at)

    def text(self) -> str:
        """Return the record to keep."""
        return _RECORD.encode(self).decode()


NOTHING: Final = Tokens()
"""No tokens at all."""


def _revealed(secret: Any) -> str:  # noqa: ANN401 - msgspec's own type
    text: str = secret.reveal()
    return text


def _hidden(_type: type, text: object) -> Secret:
    if not isinstance(text, str):
        raise TypeError(type(text).__name__)
    return Secret(text)


_RECORD: Final = msgspec.json.Encoder(enc_hook=_revealed)
_KEPT: Final = msgspec.json.Decoder(Tokens, dec_hook=_hidden)


def read_tokens(text: str) -> Tokens:
    """Return a record that was kept; one that cannot be read counts as none, as does what cannot stand in a header."""
    try:
        kept = _KEPT.decode(text)
    except REFUSED:
        return NOTHING
    cookie, identity_token = _presentable(kept.cookie.reveal()), _presentable(kept.identity_token.reveal())
    return msgspec.structs.replace(kept, cookie=cookie, identity_token=identity_token)


# --- answers ---


def read_token(body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> TokenAnswer | str:
    """Read a transaction token, or the third party's tokens in each of the forms of a refresh."""
    root = load(body)
    third_party = part(root, "thirdParty") or root
    customer = part(root, "customerIdentity")
    answer = TokenAnswer(
        token=_token(root, "accessToken"),
        expires_in=amount_of(part(root, "expiresIn")),
        customer=text_of(part(customer, "idOnExternalPlatform")),
        first_name=text_of(part(customer, "firstName")),
        last_name=text_of(part(customer, "lastName")),
        access_token=_token(third_party, "access_token"),
        refresh_token=_token(third_party, "refresh_token"),
        access_expires_in=amount_of(part(third_party, "expires_in")),
        cookie=read_cookie(headers),
        identity_token=_presentable(text_of(part(root, "identityToken"))),
        fields=read_fields(part(customer, "customFields")),
    )
    return answer if answer.token or answer.access_token else "no token"


def read_cookie(headers: tuple[tuple[str, str], ...]) -> Secret:
    """Return the identity that an answer sets as a cookie, empty if it sets none."""
    for name, text in headers:
        if name == "set-cookie":
            cookie, _, value = text.partition(";")[0].strip().partition("=")
            if cookie == COOKIE:
                return _presentable(value)
    return Secret("")


def _token(value: object, name: str) -> Secret:
    text = text_of(part(value, name))
    return Secret(text if len(text) <= _LONGEST else "")


def _presentable(text: str) -> Secret:
    return Secret(text if _PRESENTABLE.fullmatch(text) else "")


# --- requests ---


def anonymous_body(customer: str = "") -> bytes:
    """Return what asks for an anonymous customer's token; the identity only if it is known."""
    body: dict[str, object] = {"type": "anonymous"}
    if customer:
        body["customerIdentity"] = {"idOnExternalPlatform": customer}
    return msgspec.json.encode(body)


def cookie_body() -> bytes:
    """Return what asks for the token of whoever the cookie stands for: nothing may be said beside it."""
    return b"{}"


def login_body(login: Login) -> bytes:
    """Return what changes a login for tokens: a code, or a token that the app has of the third party.

    The form of the latter is shown nowhere (lifecycle reference, section 5.1, "implicit"): here it has the names of
    the other grants.
    """
    if login.code:
        grant = {"grant_type": "authorization_code", "authorization_code": login.code.reveal()}
        if login.verifier:
            grant["code_verifier"] = login.verifier.reveal()
    else:
        grant = {"grant_type": "implicit", "access_token": login.token.reveal()}
    return msgspec.json.encode({"thirdParty": grant})


def refresh_body(refresh_token: Secret) -> bytes:
    """Return what renews the third party's tokens."""
    return msgspec.json.encode({"thirdParty": {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()}})
