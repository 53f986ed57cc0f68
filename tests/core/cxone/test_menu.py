"""The menu that a site shows all the time: over REST, once prepared, whatever the socket does (D322, D323)."""

from collections.abc import Callable

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ERRANDS, PREPARING, RESTING, UNDER_WAY
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.cxone.menu import read_menu
from deskline_core.model import Choice
from tests.core.cxone.alone import CHANNEL, VERSION_REFUSED, Alone, reach

ON = {"enablePersistentMenu": True}
MENU = [{"id": "m1", "label": "Track my parcel", "postback": "menu/track"}, {"id": "m2", "label": "Talk to us"}]
ENTRIES = (Choice(text="Track my parcel", postback="menu/track"), Choice(text="Talk to us"))


def fetch(state: S = S.PREPARED) -> Alone:
    """Return a session that has asked for the menu."""
    chat = reach(state, settings=ON)
    assert chat.ask(i.FetchMenu) == ["GET menu"]
    return chat


@pytest.mark.row("D323")
def test_a_prepared_chat_fetches_it_in_every_state() -> None:
    for state in (*RESTING, *UNDER_WAY, *ERRANDS):
        chat = fetch(state)
        path = f"/chat/1.0/brand/1386/channel/{CHANNEL}/persistent-menu-items"
        assert chat.call("GET menu").url.reveal().endswith(path)
        assert chat.reply("GET menu", MENU) == ["FetchMenu answered"]
        assert chat.answers[chat.asked] == ENTRIES


def test_whoever_asks_meanwhile_gets_the_same_answer() -> None:
    chat = fetch()
    assert chat.ask(i.FetchMenu) == []
    assert chat.reply("GET menu", MENU) == ["FetchMenu answered", "FetchMenu answered"]
    assert chat.ask(i.FetchMenu) == ["GET menu"]


def test_leaving_does_not_disturb_it_and_a_withdrawn_one_is_answered_nobody() -> None:
    chat = fetch(S.SERVING)
    gone = chat.asked
    chat.ask(i.FetchMenu)
    chat.ask(i.Disconnect)
    assert chat.put(i.Withdraw(request=gone)) == []
    assert chat.reply("GET menu", MENU) == ["FetchMenu answered"]


def test_when_nobody_waits_any_more_it_is_not_fetched_on() -> None:
    chat = fetch()
    assert chat.put(i.Withdraw(request=chat.asked)) == ["cancel GET menu"]
    assert chat.put(i.Withdraw(request=chat.asked)) == []
    assert chat.ask(i.FetchMenu) == ["GET menu"]
    chat.fail("GET menu")
    assert chat.put(i.Withdraw(request=chat.asked)) == []
    assert chat.session.next_deadline is None


@pytest.mark.parametrize(
    ("happen", "code", "says"),
    [
        (lambda chat: chat.reply("GET menu", {}, status=404), "refused_by_center", "the menu request was answered 404"),
        (lambda chat: chat.reply("GET menu", {"items": MENU}), "refused_by_center",
         "the menu cannot be read: it is not an array"),
        (lambda chat: chat.reply("GET menu", b"<html>"), "refused_by_center",
         "the menu cannot be read: it is not an array"),
    ],
)  # fmt: skip
def test_what_is_no_menu_is_refused(happen: Callable[[Alone], list[str]], code: str, says: str) -> None:
    chat = fetch()
    chat.ask(i.FetchMenu)
    assert happen(chat) == [f"FetchMenu refused {code}"] * 2
    assert chat.refusal == (code, says)


def test_transient_failures_are_tried_again_and_silence_ends_it() -> None:
    chat = fetch()
    for _ in range(3):
        assert chat.fail("GET menu") == []
        assert chat.wait(5) == ["GET menu"]
    assert chat.fail("GET menu", reason="no network") == ["FetchMenu refused connection_lost"]
    assert chat.refusal[1] == "the menu request failed: no network"
    chat.ask(i.FetchMenu)
    words = chat.wait(4 * 40 + 15)
    assert words[-1] == "FetchMenu refused connection_lost"
    assert chat.session.next_deadline is None


@pytest.mark.parametrize("state", [S.SERVING, S.ERRAND_SOCKET])
def test_a_client_version_that_is_refused_is_so_for_good(state: S) -> None:
    chat = fetch(state)
    words = chat.reply("GET menu", VERSION_REFUSED, status=403)
    assert words[0] == "chat unsupported"
    assert words[-1] == "FetchMenu refused version_refused"
    assert chat.ask(i.FetchMenu) == ["FetchMenu refused version_refused"]
    chat = fetch()
    assert chat.reply("GET menu", {"error": {"errorCode": "SdkVersionNotSupported"}}, status=403) == [
        "FetchMenu refused version_refused"
    ]


@pytest.mark.row("D322")
def test_it_needs_a_prepared_chat_that_has_one() -> None:
    for state in (S.INITIAL, *PREPARING):
        assert reach(state, settings=ON).ask(i.FetchMenu) == ["FetchMenu refused illegal_state"]
    assert reach(S.SIGNING_OUT, settings=ON).ask(i.FetchMenu) == ["FetchMenu refused chat_closed"]
    for state, says in ((S.PREPARED, "this channel has no FetchMenu"), (S.SERVING, "the channel has no menu")):
        chat = reach(state)
        assert chat.ask(i.FetchMenu) == ["FetchMenu refused not_supported"]
        assert chat.refusal[1] == says


@pytest.mark.parametrize(
    ("body", "entries"),
    [
        (b"[]", ()),
        (b'[{"label": "A", "postback": 7}]', (Choice(text="A", postback="7"),)),
        (b'[{"id": "m1"}, {"label": ""}, 3, null, {"label": "A"}]', (Choice(text="A"),)),
        (b"[" + b",".join([b'{"label":"A"}'] * 1001) + b"]", (Choice(text="A"),) * 1000),
    ],
    ids=["empty", "number", "nonsense", "many"],
)
def test_what_can_be_read_of_it_is_read(body: bytes, entries: tuple[Choice, ...]) -> None:
    assert read_menu(body) == entries
