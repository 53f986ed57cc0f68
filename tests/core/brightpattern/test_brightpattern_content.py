"""Texts of Bright Pattern's messages: what a person reads of HTML, and what is asked for by words."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskline_core.brightpattern.content import Directed, DirectedFile, as_html, directed, plain

# --- to HTML ---


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ('My parcel isn\'t "here"', 'My parcel isn\'t "here"'),
        ("a\nb\r\nc\rd\n\n", "a<br>b<br>c<br>d<br><br>"),
        ("1 < 2 && 3 > 2 <b>", "1 &lt; 2 &amp;&amp; 3 &gt; 2 &lt;b&gt;"),
        ("&amp;<br>", "&amp;amp;&lt;br&gt;"),
    ],
)
def test_a_text_is_written_as_html(text: str, written: str) -> None:
    assert as_html(text) == written


@given(st.text().filter(lambda text: "\r" not in text))
def test_what_is_written_is_read_again(text: str) -> None:
    assert plain(as_html(text), None) == text


# --- from HTML ---


def test_a_plain_text_that_is_given_is_taken_as_it_is() -> None:
    assert plain("<b>a</b>", "b <c> &amp;") == "b <c> &amp;"
    assert plain("<b>a</b>", "") == "a"


@pytest.mark.parametrize(
    ("msg", "text"),
    [
        ("", ""),
        ("Hello", "Hello"),
        ("Good day Tomas,<br>which parcel is it? <b>PX-…</b>", "Good day Tomas,\nwhich parcel is it? PX-…"),
        ("a<br/>b<BR />c<br><br>d<br>", "a\nb\nc\n\nd\n"),
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<p>a</p>\r\n  <p>b</p>\n", "a\nb"),
        ("a<div>b</div>c", "a\nb\nc"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("<p>a<br></p><p>b</p>", "a\nb"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\nc"),
        ("<h3>a</h3><table><tr><td>b</td><td>c</td></tr></table>", "a\nb\nc"),
        ("<span>a</span><em>b</em>", "ab"),
        ("  a  ", "  a  "),
        ("a\nb", "a\nb"),
        ("a<!-- <b>x</b> -->b<!---->c<!-->d", "abcd"),
        ("<!DOCTYPE html>a<?xml version='1'?>b", "ab"),
        ("<style>p { color: red }</style>a<SCRIPT>alert('</b>')</Script >b", "ab"),
        ("a</script>b</style>c", "abc"),
        ("a<script>b", "a"),
        ("<a href=\"x?a>b\" title='c>d'>e</a>f", "ef"),
        ("<b don't>a</b> isn't", "a isn't"),
        ("<a href= 'x>a</a>", "a"),
    ],
)
def test_tags_are_stripped(msg: str, text: str) -> None:
    assert plain(msg, None) == text


@pytest.mark.parametrize(
    "msg",
    ["1 < 2", "<3", "a <", "a <b", "a <b c='d", "</", "a < b > c", "<!-- a", "a <!- b", "<>", "< b>", "<!", "</ b>"],
)
def test_what_opens_no_tag_is_text(msg: str) -> None:
    assert plain(msg, None) == msg


@pytest.mark.parametrize(
    ("msg", "text"),
    [
        ("&lt;b&gt; &amp;lt;", "<b> &lt;"),
        ("&#65;&#x42;&#X43;&eacute;&nbsp;|", "ABCé\xa0|"),
        ("a & b &; &# &#x; &unknown;", "a & b &; &# &#x; &unknown;"),
        ("AT&T &amp R", "AT&T & R"),
        ("&#0;&#xD800;&#x110000;&#999999999;", "\ufffd\ufffd\ufffd\ufffd"),
        ("a&#10;b", "a\nb"),
        ("&#" + "9" * 5000 + ";", "\ufffd" + "9" * 4991 + ";"),
    ],
)
def test_references_are_resolved(msg: str, text: str) -> None:
    assert plain(msg, None) == text


@given(st.text(alphabet="<>/!-?&;#x09abpr= '\"\n\x00é", max_size=60))
def test_nothing_raises_and_nothing_is_made_up(msg: str) -> None:
    text = plain(msg, None)
    assert len(text) <= 2 * len(msg)


HOSTILE = [
    "<", "<a", "<a ", "<a '", "<a ='", '<a ="', "<a = ", "<!--", "<!-->", "<!-- -->", "<!", "</", "<script>",
    "</script", "<style ", "<br>", "<p>", "&", "&#", "&#9", "&#x", "&a", "=", "='", " ", ">", "<a>",
    "<a =''", '<a =""', "<a =\"'",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_html_takes_no_longer_than_its_length(piece: str) -> None:
    # were it more than linear, this would take minutes
    for end in ("", ">", "'>", "-->", "</script>"):
        assert len(plain(piece * (50_000 // len(piece)) + end, None)) <= 100_100


# --- directives ---


@pytest.mark.parametrize(
    ("text", "rest", "labels"),
    [
        ("Deliver again? /buttons [Tomorrow] [Saturday]", "Deliver again?", ("Tomorrow", "Saturday")),
        ("/buttons [A][B]", "", ("A", "B")),
        ("/buttons[ A ]", "", ("A",)),
        ("Which?\n/buttons-column [A\nB]\n[C]", "Which?", ("A\nB", "C")),
        ("/choice [A] or so", "or so", ("A",)),
        ("a /buttons [A] b /choice [B] c", "a b c", ("A", "B")),
        ("/buttons [A][][ ][B]", "", ("A", "B")),
        ("/buttons [A][B", "[B", ("A",)),
        ("/buttons [A[B]]", "/buttons [A[B]]", ()),
        ("a/buttons [A]", "a/buttons [A]", ()),
        ("/buttons", "/buttons", ()),
        ("/buttons []", "/buttons []", ()),
        ("/buttonsx [A]", "/buttonsx [A]", ()),
        ("/Buttons [A]", "/Buttons [A]", ()),
        ("  as it is\n", "  as it is\n", ()),
        ("", "", ()),
    ],
)
def test_replies_are_offered(text: str, rest: str, labels: tuple[str, ...]) -> None:
    assert directed(text) == Directed(text=rest, labels=labels)


PNG = "https://cdn.example/a.png"


@pytest.mark.parametrize(
    ("text", "rest", "files"),
    [
        (f"See /attachment {PNG}", "See", ((PNG, ""),)),
        (f"See /attachment {PNG}, image", "See", ((PNG, "image"),)),
        (f"/attachment {PNG},audio now", "now", ((PNG, "audio"),)),
        (f"/attachment {PNG} , video", "", ((PNG, "video"),)),
        (f"/attachment {PNG}, please", "please", ((PNG, ""),)),
        (f"/attachment {PNG}, images", "images", ((PNG, ""),)),
        (f"/attachment {PNG}?a,b", "", ((f"{PNG}?a,b", ""),)),
        (f"a /attachment {PNG} b\n/attachment http://x c", "a b c", ((PNG, ""), ("http://x", ""))),
        ("/attachment", "/attachment", ()),
        ("/attachment a.png", "/attachment a.png", ()),
        ("/attachment javascript:alert(1), image", "/attachment javascript:alert(1), image", ()),
        (f"x/attachment {PNG}", f"x/attachment {PNG}", ()),
    ],
)
def test_files_are_named(text: str, rest: str, files: tuple[tuple[str, str], ...]) -> None:
    named = tuple(DirectedFile(url=url, kind=kind) for url, kind in files)
    assert directed(text) == Directed(text=rest, files=named)


def test_both_may_stand_in_one_text() -> None:
    assert directed(f"Look /attachment {PNG}, image /buttons [Yes][No]") == Directed(
        text="Look", labels=("Yes", "No"), files=(DirectedFile(url=PNG, kind="image"),)
    )


def test_what_people_said_is_not_shown() -> None:
    shown = repr(directed(f"canary /attachment {PNG} /choice [canary]"))
    assert "canary" not in shown
    assert "cdn" not in shown


@given(
    st.text(alphabet="/[], \nabx", max_size=30).map(
        lambda text: text.replace("a", "/buttons").replace("x", "/attachment")
    )
)
def test_no_directive_raises(text: str) -> None:
    read = directed(text)
    assert len(read.text) <= len(text)
    assert all(label and label == label.strip() for label in read.labels)


@pytest.mark.parametrize(
    "piece",
    [
        "/buttons ", "/buttons [", "/buttons [a", "/buttons []", "/buttons [a]", "[", "]", " ", "/choice\n",
        "/attachment ", "/attachment https://", "/attachment https://a,", ",", ", ", "https://a, ",
        "/attachment https://a, image",
    ],
)  # fmt: skip
def test_hostile_directives_take_no_longer_than_their_length(piece: str) -> None:
    text = piece * (50_000 // len(piece))
    for start in ("", "/buttons ", "/buttons [", "/attachment ", "/attachment https://x"):
        assert len(directed(start + text).text) <= len(start + text)


def test_a_text_of_ours_asks_for_nothing_of_the_html_around_it() -> None:
    assert directed(plain("<p>Which?</p>/buttons [A &amp; B]", None)) == Directed(text="Which?", labels=("A & B",))
    assert html.unescape(as_html("/buttons [A & B]")) == "/buttons [A & B]"
