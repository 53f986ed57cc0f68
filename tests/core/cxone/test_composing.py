"""What the customer is writing, shown before it is sent: the newest, seldom, in no message's way (D160-D163)."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Policy
from tests.core.cxone.alone import THREAD, Alone, case_changed, reach, recovered_thread, with_thread

ON = {"enableChatTypingPreview": True}
QUIET = Policy(heartbeat=3600)


def typing(policy: Policy = QUIET) -> Alone:
    """Return a session with an open thread, in a channel that wants previews."""
    return with_thread("live", settings=ON, policy=policy)


def preview(chat: Alone, text: str) -> list[str]:
    """Say what the customer is writing."""
    return chat.ask(i.PreviewText, thread=THREAD, text=text)


def shown(chat: Alone) -> list[str]:
    """Return the texts that the other side was shown."""
    return [
        frame["payload"]["data"]["messageContent"]["payload"]["text"]
        for kind, frame in chat.frames
        if kind == "SendMessagePreview"
    ]


@pytest.mark.row("D161")
def test_the_first_is_shown_at_once_and_then_the_newest_of_each_interval() -> None:
    chat = typing()
    assert preview(chat, "W") == ["frame SendMessagePreview", "PreviewText answered"]
    payload = chat.frame("SendMessagePreview")["payload"]
    assert payload["data"] == {
        "thread": {"idOnExternalPlatform": THREAD},
        "messageContent": {"type": "TEXT", "payload": {"text": "W"}},
    }
    assert "consumerIdentity" in payload
    for text in ("Wh", "Whe", "Wher"):
        assert preview(chat, text) == ["PreviewText answered"]
    assert chat.wait(1.2) == []
    assert chat.wait(0.05) == ["frame SendMessagePreview"]
    assert chat.wait(10) == []  # nothing new
    preview(chat, "")
    assert shown(chat) == ["W", "Wher", ""]


def test_each_thread_has_its_own_share() -> None:
    chat = typing()
    chat.ask(i.PreviewText, thread=THREAD, text="W")
    chat.leaf.composing.preview(chat.leaf.desk.threads[THREAD], i.PreviewText(request=99, thread=THREAD, text="x"))
    assert shown(chat) == ["W"]
    chat.leaf.composing.reset(THREAD)
    preview(chat, "again")
    assert shown(chat) == ["W", "again"]


def test_what_was_sent_is_shown_no_more() -> None:
    chat = typing()
    preview(chat, "Where")
    preview(chat, "Where is it")
    chat.ask(i.SendMessage, thread=THREAD, text="Where is it?")
    chat.accept("SendMessage")
    preview(chat, "A")
    assert shown(chat) == ["Where"]  # its share is used: also of what comes behind the message
    chat.wait(1.25)
    assert shown(chat) == ["Where", "A"]


def test_a_message_that_is_refused_leaves_the_preview() -> None:
    chat = typing()
    preview(chat, "Where")
    preview(chat, "Where is it")
    assert chat.ask(i.SendMessage, thread=THREAD, text=" ") == ["SendMessage refused invalid_value"]
    assert "frame SendMessagePreview" in chat.wait(2)


@pytest.mark.parametrize("lost", [True, False])
def test_a_loss_or_the_end_drops_it(lost: bool) -> None:
    chat = typing()
    preview(chat, "Where")
    preview(chat, "Where is it")
    chat.closed() if lost else chat.hear(case_changed("closed"))
    assert chat.session.deadlines.at("preview", THREAD) is None
    chat.wait(2)
    assert shown(chat) == ["Where"]


def test_a_message_never_waits_for_a_preview() -> None:
    chat = typing(Policy(heartbeat=3600, rate_limit=(8, 60.0), preview_interval=1))
    used = len(chat.frames)
    for _ in range(10):
        preview(chat, "Where")
        chat.wait(1)
    assert used + len(shown(chat)) == 4  # half of what may go
    for _ in range(4):
        assert "frame SendMessage" in chat.ask(i.SendMessage, thread=THREAD, text="x")
        chat.accept("SendMessage")
    assert "frame SendMessage" not in chat.ask(i.SendMessage, thread=THREAD, text="x")
    preview(chat, "newest")
    chat.wait(52)  # another window: the message first
    assert [kind for kind, _ in chat.frames[-2:]] == ["SendMessage", "SendMessagePreview"]
    assert shown(chat)[-1] == "newest"


@pytest.mark.row("D160")
def test_a_channel_that_does_not_ask_for_it_gets_none() -> None:
    chat = with_thread("live")
    assert preview(chat, "W") == ["PreviewText refused not_supported"]


@pytest.mark.row("D162", "D163")
def test_nobody_sees_it_before_the_thread_is_open_and_after_it_has_ended() -> None:
    chat = reach(S.SERVING, settings=ON)
    chat.ask(i.StartThread)
    (pending,) = chat.session.threads
    assert chat.ask(i.PreviewText, thread=pending, text="W") == ["PreviewText answered"]
    assert shown(chat) == []
    chat = typing()
    chat.hear(case_changed("closed"))
    assert preview(chat, "W") == ["PreviewText refused thread_ended"]
    chat.closed()
    assert preview(chat, "W") == ["PreviewText refused thread_ended"]
    chat = typing()
    chat.closed()
    assert preview(chat, "W") == ["PreviewText refused not_connected"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"thread": "nowhere", "text": "W"}, "unknown_thread"),
        ({"thread": THREAD, "text": "x" * 40_000}, "invalid_value"),
    ],
)
def test_what_cannot_be_shown_is_refused(fields: dict[str, Any], code: str) -> None:
    assert typing().ask(i.PreviewText, **fields) == [f"PreviewText refused {code}"]


@pytest.mark.parametrize("state", [S.AUTHORIZING, S.RECOVERING])
def test_what_is_typed_before_the_chat_is_ready_again_is_not_said_later(state: S) -> None:
    chat = typing()
    chat.closed()
    while chat.leaf.connection.state != S.SOCKET:
        chat.wait_next()
    chat.opened()
    if state is S.RECOVERING:
        chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert chat.state is state
    before = len(chat.frames)
    assert chat.ask(i.StartTyping, thread=THREAD) == ["StartTyping answered"]
    assert preview(chat, "W") == ["PreviewText answered"]
    if state is S.AUTHORIZING:
        chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    chat.answer("RecoverLivechat", "LivechatRecovered", recovered_thread())
    chat.wait(5)
    assert {kind for kind, _ in chat.frames[before:]} <= {"RecoverLivechat", "heartbeat"}


@pytest.mark.parametrize("news", [False, True])
def test_what_was_read_before_the_chat_is_ready_again_is_said_once_unless_more_came(news: bool) -> None:
    chat = with_thread()
    chat.closed()
    while chat.leaf.connection.state != S.SOCKET:
        chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    for _ in range(3):
        assert chat.ask(i.MarkRead, thread=THREAD) == ["MarkRead answered"]
    came = {
        "id": "1", "idOnExternalPlatform": "m-1", "threadIdOnExternalPlatform": THREAD, "direction": "outbound",
        "createdAt": "2026-05-28T20:26:46Z", "messageContent": {"type": "TEXT", "payload": {"text": "hi"}},
    }  # fmt: skip
    words = chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=[came] if news else []))
    assert [word for word in words if "Seen" in word] == ([] if news else ["frame MessageSeenByCustomer"])
    chat.ask(i.SignOut)


def test_what_was_read_in_a_thread_that_is_gone_by_then_is_said_to_nobody() -> None:
    chat = with_thread()
    chat.closed()
    while chat.leaf.connection.state != S.SOCKET:
        chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    chat.ask(i.MarkRead, thread=THREAD)
    words = chat.deny("RecoverThread", "RecoveringThreadFailed")
    assert [word for word in words if word.startswith("frame")] == []
