"""At any moment of a conversation, for any time, in every way: in the end nothing is lost, doubled or stuck.

The product is whole in the slow runs. By default every way comes by at a moment or two of each site and ending, with or
without a grace, other moments for each way.
"""

from collections.abc import Iterator

import pytest

from deskline_center.cxone import login_channels
from deskline_center.model import Channel
from deskline_core.policy import Policy
from tests.core.away.interrupted import (
    ENDINGS,
    TALK,
    Script,
    agree,
    authenticates,
    brightpattern,
    cxone,
    outcome,
    play,
    registers,
    ways,
)

STRIDE = 48
"""Every so many moments are looked at by default, which is one at most; each way begins at another one."""
SITES: dict[str, tuple[Channel, Script]] = {
    **{
        f"{mode} {session}": (cxone(mode, session), TALK)
        for mode in ("single", "multi", "live")
        for session in ("legacy", "secured")
    },
    "polls": (brightpattern(), TALK),
    "pushes": (brightpattern(), (registers, *TALK)),
}
LOGINS: dict[str, tuple[Channel, Script]] = {
    f"{channel.mode} {channel.session} {channel.authentication}": (
        channel, (authenticates, *TALK) if channel.authentication == "oauth" else TALK,
    )
    for channel in login_channels()
}  # fmt: skip
"""Where the customer logs in; asked to do so again after hours, they do."""
GRACES = (0.0, 30.0)


def runs(site: str, ending: str, grace: float, *, stride: int, offset: int = 0) -> Iterator[tuple[str, int]]:
    """Play every way at its moments, compare each with the twin; yield what was played."""
    channel, talk = (SITES | LOGINS)[site]
    script, policy = (*talk, *ENDINGS[ending]), Policy(background_grace=grace)
    twin = play(channel, script, policy=policy)
    agree(twin)
    wanted = outcome(twin)
    for number, (way, acts) in enumerate(ways()):
        if is_deaf(site, ending, way):
            continue
        for moment in range((5 * number + offset) % stride, twin.moments + 1, stride):
            try:
                chat = play(channel, script, {moment: acts}, policy=policy)
                agree(chat)
                assert outcome(chat) == wanted
            except BaseException as error:
                error.add_note(f"{way}, at moment {moment} of {twin.moments}")
                raise
            yield way, moment


def is_deaf(site: str, ending: str, way: str) -> bool:
    """Whether a poll that is dead and not known to be hides what was said before the customer ends the chat.

    Bright Pattern alone has no sign of life; and what has ended is not read any more.
    """
    return (
        site in ("polls", "pushes")
        and ending == "customer"
        and way.endswith(("unreported", "unreported, said to be back"))
    )


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("site", SITES)
def test_it_ends_as_if_nothing_had_been(site: str, ending: str) -> None:
    without, within = (
        {way for way, _ in runs(site, ending, grace, stride=STRIDE, offset=offset)}
        for grace, offset in zip(GRACES, (0, STRIDE // 2), strict=True)
    )
    assert without | within == {way for way, _ in ways() if not is_deaf(site, ending, way)}
    assert min(len(without), len(within)) > len(list(ways())) // 4


@pytest.mark.parametrize("site", LOGINS)
def test_it_ends_so_where_customers_log_in(site: str) -> None:
    for grace in GRACES:
        assert len(list(runs(site, "goes on", grace, stride=72))) > len(list(ways())) // 4


@pytest.mark.slow
@pytest.mark.parametrize("grace", GRACES)
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("site", [*SITES, *LOGINS])
def test_it_ends_as_if_nothing_had_been_at_every_single_moment(site: str, ending: str, grace: float) -> None:
    assert len(list(runs(site, ending, grace, stride=1))) > 500
