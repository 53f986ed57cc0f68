"""What must be true when faults have stopped and all has come to rest: the promises, against the center's own books."""

from typing import TYPE_CHECKING, Final

from deskline_core.lifecycle import ChatState, EndReason, MessageStatus, ThreadState
from deskline_core.model import ThreadView

from ..brightpattern.contents import words as bright_pattern_words
from ..cxone.channel import CXoneChannel
from ..cxone.messages import words as cxone_words
from ..model import Thread
from .app import Sent
from .customer import Customer

if TYPE_CHECKING:
    from .world import World

__all__ = ["check", "is_quiet"]

_S = MessageStatus
_NOT_KNOWN: Final = (_S.FAILED, _S.UNCERTAIN)
_UNDER_WAY: Final = (_S.QUEUED, _S.UPLOADING, _S.SENDING)
_AT_REST: Final = (
    ThreadState.OPEN, ThreadState.RECEIVED, ThreadState.LOADED, ThreadState.PENDING, ThreadState.ENDED,
)  # fmt: skip
_MOST_KEPT: Final = 300
"""So many records besides those of the outbox: one of each thread, and a few of the customer."""
_CONVERGES: Final = "the state converges with the center's"


def is_quiet(customer: Customer) -> bool:
    """Whether a customer's chat is ready and nothing is under way that would change anything."""
    app = customer.app
    return (
        customer.is_running
        and customer.session.state is ChatState.READY
        and not customer.network.is_busy
        and _is_listening(customer)
        and not customer.disk.unconfirmed
        and not app.asked
        and not any(sent.status in _UNDER_WAY for sent in app.sent.values())
        and all(thread.state in _AT_REST for thread in customer.session.threads.values())
    )


def _is_listening(customer: Customer) -> bool:
    """Whether the chat hears what the center says: over a socket, or by a poll if a conversation goes on."""
    is_open = any(thread.state is not ThreadState.ENDED for thread in customer.session.threads.values())
    return customer.world.settings.vendor == "cxone" or customer.network.is_polling or not is_open


class _Books:
    """A thread as the center has it: ``texts`` are what was said, ``agents`` what agents said, in order.

    ``times`` are those of the texts, in milliseconds.
    """

    __slots__ = ("agents", "is_over", "newest", "texts", "thread", "times")

    def __init__(self, thread: Thread) -> None:
        channel = thread.channel
        words = cxone_words if isinstance(channel, CXoneChannel) else bright_pattern_words
        said = [(words(message.content), message.outbound) for message in thread.messages]
        self.times = {
            text: int(message.created_at * 1000) for (text, _), message in zip(said, thread.messages, strict=True)
        }
        self.thread = thread
        self.is_over = thread.over or not thread.writable
        self.texts = [text for text, _ in said]
        self.agents = [text for text, is_agents in said if is_agents and text[:1] == "a"]
        page = channel.page_size if isinstance(channel, CXoneChannel) else len(said)
        self.newest = set(self.texts[-page:])


def check(world: "World") -> None:
    """Check all promises that can be seen at the end. Raises Broken for the first that is not kept."""
    for customer in world.customers:
        threads = ((id, world.thread(id)) for id in customer.app.threads)
        books = {id: _Books(thread) for id, thread in threads if thread is not None}
        every_wait_ends(customer)
        the_chat_is_ready(customer)
        memory_is_bounded(customer)
        for sent in customer.app.sent.values():
            every_message_of_the_customer_is_known_once_or_reported(customer, sent, books.get(sent.thread))
        for id, book in books.items():
            a_thread_is_over_exactly_where_the_centers_is(customer, id, book)
            the_center_has_all_in_the_order_of_sending(customer, book)
            every_message_of_an_agent_has_reached_the_app(customer, book)
            the_app_has_all_in_the_order_of_saying(customer, book)


def every_wait_ends(customer: Customer) -> None:
    """No request of the app's is left without an answer."""
    waiting = sorted({type(request).__name__ for request in customer.app.asked.values()})
    if waiting:
        raise customer.broken("every wait ends", f"an answer is waited for: {', '.join(waiting)}")


def the_chat_is_ready(customer: Customer) -> None:
    """Nothing stands in its way any more, so it is."""
    if customer.session.state is not ChatState.READY:
        raise customer.broken(_CONVERGES, f"the chat is {customer.session.state}")


