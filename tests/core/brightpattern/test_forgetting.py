"""After signing out nothing of what people said is held any more, wherever it was kept."""

import gc
from collections.abc import Iterator
from types import FunctionType, ModuleType

import pytest

from deskline_core import inputs as i
from deskline_core.model import Upload
from tests.core.brightpattern.alone import CHAT, SEND, Alone, joined, ready, said

WORD = "canary-4711"
CASE = {"event": "chat_session_case_set", "case_id": WORD}
FORM = {"event": "chat_session_form_show", "form_request_id": "17", "form_name": WORD}


def held(root: object) -> Iterator[str]:
    """Yield the texts with the word that can be reached from an object."""
    seen: dict[int, object] = {}
    left = [root]
    while left:
        thing = left.pop()
        if id(thing) in seen or isinstance(thing, type | ModuleType):
            continue
        seen[id(thing)] = thing
        if isinstance(thing, str | bytes) and WORD in str(thing):
            yield str(thing)
        if isinstance(thing, FunctionType):
            left += [cell.cell_contents for cell in thing.__closure__ or ()]
        else:
            left += gc.get_referents(thing)


def post_all(chat: Alone) -> None:
    """Let everything be taken that is sent."""
    while SEND in chat.open_calls():
        chat.reply(SEND)


def visited() -> Alone:
    """Return a session in which the word was given and heard in every way."""
    chat = ready()
    chat.ask(i.ViewPage, title=WORD, url=f"app://{WORD}")
    chat.ask(i.StartThread, answers=(("email", WORD),))
    chat.reply("POST chats", {"chat_id": CHAT, "state": "connected", "is_new_chat": True})
    chat.saved()
    post_all(chat)
    chat.hear(joined(name=WORD), said(WORD), CASE, FORM)
    chat.ask(i.LoadMore, thread=CHAT)
    chat.reply("GET casehistory", {"sessions": []})
    chat.ask(i.PreviewText, thread=CHAT, text=WORD)
    chat.ask(i.SendMessage, thread=CHAT, text=WORD)
    post_all(chat)
    return chat


@pytest.mark.parametrize("leaves", ["at rest", "amid a message", "amid a file", "amid a request"])
def test_nothing_that_was_said_outlasts_signing_out(leaves: str) -> None:
    chat = visited()
    if leaves == "amid a message":
        chat.ask(i.SendMessage, thread=CHAT, text=WORD)
    elif leaves == "amid a file":
        note = Upload(name=WORD, content=WORD.encode(), mime_type="text/plain")
        chat.ask(i.SendMessage, thread=CHAT, text=WORD, attachments=(note,))
    elif leaves == "amid a request":
        chat.hear({"event": "chat_session_ended"})
        chat.ask(i.StartThread, answers=(("email", WORD),))
    assert next(held(chat.session), None)
    chat.ask(i.SignOut)
    chat.saved()
    assert chat.session.state == "initial"
    chat.log.clear()
    post_all(chat)  # what was under way then is answered
    assert list(held(chat.session)) == []
