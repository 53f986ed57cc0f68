"""Authorization over a legacy socket (CXone wire reference, sections 3.5.1 to 3.5.3)."""

from ..parse import obj, short_word, word
from .call import Call, Event
from .envelopes import Wire
from .token_endpoint import by_code

__all__ = ["EVENTS", "FIRST"]

FIRST = frozenset({"AuthorizeCustomer", "AuthorizeConsumer", "ReconnectCustomer", "ReconnectConsumer", "RefreshToken"})


def authorize(call: Call) -> None:
    """AuthorizeCustomer: anonymous customers bring their own id, with OAuth the code decides who it is."""
    channel = call.socket.channel
    if channel.authentication == "oauth":
        given = obj(call.data, "authorization")
        code, verifier = word(given, "authorizationCode"), word(given, "codeVerifier")
        customer = by_code(call.wire, channel, code, verifier)
        if customer is None:
            call.fail("The authorization code is not valid" if code else "An authorization code is needed")
            return
        call.customer = customer
    elif call.customer is call.wire.nobody:
        call.fail("Who it is must be said")
        return
    _authorized(call)
    data: Wire = {
        "consumerIdentity": _identity(call),
        "customer": {"customFields": call.wire.objects.fields(call.customer.fields.values())},
        "contact": {"customFields": []},
    }
    gives_token = channel.login_gives_token if channel.authentication == "oauth" else channel.anonymous_access_token
    if gives_token:
        data["accessToken"] = _access_token(call)
    call.postback("ConsumerAuthorized", data, {"status": "success", **_status(call)})


def _identity(call: Call) -> Wire:
    who = call.customer
    return {"idOnExternalPlatform": who.id, "firstName": who.first_name, "lastName": who.last_name}


def _access_token(call: Call) -> Wire:
    channel = call.socket.channel
    lifetime = channel.access_token_lifetime
    return {
        "token": call.wire.tokens.issue("access", channel, call.customer, lifetime),
        "expiresIn": lifetime,
    }


def _authorized(call: Call) -> None:
    call.socket.authorized = True
    call.socket.customer = call.customer


def _status(call: Call) -> Wire:
    """Place the status that starts the web client's heartbeat, where the channel says."""
    match call.socket.channel.authorization_status:
        case "in_answer":
            return {"authorizationStatus": "authorized"}
        case "own_frame":
            call.wire.gate.send([call.socket], {"authorizationStatus": "authorized"})
            return {}
        case _:
            return {}


def reconnect(call: Call) -> None:
    """ReconnectCustomer and ReconnectConsumer: a good access token stands for an authorization."""
    token = word(obj(call.data, "accessToken"), "token")
    grant = call.wire.tokens.look_up("access", call.socket.channel, token)
    if grant is None:
        call.fail("The access token is not valid")
        return
    call.customer = grant.customer
    _authorized(call)
    call.postback("ConsumerReconnected", top=_status(call))


def refresh(call: Call) -> None:
    """RefreshToken: a good access token is changed for a new one. The old one stays good until its own end."""
    token = word(obj(call.data, "accessToken"), "token")
    grant = call.wire.tokens.look_up("access", call.socket.channel, token)
    if grant is None:
        call.fail("The access token cannot be renewed")
        return
    call.customer = grant.customer
    _authorized(call)
    call.postback("TokenRefreshed", {"accessToken": _access_token(call)}, {"eventType": "TokenRefreshed"})


def message_token(call: Call) -> None:
    """GenerateAuthorizationToken: a token to fetch one message by REST, good for as long as an access token."""
    channel = call.socket.channel
    url = short_word(call.data, "url")
    token = call.wire.tokens.issue("message", channel, call.customer, channel.access_token_lifetime, url)
    call.postback("AuthorizationTokenGenerated", {"authorizationToken": {"token": token}})


EVENTS: dict[str, Event] = {
    "AuthorizeCustomer": authorize,
    "AuthorizeConsumer": authorize,
    "ReconnectCustomer": reconnect,
    "ReconnectConsumer": reconnect,
    "RefreshToken": refresh,
    "GenerateAuthorizationToken": message_token,
}