def a_thread_is_over_exactly_where_the_centers_is(customer: Customer, id: str, book: _Books) -> None:
    """What goes on at the center is known, and open; what is over there has ended."""
    near = customer.session.threads.get(id)
    if _is_left(near):
        return
    if near is None and not book.is_over and id == list(customer.app.threads)[-1]:
        raise customer.broken(_CONVERGES, f"thread {id} goes on, and is not known")
    if near is not None and book.is_over != (near.state is ThreadState.ENDED):
        raise customer.broken(_CONVERGES, f"thread {id} is {near.state}, and over at the center: {book.is_over}")


def _is_left(near: ThreadView | None) -> bool:
    """Whether another live chat took the place of one that was being ended: it may go on there, if the word was lost.

    T4 lets nobody wait for that.
    """
    return near is not None and near.reason is EndReason.REPLACED


def memory_is_bounded(customer: Customer) -> None:
    """No more is kept than the policy allows."""
    policy, session = customer.session.policy, customer.session
    longest = max((len(thread.messages) for thread in session.threads.values()), default=0)
    if longest > policy.history + policy.outbox or len(customer.disk.kept) > _MOST_KEPT + 2 * policy.outbox:
        says = f"{longest} messages in a thread, {len(customer.disk.kept)} records"
        raise customer.broken("memory stays within the policy", says)


def every_message_of_the_customer_is_known_once_or_reported(
    customer: Customer, sent: Sent, book: _Books | None
) -> None:
    """What ``send`` returned for is at the center once; or not at all, and the app was told so."""
    times = 0 if book is None else book.texts.count(sent.text)
    if times > 1:
        raise customer.broken("nothing is doubled", f"{sent.text} is {times} times at the center")
    if times == 0 and sent.status not in _NOT_KNOWN:
        raise customer.broken("nothing is lost", f"{sent.text} is not at the center, and shows as {sent.status}")
    goes_on = book is not None and not book.is_over
    if sent.status in _NOT_KNOWN and goes_on and not customer.world.figures.faults:
        raise customer.broken("nothing is lost", f"{sent.text} shows as {sent.status}, and nothing went wrong")
    is_shown = customer.world.settings.vendor == "cxone"  # the other one never shows the customer's own
    if book is None or times == 0 or not (is_shown and goes_on):
        return
    is_late = book.times[sent.text] > sent.changed_at * 1000  # it was looked for, and was not there
    if sent.status is _S.FAILED and not is_late:
        raise customer.broken("nothing is lost", f"{sent.text} is at the center, and shows as failed")


def the_center_has_all_in_the_order_of_sending(customer: Customer, book: _Books) -> None:
    """The customer's messages are at the center in the order in which they were sent, but for those in doubt."""
    orders = {sent.text: sent.order for sent in customer.app.sent.values() if not sent.is_doubted}
    there = [orders[text] for text in book.texts if text in orders]
    if there != sorted(there):
        raise customer.broken("nothing is swapped", f"the customer's in {book.thread.external_id} are out of order")


def every_message_of_an_agent_has_reached_the_app(customer: Customer, book: _Books) -> None:
    """Each was told, but for what is known to nobody: what the center left out stands in a newest page only.

    Of a conversation that is over the far side tells no more: there, only where nothing ever went wrong.
    """
    world = customer.world
    is_over = book.is_over or _is_left(customer.session.threads.get(book.thread.external_id))
    is_told_no_more = is_over and world.figures.faults
    told = customer.app.told_of(book.thread.external_id)
    known = [text for text in book.agents if not world.is_lossy or text in book.newest]
    missing = [text for text in known if text not in told]
    if missing and not is_told_no_more:
        raise customer.broken("nothing is lost", f"{missing[0]} never reached the app")


def the_app_has_all_in_the_order_of_saying(customer: Customer, book: _Books) -> None:
    """What agents said was told in that order, and stands so.

    What the center held back or left out is told when it comes; and stands so, where the times do not tell them apart.
    """
    id, is_lossy = book.thread.external_id, customer.world.is_lossy
    near = customer.session.threads.get(id)
    orders = [] if is_lossy else [heard.get(id, []) for heard in customer.app.heard]
    if near is not None and (not is_lossy or customer.world.settings.vendor == "cxone"):
        orders.append([message.text for message in near.messages])
    places = {text: book.times[text] if is_lossy else place for place, text in enumerate(book.agents)}
    for texts in orders:
        order = [places[text] for text in texts if text in places]
        if order != sorted(order):
            raise customer.broken("nothing is swapped", f"messages of {id} are out of order")
