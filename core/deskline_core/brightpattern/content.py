"""Texts of messages: from HTML and back, and what is asked for by words in them (Bright Pattern reference, 6.5, 7).

All is total, and linear in the text's length, whatever the text.
"""

import re
from html import escape, unescape
from typing import ClassVar, Final

from ..values import Value

__all__ = ["Directed", "DirectedFile", "as_html", "directed", "plain"]

# --- HTML ---

_LINE_END: Final = re.compile(r"\r\n?|\n")
_TAG: Final = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)|<[!?]")
_INSIDE: Final = re.compile(r""">|=\s*(["'])""")
"""What ends a tag, or begins a value in which nothing ends one."""
_REFERENCE: Final = re.compile(r"&(?:#[0-9]{1,9}|#[xX][0-9a-fA-F]{1,8}|[a-zA-Z][a-zA-Z0-9]{0,31});?", re.ASCII)
_BLOCKS: Final = re.compile(
    r"address|article|aside|blockquote|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|li|main|nav"
    r"|ol|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul"
)
_HIDDEN: Final = {name: re.compile(f"</{name}", re.IGNORECASE | re.ASCII) for name in ("script", "style")}
"""Elements whose content is not for people, and what ends it."""


def as_html(text: str) -> str:
    """Return a plain text as HTML: escaped, as the SDKs do not (trap I16), with ``<br>`` for each line end."""
    return _LINE_END.sub("<br>", escape(text, quote=False))


def plain(msg: str, msg_text: str | None) -> str:
    """Return a message's text for people: ``msg_text`` if there is one, else ``msg`` without its tags."""
    return msg_text or _Stripped(msg).text


class _Stripped:
    """Strips the tags of one text. ``<br>`` ends a line, and so does the border of a block, once.

    What opens a tag and never closes it is text, with all that follows.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._lines: list[str] = []
        self._at_border = False
        self.text = ""
        at = 0
        while (tag := _TAG.search(source, at)) and (after := self._end_of(tag)) > 0:
            self._add(source[at : tag.start()])
            at = self._after_tag(tag, after)
        self._add(source[at:])
        self.text = "".join(self._lines)

    def _end_of(self, tag: re.Match[str]) -> int:
        """Return where the text after a tag begins, 0 if it has no end."""
        source = self._source
        if source.startswith("<!--", tag.start()):
            end = source.find("-->", tag.end())
            return end + len("-->") if end >= 0 else 0
        at = tag.end()
        while found := _INSIDE.search(source, at):
            at = found.end()
            if found[1] is None:
                return at
            at = source.find(found[1], at) + 1 or at  # a value that does not end is none
        return 0

    def _after_tag(self, tag: re.Match[str], after: int) -> int:
        name = (tag[1] or "").lower()
        if name == "br":
            self._add("\n", is_text=False)
        elif _BLOCKS.fullmatch(name):
            self._at_border = True
        elif name in _HIDDEN and not tag[0].startswith("</"):
            end = _HIDDEN[name].search(self._source, after)
            return end.start() if end else len(self._source)
        return after

    def _add(self, text: str, *, is_text: bool = True) -> None:
        if is_text:
            text = _REFERENCE.sub(_resolved, text)
        if not text or (is_text and self._at_border and text.isspace()):
            return
        if self._at_border and self._lines and not self._lines[-1].endswith("\n"):
            self._lines.append("\n")
        self._at_border = False
        self._lines.append(text)


def _resolved(reference: re.Match[str]) -> str:
    return unescape(reference[0])


# --- directives ---

_DIRECTIVE: Final = re.compile(
    r"(?<!\S)/(?:"
    r"(?:buttons-column|buttons|choice)\s*(?P<labels>(?:\[[^\[\]]*\]\s*)+)"
    r"|attachment\s+(?P<url>https?://\S+?)(?:\s*,\s*(?P<kind>image|audio|video)\b|(?=,?(?:\s|$)))"
    r")"
)
_LABEL: Final = re.compile(r"\[([^\[\]]*)\]")


class DirectedFile(Value, frozen=True, kw_only=True):
    """A file that a text names. ``kind`` is ``image``, ``audio``, ``video`` or "" where it does not say."""

    url: str
    kind: str = ""

    quiet: ClassVar[frozenset[str]] = frozenset({"url"})


class Directed(Value, frozen=True, kw_only=True):
    """A text without its directives, and what they ask for: replies to choose from, and files."""

    text: str
    labels: tuple[str, ...] = ()
    files: tuple[DirectedFile, ...] = ()

    quiet: ClassVar[frozenset[str]] = frozenset({"text", "labels", "files"})


def directed(text: str) -> Directed:
    """Read ``/buttons [A][B]``, ``/buttons-column``, ``/choice`` and ``/attachment <url>, image`` in a text (6.5).

    The directive begins a word. One that asks for nothing stays text, as does a file whose URL is not of the web; what
    stands before and after a directive is put together with a space. Where it stands in a tag or an entity, it is not
    seen: ``text`` is plain.
    """
    kept: list[str] = []
    labels: list[str] = []
    files: list[DirectedFile] = []
    at = 0
    for found in _DIRECTIVE.finditer(text):
        offered = [label for given in _LABEL.findall(found["labels"] or "") if (label := given.strip())]
        if not offered and not found["url"]:
            continue
        labels.extend(offered)
        if found["url"]:
            files.append(DirectedFile(url=found["url"], kind=found["kind"] or ""))
        kept.append(text[at : found.start()].strip())
        at = found.end()
    if at == 0:
        return Directed(text=text)
    kept.append(text[at:].removeprefix(",").strip())
    return Directed(text=" ".join(piece for piece in kept if piece), labels=tuple(labels), files=tuple(files))
