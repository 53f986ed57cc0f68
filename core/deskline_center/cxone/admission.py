"""Whether a request over a socket is served, when, and for whom: the same for every event."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ..model import Customer
from ..parse import obj, short_word, word
from . import on_authorization
from .call import Call
from .gate import Held, Socket
from .parse import Frame

if TYPE_CHECKING:
    from .wire import CXone

__all__ = ["Admission"]

_MOST_HELD: Final = 100
_MOST_HELD_CHARACTERS: Final = 1024 * 1024
"""As many frames as the web client sends in five seconds (CXone wire reference, section 7.6), and a MiB of them."""


class Admission:
    """Lets requests in, by the rules of their channel; those that came ahead of their authorization wait for it."""

    def __init__(self, wire: "CXone") -> None:
        self._wire = wire

    def admit(self, call: Call, serve: Callable[[Call], None]) -> None:
        """Serve a request now, later, or not at all."""
        socket, frame = call.socket, call.frame
        place = str(socket.channel.brand), socket.channel.id
        if (frame.brand or place[0], frame.channel or place[1]) != place:
            call.fail("The frame names another channel than its socket", "InconsistentData")
        elif frame.event_type in on_authorization.FIRST:
            self._identify(call, serve)
            self._release(socket)
        elif self._is_in(call):
            self._identify(call, serve)
        else:
            self._keep_out(call, serve)

    def _is_in(self, call: Call) -> bool:
        """Tell whether a request may be served now. A good access token proves who it is, as in a reconnection."""
        socket, channel = call.socket, call.socket.channel
        if socket.authorized:
            return True
        if channel.before_authorization != "process":
            return False
        if channel.authentication != "oauth":
            return True
        token = word(obj(call.data, "accessToken"), "token")
        grant = self._wire.tokens.look_up("access", channel, token)
        if grant is not None:
            socket.customer = grant.customer
        return grant is not None

    def _keep_out(self, call: Call, serve: Callable[[Call], None]) -> None:
        """Hold, pass over or refuse what came ahead of the authorization, as the channel says."""
        socket, size = call.socket, call.frame.size
        setting = socket.channel.before_authorization
        fits = len(socket.held) < _MOST_HELD and sum(held.size for held in socket.held) + size <= _MOST_HELD_CHARACTERS
        if setting == "process" and fits:
            socket.held.append(Held(size, lambda: self._serve(call, serve)))
        elif setting != "ignore":
            call.fail("The socket is not authorized", "InconsistentData")

    def _release(self, socket: Socket) -> None:
        """Serve what was held, in order, once the socket is authorized."""
        while socket.authorized and socket.held:
            socket.held.pop(0).serve()

    def _identify(self, call: Call, serve: Callable[[Call], None]) -> None:
        """Find out who the customer is by what the request names, and serve it."""
        socket, named = call.socket, short_word(call.frame.identity, "idOnExternalPlatform")
        channel = socket.channel
        if named and not socket.secured and channel.authentication != "oauth":
            socket.customer = self._wire.floor.customer(channel, named)
        elif named and socket.customer is not None and named != socket.customer.id:
            if channel.foreign_identity == "refuse":
                call.fail("The frame names another customer than its token", "InconsistentData")
                return
            socket.customer = self._wire.floor.customer(channel, named)
        self._serve(call, serve)

    def _serve(self, call: Call, serve: Callable[[Call], None]) -> None:
        """Serve a request for the customer of its socket. One that was held names whom it took itself for until then.

        With OAuth only the authorization tells a client who its customer is.
        """
        socket = call.socket
        if socket.customer is not None:
            _know(socket.customer, call.frame)
            socket.destination = call.frame.destination or socket.destination
            call.customer = socket.customer
        elif call.frame.event_type not in on_authorization.FIRST:
            call.fail("Who it is must be said", "InconsistentData")
            return
        serve(call)


def _know(customer: Customer, frame: Frame) -> None:
    """Take over the names a frame brings along, where it does."""
    customer.first_name = short_word(frame.identity, "firstName") or customer.first_name
    customer.last_name = short_word(frame.identity, "lastName") or customer.last_name
    customer.image = short_word(frame.identity, "image") or customer.image
