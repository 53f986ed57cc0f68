"""The token endpoint: four body forms in, one union out (CXone wire reference, section 2.8)."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from ..inputs import RequestArrived
from ..model import Customer
from ..parse import obj, parse_object, short_word, word
from ..replies import Reply, json_reply
from .channel import CXoneChannel
from .envelopes import Wire

if TYPE_CHECKING:
    from .wire import CXone

__all__ = ["COOKIE", "by_code", "serve"]

COOKIE = "cx_digital_wi"
_IDENTITY_LIFETIME = 30 * 24 * 3600


def serve(wire: "CXone", request: RequestArrived) -> Reply:
    """Issue a transaction token, or refuse with 401 (who it is is not proven) or 400 (the request makes no sense)."""
    query = dict(parse_qsl(request.query))
    channel = wire.channel(query.get("brandId", ""), query.get("channelId", ""))
    body = parse_object(request.body) if request.body else {}
    if channel is None or body is None or not query.get("visitorId"):
        return json_reply({"error": "invalid_request"}, 400)
    customer = _customer(wire, channel, request, body)
    if customer is None:
        return json_reply({"error": "invalid_grant"}, 401)
    answer = _answer(wire, channel, customer, renewed=_grant_type(body) == "refresh_token")
    if channel.authentication != "cookie":
        return json_reply(answer)
    identity = wire.tokens.issue("identity", channel, customer, _IDENTITY_LIFETIME)
    if "storageFallback" in query:
        return json_reply({**answer, "identityToken": identity})
    return json_reply(answer, 200, ("set-cookie", f"{COOKIE}={identity}; {_attributes(wire, request)}"))


def _attributes(wire: "CXone", request: RequestArrived) -> str:
    """Return how long the cookie is good and who sends it back.

    A page of another origin sends only ``SameSite=None``, which browsers take only when ``Secure``; what is no page
    would not send a secure one back over http.
    """
    has_page = "origin" in dict(request.headers) or wire.gate.base_url.startswith("https:")
    return f"Path=/; Max-Age={_IDENTITY_LIFETIME}; HttpOnly; {'SameSite=None; Secure' if has_page else 'SameSite=Lax'}"


def _customer(wire: "CXone", channel: CXoneChannel, request: RequestArrived, body: Wire) -> Customer | None:
    """Find out who asks, by what the channel goes by. ``type`` is never looked at."""
    match channel.authentication:
        case "anonymous":
            return _anonymous(wire, channel, obj(body, "customerIdentity"))
        case "cookie":
            return _by_identity(wire, channel, dict(request.headers))
        case _:
            return _by_grant(wire, channel, obj(body, "thirdParty"))


def _anonymous(wire: "CXone", channel: CXoneChannel, identity: Wire) -> Customer:
    customer = wire.floor.customer(channel, short_word(identity, "idOnExternalPlatform") or wire.floor.ids.uuid())
    customer.first_name = short_word(identity, "firstName") or customer.first_name
    customer.last_name = short_word(identity, "lastName") or customer.last_name
    return customer


def _by_identity(wire: "CXone", channel: CXoneChannel, headers: dict[str, str]) -> Customer | None:
    """Take the identity from the cookie, or from the token that stands in for it; without either it is a new one."""
    parts = (item.strip().partition("=") for item in headers.get("cookie", "").split(";"))
    cookies = {name: value for name, _, value in parts}
    token = cookies.get(COOKIE) or headers.get("authorization", "").removeprefix("Bearer ")
    grant = wire.tokens.look_up("identity", channel, token)
    if grant is not None:
        return grant.customer
    if token and channel.unknown_identity == "refuse":
        return None
    return wire.floor.customer(channel, wire.floor.ids.draw(32).hex())


def _grant_type(body: Wire) -> str:
    return word(obj(body, "thirdParty"), "grant_type")


def _by_grant(wire: "CXone", channel: CXoneChannel, third_party: Wire) -> Customer | None:
    """Take an authorization code, a refresh token, or a token of the third party's."""
    match word(third_party, "grant_type"):
        case "authorization_code":
            return by_code(wire, channel, word(third_party, "authorization_code"), word(third_party, "code_verifier"))
        case "refresh_token":
            grant = wire.tokens.look_up("refresh", channel, word(third_party, "refresh_token"))
            return grant.customer if grant else None
        case "implicit":
            return _by_token(wire, channel, word(third_party, "access_token"))
        case _:
            return None


def by_code(wire: "CXone", channel: CXoneChannel, code: str, verifier: str) -> Customer | None:
    """Take an authorization code: one that was issued is good once; else the same code is the same customer."""
    grant = wire.tokens.take("code", channel, code)
    if grant is not None:
        return grant.customer if grant.about in ("", verifier) else None
    if channel.logins == "issued" or not code:
        return None
    return wire.floor.customer(channel, wire.floor.ids.derived(f"code {code}"))


def _by_token(wire: "CXone", channel: CXoneChannel, token: str) -> Customer | None:
    """Take a token of the third party's; one that was not issued is taken where any login is."""
    grant = wire.tokens.look_up("token", channel, token)
    if grant is not None:
        return grant.customer
    if channel.logins == "issued" or not token:
        return None
    return wire.floor.customer(channel, wire.floor.ids.derived(f"token {token}"))


def _answer(wire: "CXone", channel: CXoneChannel, customer: Customer, *, renewed: bool) -> Wire:
    """Return the tokens; a renewal has the form that the channel says."""
    answer = _union(wire, channel, customer)
    if not renewed or channel.refresh_answer == "union":
        return answer
    third_party: Wire = answer["thirdParty"]
    match channel.refresh_answer:
        case "third_party":
            return {"thirdParty": third_party}
        case "top_level":
            return dict(third_party)
        case _:
            return {name: part for name, part in answer.items() if name not in third_party}


def _union(wire: "CXone", channel: CXoneChannel, customer: Customer) -> Wire:
    """Return the answer that every client can read, whichever of its three forms it looks for."""
    answer: Wire = {
        "accessToken": wire.tokens.issue("transaction", channel, customer, channel.token_lifetime),
        "expiresIn": channel.token_lifetime,
        "customerIdentity": {
            "idOnExternalPlatform": customer.id,
            "firstName": customer.first_name,
            "lastName": customer.last_name,
            "customFields": wire.objects.fields(customer.fields.values()),
        },
        "contact": {"customFields": []},
    }
    if channel.authentication != "oauth":
        return answer
    lifetime = channel.access_token_lifetime
    third_party = {
        "access_token": wire.tokens.issue("access", channel, customer, lifetime),
        "refresh_token": wire.tokens.issue("refresh", channel, customer, _IDENTITY_LIFETIME),
        "expires_in": lifetime,
    }
    return {**answer, "thirdParty": third_party, **third_party}
