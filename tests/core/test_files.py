"""Files are checked before a message is taken, against what is known of a site."""

import pytest

from deskline_core.errors import RefusalCode
from deskline_core.files import objection, unfit
from deskline_core.model import FileLimits, Party, PartyRole, Upload
from deskline_core.outbox import Outbox
from deskline_core.outgoing import Outgoing
from tests.core.bare import NOW, bare, ledger

LIMITS = FileLimits(allowed=True, largest=10, types=("image/*", "text/plain"), most=2)
PICTURE = Upload(name="mug.png", content=b"picture", mime_type="image/png")


def doubled(size: int) -> int:
    """Return what a file takes at a site that needs each byte twice, and ten more."""
    return 2 * size + 10


def box(*held: Upload, packed: bool = False, memory: int = 100) -> Outbox:
    """Return an outbox in which a message with these files waits."""
    session = bare(upload_memory=memory, max_uploads=3)
    outbox = Outbox(session, ledger(session), lambda _: None, doubled if packed else int)
    party = Party(id="me", role=PartyRole.CUSTOMER)
    outbox.put(Outgoing(outbox, id="m", thread="t", text="", postback="", party=party, at=NOW, uploads=held))
    return outbox


def test_what_can_go_meets_no_objection() -> None:
    assert objection(box(), LIMITS, [PICTURE, PICTURE]) is None
    assert objection(box(), None, [PICTURE, PICTURE, PICTURE]) is None


@pytest.mark.parametrize(("limits", "most"), [(LIMITS, 2), (None, 3)])
def test_too_many_files_are_refused_by_the_site_s_number_or_else_by_the_policy_s(
    limits: FileLimits | None, most: int
) -> None:
    found = objection(box(), limits, [PICTURE] * 4)
    assert found == (RefusalCode.INVALID_VALUE, "4 files in one message", f"{most} are allowed")


def test_a_site_that_takes_no_files_takes_none() -> None:
    limits = FileLimits(allowed=False, most=2)
    assert objection(box(), limits, [PICTURE]) == (RefusalCode.NOT_SUPPORTED, "the channel takes no files", "")
    assert unfit(limits, "mug.png", 7, "image/png") == "the channel takes no files"


@pytest.mark.parametrize(
    ("packed", "takes"), [(False, 14), (True, 48)], ids=["files go as they are", "files take more"]
)
def test_what_waits_is_counted_as_it_is_uploaded(packed: bool, takes: int) -> None:
    assert objection(box(PICTURE, packed=packed, memory=takes), None, [PICTURE]) is None
    message = f"the files that wait would take {takes} bytes, of {takes - 1} that the policy allows"
    found = objection(box(PICTURE, packed=packed, memory=takes - 1), None, [PICTURE])
    assert found == (RefusalCode.LIMIT_REACHED, message, "wait, or discard some messages")


def test_a_file_that_is_uploaded_takes_nothing() -> None:
    outbox = box(PICTURE, packed=True)
    (file,) = next(iter(outbox)).files
    file.packed(b"packed")
    assert outbox.held == 6
    file.uploaded("https://files.example.test/mug.png")
    assert outbox.held == 0


@pytest.mark.parametrize(
    ("upload", "reason"),
    [
        (Upload(name=" ", content=b"x", mime_type="image/png"), "a file has no name"),
        (Upload(name="\ud83d", content=b"x", mime_type="image/png"),
         "the name of a file is not valid Unicode: it holds half of a surrogate pair"),
        (Upload(name="a", content=b"", mime_type="image/png"), "'a' is empty"),
        (Upload(name="a", content=b"x", mime_type="png"), "'a' has the type 'png', which is none, such as image/png"),
        (Upload(name="a", content=b"x", mime_type="a/b"),
         "'a' has the type 'a/b', and these are allowed: image/*, text/plain"),
        (Upload(name="a", content=bytes(11), mime_type="image/png"),
         "'a' is too large: 11 bytes, and 10 bytes are allowed"),
    ],
)  # fmt: skip
def test_one_file_that_cannot_go_is_named(upload: Upload, reason: str) -> None:
    assert objection(box(), LIMITS, [PICTURE, upload]) == (RefusalCode.INVALID_VALUE, reason, "")


def test_what_a_site_does_not_limit_is_left_to_it() -> None:
    assert unfit(None, "a", 1 << 40, "a/b") == ""
    assert unfit(FileLimits(allowed=True, most=1), "a", 1 << 40, "a/b") == ""
    assert unfit(FileLimits(allowed=True, largest=1 << 20, most=1), "a", (1 << 20) + 1, "a/b") == (
        "'a' is too large: 1.0 MiB (1048577 bytes), and 1.0 MiB (1048576 bytes) are allowed"
    )


@pytest.mark.parametrize(
    ("allowed", "fits"),
    [("*", True), ("*/*", True), ("IMAGE/*", True), (" image/png ", True), ("image/p", False), ("text/*", False)],
)
def test_types_are_compared_without_case_and_parameters(allowed: str, fits: bool) -> None:
    limits = FileLimits(allowed=True, types=(allowed,), most=1)
    assert (unfit(limits, "a", 1, "Image/PNG; q=1") == "") is fits
