"""App requests that make no sense: refused with a sentence, never raised, and without any effect."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.brightpattern.chat_table import ChatStage
from deskline_core.brightpattern.connection_table import ConnectionState
from deskline_core.model import Location, PushNetwork, Upload
from deskline_core.values import Secret
from tests.core.brightpattern.alone import CHAT, V1, Alone, said, started, talking
from tests.core.brightpattern.every_request import LACKING, REQUESTS, right_fields
from tests.core.brightpattern.standing import at_stage, reach
from tests.core.wrong_fields import WRONG_FIELDS

FORM = {"event": "chat_session_form_show", "form_request_id": "17", "form_name": "survey_form"}
CASE = {"event": "chat_session_case_set", "case_id": "CS-1"}


def chats() -> list[Alone]:
    """Return sessions of every kind of standing: before, on the way, ready, away, leaving, over."""
    states = ("initial", "preparing", "checking", "recovering", "waiting", "lost", "signing out")
    stages = (ChatStage.REQUESTING, ChatStage.CONNECTED, ChatStage.ENDING, ChatStage.ENDED)
    return [*(reach(ConnectionState(state)) for state in states), *(at_stage(stage) for stage in stages)]


def standing(chat: Alone) -> list[object]:
    """Return what a request could have changed."""
    threads = [(id, thread.state, thread.name, thread.messages) for id, thread in chat.session.threads.items()]
    leaf = chat.leaf
    posts = [len(leaf.posting._posts), len(leaf.posting._behind)]
    return [
        leaf.connection.state, leaf.desk.current.leaf, threads, dict(chat.session.kept),
        chat.session.next_deadline, len(leaf.delivery.outbox), leaf._held, chat.open_calls(), posts,
    ]  # fmt: skip


def is_refused_without_effect(chat: Alone, kind: type[i.AppRequest], fields: dict[str, Any]) -> None:
    """Ask, and see that the refusal is all that comes of it."""
    before = standing(chat)
    assert chat.ask(kind, **fields) == [f"{kind.__name__} refused invalid_value"], fields
    assert standing(chat) == before


@pytest.mark.parametrize("kind", REQUESTS, ids=lambda kind: str(kind.__name__))
def test_what_is_of_another_type_is_refused_in_every_field(kind: type[i.AppRequest]) -> None:
    cases = [case.values for case in WRONG_FIELDS if case.values[0] is kind]
    everywhere = chats()
    for _, name, value in cases:
        for chat in everywhere:
            is_refused_without_effect(chat, kind, {**right_fields(kind), str(name): value})
            assert chat.refusal[1].startswith(kind.__name__)


# --- of the right type, and wrong all the same ---

LONG = "x" * 40_000
HALF = "half \ud83d"
NOTE = Upload(name="a.txt", content=b"x", mime_type="text/plain")
IDENTITY = "a customer's id is up to 200 plain letters, digits and signs but quotes, commas and backslashes"
NO_CONTENT: dict[type[i.AppRequest], tuple[dict[str, Any], ...]] = {
    i.SetCustomer: (
        *({"id": id} for id in ("", LONG, 'quo"te', "com,ma", "back\\slash", "line\n", "ü", "x" * 201)),
        {"first_name": LONG},
        {"last_name": LONG},
    ),
    i.SendMessage: (
        {"text": " "}, {"text": LONG}, {"text": "", "postback": "p"}, {"text": "x", "postback": LONG},
        {"text": "", "attachments": (Upload(name="", content=b"x", mime_type="text/plain"),)},
        {"text": "", "attachments": (Upload(name="a.txt", content=b"x", mime_type="no type"),)},
    ),
    i.SendLocation: (
        *({"location": Location(latitude=latitude, longitude=longitude)}
          for latitude, longitude in ((91.0, 0.0), (0.0, -181.0), (float("nan"), 0.0), (0.0, float("inf")))),
        {"location": Location(latitude=0.0, longitude=0.0, url=LONG)}, {"text": LONG},
    ),
    i.PreviewText: ({"text": LONG},),
    i.ViewPage: ({"url": ""}, {"url": LONG}, {"title": LONG}),
    i.SendSignal: (
        *({"data": data} for data in ("", "[]", "5", "{", LONG, '"x"')),
        {"kind": "cobrowsing_requested"}, {"party": LONG},
    ),
    i.SubmitForm: ({"data": ((LONG, "x"),)}, {"data": (("service", LONG),)}),
    i.RegisterDevice: (
        {"network": None}, {"network": PushNetwork.APNS, "app": ""}, {"app": LONG}, {"token": Secret(LONG)},
    ),
    i.FetchPhoto: ({"party": "nobody"}, {"party": ""}, {"party": LONG}),
    i.StartThread: ({"answers": ((LONG, "x"),)}, {"answers": (("email", LONG),)}),
}  # fmt: skip
"""Fields whose content makes no sense."""
OTHERWISE = {"AnswerInactivity", "CancelForm", "FetchFile", "NotePush"}
"""Whatever these say makes sense: it is known, or it is not."""
NAMES_ONLY = {"request", "thread", "message", "reuse"}


def test_every_request_that_says_something_is_here() -> None:
    telling = {kind.__name__ for kind in REQUESTS if set(kind.__struct_fields__) - NAMES_ONLY and kind not in LACKING}
    assert telling == {kind.__name__ for kind in NO_CONTENT} | OTHERWISE


@pytest.mark.parametrize("kind", NO_CONTENT, ids=lambda kind: str(kind.__name__))
def test_what_makes_no_sense_is_refused(kind: type[i.AppRequest]) -> None:
    for changes in NO_CONTENT[kind]:
        chat = Alone() if kind is i.SetCustomer else talking()
        if chat.leaf.desk.is_alive:
            chat.hear(FORM, CASE)
        before = standing(chat)
        assert chat.ask(kind, **{**right_fields(kind), **changes}) == [f"{kind.__name__} refused invalid_value"], (
            changes
        )
        assert standing(chat) == before
        assert len(chat.refusal[1]) < 400
        assert LONG[:300] not in str(chat.refusal)


def test_ids_of_nothing_are_refused() -> None:
    for kind in (each for each in REQUESTS if each not in LACKING):
        for name in {"thread", "message"} & set(kind.__struct_fields__):
            chat = talking()
            chat.hear(FORM, said("Hi", id="4"))
            before = standing(chat)
            words = chat.ask(kind, **{**right_fields(kind), name: "nowhere"})
            assert words == [f"{kind.__name__} refused unknown_{name}"]
            assert standing(chat) == before


@pytest.mark.parametrize("kind", LACKING, ids=lambda kind: str(kind.__name__))
def test_what_only_other_vendors_have_is_refused_without_effect(kind: type[i.AppRequest]) -> None:
    for chat in chats():
        before = standing(chat)
        assert chat.ask(kind, **right_fields(kind)) == [f"{kind.__name__} refused not_supported"]
        assert (chat.refusal[1], standing(chat)) == (f"this site has no {kind.__name__}", before)
        assert kind.__name__ not in chat.session.capabilities


def test_every_capability_is_a_request_that_is_acted_on() -> None:
    names = {kind.__name__ for kind in REQUESTS}
    for site in (V1, None):
        chat = started(site=site) if site else started()
        assert chat.session.capabilities <= names
        for kind in REQUESTS:
            if kind.__name__ in chat.session.capabilities:
                chat.ask(kind, **right_fields(kind))
        assert "not_supported" not in {refusal.code for refusal in chat.refusals}


@pytest.mark.parametrize("kind", [i.RegisterDevice, i.NotePush, i.FetchVersion])
def test_what_an_older_center_lacks_is_refused(kind: type[i.AppRequest]) -> None:
    chat = started(site=V1)
    assert chat.ask(kind, **right_fields(kind)) == [f"{kind.__name__} refused not_supported"]


def test_too_much_is_refused() -> None:
    chat = talking()
    before = standing(chat)
    files = (NOTE,) * 11
    assert chat.ask(i.SendMessage, thread=CHAT, text="", attachments=files) == ["SendMessage refused invalid_value"]
    large = Upload(name="a.bin", content=bytes(25 * 1024 * 1024 + 1), mime_type="application/octet-stream")
    assert chat.ask(i.SendMessage, thread=CHAT, text="x", attachments=(NOTE, large))[0].startswith(
        "SendMessage refused"
    )
    assert standing(chat) == before


def test_a_refusal_shows_nothing_of_what_was_asked() -> None:
    chat = talking()
    chat.ask(i.SendMessage, thread=CHAT, text=b"my card number")
    assert "card" not in chat.refusal[1]


@pytest.mark.parametrize("number", [None, "1", 1.5, [], {}], ids=repr)
def test_a_request_without_a_number_cannot_be_answered_and_does_nothing(number: Any) -> None:
    chat = talking()
    before = standing(chat)
    assert chat.put(i.SendMessage(request=number, thread=CHAT, text="x")) == []
    assert chat.put(i.Withdraw(request=number)) == []
    assert standing(chat) == before


class Dance(i.AppRequest, frozen=True, kw_only=True):
    """A request that no session knows."""


def test_a_request_that_is_not_known_is_refused() -> None:
    assert talking().ask(Dance) == ["Dance refused not_supported"]
