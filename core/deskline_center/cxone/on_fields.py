"""Custom fields, in both vocabularies (CXone wire reference, sections 3.5.12 and 6)."""

from ..model import Contact, Field
from ..parse import array, obj, word
from . import dates
from .call import Call, Event
from .envelopes import Wire

__all__ = ["EVENTS", "adopt_fields", "set_fields"]


def _merge(known: dict[str, Field], given: list[Wire], now: float) -> None:
    """Lay the given values over the known ones: the last write wins, whatever ``updatedAt`` says."""
    for item in given:
        ident, value = word(item, "ident"), item.get("value")
        if ident:
            text = None if value is None else word(item, "value")
            known[ident] = Field(ident=ident, value=text, updated_at=dates.repeated(word(item, "updatedAt"), now))


def set_fields(known: dict[str, Field], given: dict[str, str], now: float) -> None:
    """Set values as an agent does."""
    _merge(known, [{"ident": ident, "value": value} for ident, value in given.items()], now)


def adopt_fields(call: Call, contact: Contact) -> None:
    """Take the fields that ride on a message, under the new keys or the old ones."""
    now = call.wire.floor.now
    _merge(call.customer.fields, array(obj(call.data, "customer", "consumer"), "customFields"), now)
    _merge(contact.fields, array(obj(call.data, "contact", "consumerContact"), "customFields"), now)


def set_contact_fields(call: Call) -> None:
    """SetContactCustomFields and SetConsumerContactCustomFields, for the newest contact of the thread.

    The contact's number need not be given; one that is another contact's is refused.
    """
    thread = call.thread()
    if thread is None or thread.contact is None:
        call.fail("There is no such thread")
        return
    number = word(obj(call.data, "contact"), "id")
    if number not in ("", "null", thread.contact.number):
        call.fail("The thread has no such contact")
        return
    _merge(thread.contact.fields, array(call.data, "customFields"), call.wire.floor.now)
    call.ack()


def set_customer_fields(call: Call) -> None:
    """SetCustomerCustomFields and SetConsumerCustomFields."""
    _merge(call.customer.fields, array(call.data, "customFields"), call.wire.floor.now)
    call.ack()


EVENTS: dict[str, Event] = {
    "SetContactCustomFields": set_contact_fields,
    "SetConsumerContactCustomFields": set_contact_fields,
    "SetCustomerCustomFields": set_customer_fields,
    "SetConsumerCustomFields": set_customer_fields,
}
