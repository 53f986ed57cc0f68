"""Threads: recovery, list, metadata, name, archive, history (CXone wire reference, sections 3.5.4 to 3.5.6, 3.5.10)."""

from ..model import Thread
from ..parse import obj, word
from . import history
from .call import Call, Event

__all__ = ["EVENTS"]


def _wanted(call: Call) -> Thread | None:
    """Return the thread to recover: the one that is named, else the customer's latest that is not archived."""
    if call.thread_id:
        return call.thread()
    mine = [t for t in call.wire.floor.threads_of(call.customer) if not t.archived]
    return mine[0] if mine else None


def recover_thread(call: Call) -> None:
    """RecoverThread."""
    thread = _wanted(call)
    if thread is None or thread.contact is None:
        call.fail("There is no thread to restore")
        return
    data = history.recovered(thread, thread.contact, call.socket.channel, call.wire.objects)
    call.postback("ThreadRecovered", data)


def recover_livechat(call: Call) -> None:
    """RecoverLivechat: a live chat that is over is recovered with its closed contact."""
    thread = _wanted(call)
    if thread is not None and thread.contact is not None:
        data = history.recovered(thread, thread.contact, call.socket.channel, call.wire.objects)
        call.postback("LivechatRecovered", data)
    elif call.socket.channel.recover_never_fails:
        call.postback("LivechatRecovered", {"messages": [], "messagesScrollToken": "", "contactHistory": []})
    else:
        call.fail("There is no live chat to restore")


def fetch_list(call: Call) -> None:
    """FetchThreadList."""
    threads = call.wire.floor.threads_of(call.customer)
    call.postback("ThreadListFetched", history.thread_list(threads, call.wire.objects))


def load_metadata(call: Call) -> None:
    """LoadThreadMetadata."""
    thread = call.thread()
    if thread is None or thread.contact is None:
        call.fail("There is no such thread")
        return
    call.postback("ThreadMetadataLoaded", history.metadata(thread, thread.contact, call.wire.objects))


def load_more(call: Call) -> None:
    """LoadMoreMessages: the scroll token decides, ``oldestMessageDatetime`` is not looked at."""
    thread = call.thread()
    if thread is None:
        call.fail("There is no such thread")
        return
    contact, token = word(obj(call.data, "contact"), "id"), word(call.data, "scrollToken")
    data = history.older(thread, token, contact, call.socket.channel, call.wire.objects)
    if data is None:
        call.fail("The scroll token is not known")
        return
    call.postback("MoreMessagesLoaded", data)


def update(call: Call) -> None:
    """UpdateThread: the new name, which may be empty. There is no push about it, since none is known."""
    thread, name = call.thread(), obj(call.data, "thread").get("threadName")
    if thread is None or thread.archived or not isinstance(name, str):
        call.fail("The thread was not changed")
        return
    thread.name = name
    call.ack()


def archive(call: Call) -> None:
    """ArchiveThread: the thread stays in the list and takes no more messages. Its contact is left as it is."""
    thread = call.thread()
    if thread is None:
        call.fail("The thread was not archived")
        return
    thread.archived = True
    call.postback("ThreadArchived")


EVENTS: dict[str, Event] = {
    "RecoverThread": recover_thread,
    "RecoverLivechat": recover_livechat,
    "FetchThreadList": fetch_list,
    "LoadThreadMetadata": load_metadata,
    "LoadMoreMessages": load_more,
    "UpdateThread": update,
    "ArchiveThread": archive,
}
