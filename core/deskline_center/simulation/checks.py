"""What must be true when faults have stopped and all has come to rest: the promises, against the center's own books."""

from typing import TYPE_CHECKING

from deskline_core.lifecycle import ChatState, MessageStatus, ThreadState

from ..brightpattern.contents import words as bright_pattern_words
from ..cxone.channel import CXoneChannel
from ..cxone.messages import words as cxone_words
from ..model import Message, Thread
from .app import Sent
from .customer import Customer
from .promises import Broken

if TYPE_CHECKING:
    from .world import World

__all__ = ["check", "is_quiet"]

_S = MessageStatus
_NOT_KNOWN = (_S.FAILED, _S.UNCERTAIN)
_UNDER_WAY = (_S.QUEUED, _S.UPLOADING, _S.SENDING)
_OPEN = (ThreadState.OPEN, ThreadState.RECEIVED, ThreadState.LOADED, ThreadState.PENDING)
_MOST_KEPT = 64


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
        and all(thread.state in (*_OPEN, ThreadState.ENDED) for thread in customer.session.threads.values())
    )


def _is_listening(customer: Customer) -> bool:
    """Whether the chat hears what the center says: over a socket, or by a poll if a conversation goes on."""
    is_open = any(thread.state is not ThreadState.ENDED for thread in customer.session.threads.values())
    return customer.world.settings.vendor == "cxone" or customer.network.is_polling or not is_open


def check(world: "World") -> None:
    """Check all promises that can be seen at the end. Raises Broken for the first that is not kept."""
    for customer in world.customers:
        every_wait_ends(customer)
        the_state_converges(customer)
        memory_is_bounded(customer)
        for sent in customer.app.sent.values():
            every_message_of_the_customer_is_known_once_or_reported(customer, sent)
        for id in customer.app.threads:
            thread = world.thread(id)
            if thread is not None:
                what_the_center_has_is_in_order(customer, thread)
                every_message_of_an_agent_is_told_once(customer, thread)


def every_wait_ends(customer: Customer) -> None:
    """No request of the app's is left without an answer."""
    waiting = sorted({type(request).__name__ for request in customer.app.asked.values()})
    if waiting:
        raise Broken("every wait ends", f"an answer is waited for: {', '.join(waiting)}", customer.number)


def the_state_converges(customer: Customer) -> None:
    """The chat is ready, and each thread is over exactly where the center's is."""
    if customer.session.state is not ChatState.READY:
        raise Broken("the state converges with the center's", f"the chat is {customer.session.state}", customer.number)
    for id in customer.app.threads:
        far, near = customer.world.thread(id), customer.session.threads.get(id)
        if far is None or near is None:
            if far is not None and not _is_over(far) and id == list(customer.app.threads)[-1]:
                raise Broken(
                    "the state converges with the center's", f"thread {id} goes on, and is not known", customer.number
                )
            continue
        if _is_over(far) != (near.state is ThreadState.ENDED):
            where = "over" if _is_over(far) else "open"
            raise Broken(
                "the state converges with the center's",
                f"thread {id} is {near.state}, at the center {where}",
                customer.number,
            )


def _is_over(thread: Thread) -> bool:
    return thread.over or not thread.writable


def memory_is_bounded(customer: Customer) -> None:
    """No more is kept than the policy allows."""
    policy, session = customer.session.policy, customer.session
    for id, thread in session.threads.items():
        if len(thread.messages) > policy.history + policy.outbox:
            raise Broken(
                "memory stays within the policy", f"{len(thread.messages)} messages are kept of {id}", customer.number
            )
    if len(customer.disk.kept) > _MOST_KEPT + policy.outbox:
        raise Broken("memory stays within the policy", f"{len(customer.disk.kept)} records are kept", customer.number)


def every_message_of_the_customer_is_known_once_or_reported(customer: Customer, sent: Sent) -> None:
    """What ``send`` returned for is at the center once; or not at all, and the app was told so."""
    world, number = customer.world, customer.number
    thread = world.thread(sent.thread)
    times = 0 if thread is None else sum(_text(message) == sent.text for message in thread.messages)
    if times > 1:
        raise Broken("nothing is doubled", f"{sent.text} is {times} times at the center", number)
    if times == 0 and sent.status not in _NOT_KNOWN:
        raise Broken(
            "nothing is lost", f"{sent.text} is not at the center, and the app believes it {sent.status}", number
        )
    is_told = world.settings.vendor == "cxone"  # the other one never shows the customer's own
    if times == 1 and sent.status is _S.FAILED and is_told and thread is not None and not _is_over(thread):
        raise Broken("nothing is lost", f"{sent.text} is at the center, and the app believes it failed", number)


def what_the_center_has_is_in_order(customer: Customer, thread: Thread) -> None:
    """The customer's messages are at the center in the order in which they were sent, but for those in doubt."""
    orders = {sent.text: sent.order for sent in customer.app.sent.values() if not sent.is_doubted}
    there = [orders[text] for message in thread.messages if (text := _text(message)) in orders]
    if there != sorted(there):
        raise Broken(
            "nothing is swapped", f"the customer's messages in {thread.external_id} are out of order", customer.number
        )


def every_message_of_an_agent_is_told_once(customer: Customer, thread: Thread) -> None:
    """Each message of an agent reached the app, in order, and in no run twice."""
    app = customer.app
    said = [text for message in thread.messages if message.outbound and (text := _text(message))[:1] == "a"]
    told = app.told_of(thread.external_id)
    missing = [text for text in _to_be_known(customer.world, thread, said) if not told[text]]
    if missing and not _is_over(thread):
        raise Broken("nothing is lost", f"{missing[0]} never reached the app", customer.number)
    places = {text: place for place, text in enumerate(said)}
    if customer.world.is_lossy:
        return
    for book in app.heard:
        order = [places[text] for text in book.get(thread.external_id, ()) if text in places]
        if order != sorted(order):
            raise Broken(
                "nothing is swapped", f"messages of {thread.external_id} were told out of order", customer.number
            )
    near = customer.session.threads.get(thread.external_id)
    if near is not None:
        order = [places[message.text] for message in near.messages if message.text in places]
        if order != sorted(order):
            raise Broken(
                "nothing is swapped", f"messages of {thread.external_id} are shown out of order", customer.number
            )


def _to_be_known(world: "World", thread: Thread, said: list[str]) -> list[str]:
    """Return which of the agents' messages a client can know of: what never came stands in the newest page only."""
    if not world.is_lossy or not isinstance(thread.channel, CXoneChannel):
        return said
    newest = {_text(message) for message in thread.messages[-thread.channel.page_size :]}
    return [text for text in said if text in newest]


def _text(message: Message) -> str:
    """Return the text of a message, in either vendor's form."""
    return bright_pattern_words(message.content) or cxone_words(message.content)
