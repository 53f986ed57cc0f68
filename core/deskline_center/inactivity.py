"""The question whether the customer is still there: asked by the center, answered or not, and what follows."""

from typing import Any

from .contacts import close, forget_popup
from .floor import Floor
from .model import Contact, Popup
from .news import Initiator

__all__ = ["answer", "warn"]


def warn(floor: Floor, contact: Contact, seconds: float) -> dict[str, Any]:
    """Ask the customer, in the words of the channel; when ``seconds`` pass without an answer, the contact is closed.

    What the real center does when the countdown ends is not known (CXone wire reference, section 10, 18): this one
    closes the contact, with the workflow job as the initiator. A second question replaces the first.
    """
    forget_popup(contact)
    job = floor.ids.uuid()

    def run_out() -> None:
        contact.popup = None
        close(floor, contact, Initiator("workflowJob", job))

    timer = floor.deadlines.at(floor.now + seconds, run_out)
    contact.popup = Popup(job=job, started_at=floor.now, seconds=seconds, timer=timer)
    return floor.language(contact.thread.channel).ask(contact, contact.popup)


def answer(floor: Floor, contact: Contact, job: str, *, stay: bool) -> None:
    """Take the customer's answer. One to a question that no longer stands, or never did, changes nothing."""
    if contact.popup is None or contact.popup.job != job:
        return
    forget_popup(contact)
    if not stay:
        close(floor, contact, Initiator("workflowJob", job))
