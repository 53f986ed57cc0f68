"""The error branches of the lifecycle reference's section 3, and why some of them cannot be here."""

from typing import Final

from tests.end_to_end.flows import (
    becomes_active,
    chat_with_an_agent,
    create_thread,
    end_contact,
    enters_background,
    large_events,
    live_chat,
    multi_thread,
    open_chat,
    single_thread,
    view_page,
)

__all__ = ["BRANCHES", "ELSEWHERE", "FLOWS"]

FLOWS: Final = (
    becomes_active.FLOW,
    enters_background.FLOW,
    view_page.FLOW,
    open_chat.FLOW,
    single_thread.FLOW,
    multi_thread.FLOW,
    live_chat.FLOW,
    create_thread.FLOW,
    chat_with_an_agent.FLOW,
    end_contact.FLOW,
    large_events.FLOW,
)

BRANCHES: Final = {
    "3.1 2E wrong state": "preparing a chat that is connected is refused, and changes nothing",
    "3.1 4E address": "the address of the configuration cannot be made",
    "3.1 4E configuration": "the configuration cannot be had or read, after retries: initial, and the caller is told",
    "3.1 4E version refused": "the far side refuses this version of the client",
    "3.1 7E visitor": "the visitor cannot be registered: initial, and the caller is told",
    "3.2 2E wrong state": "leaving a page before the chat is prepared is refused",
    "3.2 2E server error": "the time spent cannot be reported: that does not stop the disconnect",
    "3.2 2E no page": "no page is open, or another one: nothing is sent",
    "3.2 4 by state": "what the background does depends on how far the chat is",
    "3.2 5 in flight": "requests under way do not wait for ever",
    "3.2 6 return": "back in sight from prepared, lost or offline",
    "3.3 1E wrong state": "a page before the chat is prepared is refused",
    "3.3 2E visit": "the visit cannot be announced: the next page announces it",
    "3.3 3E same page": "the page that is open already is ignored",
    "3.3 5E page view": "the page view cannot be reported: the page is remembered all the same",
    "3.4 2E wrong state": "connecting what is connected",
    "3.4 3E offline": "nobody is available",
    "3.4 3E availability request failed": "whether anyone is available cannot be found out",
    "3.4 5E token expired": "the token has expired",
    "3.4 5E token request failed": "the token endpoint refuses, or does not work",
    "3.4 7E socket": "the socket does not open",
    "3.4 9E authorization refused": "the customer is not authorized over the socket, or not reconnected",
    "3.4 10E no access token": "a login over the socket gives no access token",
    "3.4 13 another code": "a new login is asked for once the token cannot be renewed",
    "3.5 2E recovery failed": "there is nothing to recover, with a pending thread, a survey, or neither",
    "3.5 4E no answer": "the recovery is not answered",
    "3.5 guards": "a second thread, and what only other channels can do",
    "3.6 1E list": "the list of threads is not answered",
    "3.6 3E metadata": "the metadata of one thread cannot be had",
    "3.6 5E recovery failed": "one thread cannot be opened",
    "3.6 6E archive failed": "a thread cannot be archived",
    "3.7 1E offline": "nobody is available",
    "3.7 3E recovery failed": "there is no live chat to recover, as an error or as an answer; or a real error",
    "3.8 1E not connected": "a thread is asked for without a connection",
    "3.8 1E mode forbids": "a second thread where there can be one",
    "3.8 1E list not fetched": "a thread is asked for before the list has come",
    "3.8 1E survey": "a required answer is missing",
    "3.8 6E begin": "the hidden first message of a live chat is refused, not answered, or not sent",
    "3.9 1E ended": "a message for a thread that has ended",
    "3.9 1E attachment": "a file that the channel does not take",
    "3.9 1E invalid": "a message without content, or too long",
    "3.9 1E not connected": "a message without a connection",
    "3.9 3E upload": "a file is not taken by the far side",
    "3.9 7E refused": "the far side refuses the message",
    "3.9 7E no answer": "the message is not answered in time",
    "3.9 7E lost": "the connection is lost behind the message",
    "3.9 8 copies": "copies that come twice, and receipts that come early",
    "3.9 9E unknown": "content or news of a kind that is not known",
    "3.10 1E not live": "only a live chat has a contact to end",
    "3.10 1E no contact": "the contact is not known yet",
    "3.10 1E not ready": "there is no connection",
    "3.10 6E never confirmed": "the far side refuses, or the confirmation never comes",
    "3.11 2E status": "the URL does not give the event",
    "3.11 2E network": "the download breaks, or never ends",
    "3.11 5 order": "later small events overtake the download",
    "3.11 6 once": "each event is fetched once, however often the chat has connected",
}
"""Each branch in our words. The steps without an E tell in their text what may go wrong."""

ELSEWHERE: Final = {
    "3.1 4E address": "a site is checked as a whole when it is made, see tests/core/cxone/test_cxone_site.py",
    "3.8 1E list not fetched": "a thread that is asked for waits until the chat is ready, and then the list is there",
}
"""Branches that cannot be taken, and why."""
