"""The course of a recorded run as plain SVG: no script, no link, no style from elsewhere; it can stand in any page."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from .course import LANES, Course, Lane, Mark, Note, trace

__all__ = ["sequence_svg"]

_COLUMN: Final = 190
_ROW: Final = 26
_TOP: Final = 60
_LEFT: Final = 100
_NAMES: Final = {lane: lane for lane in LANES} | {"rest": "REST"}


def sequence_svg(lines: Iterable[str], *, after: int = 0) -> str:
    """Return the sequence diagram of a journal as SVG; see :func:`~deskline_core.diagram.sequence`."""
    course = trace(lines, after=after)
    width = 2 * _LEFT + _COLUMN * (len(course.lanes) - 1)
    height = _TOP + _ROW * (len(course.marks) + 1)
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    drawn = (part for row, mark in enumerate(course.marks) for part in _drawn(mark, course, _TOP + _ROW * (row + 1)))
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *_lanes(course, height),
            *drawn,
            "</svg>",
            "",
        )
    )


def _at(lane: Lane, course: Course) -> int:
    return _LEFT + _COLUMN * course.lanes.index(lane)


def _lanes(course: Course, height: int) -> Iterator[str]:
    for lane in course.lanes:
        x = _at(lane, course)
        yield f'<line x1="{x}" y1="{_TOP - 20}" x2="{x}" y2="{height}" stroke="silver"/>'
        yield _text(x, _TOP - 30, _NAMES[lane], weight="bold")


def _drawn(mark: Mark, course: Course, y: int) -> Iterator[str]:
    if isinstance(mark, Note):
        left, right = _at(mark.first, course) - 90, _at(mark.last, course) + 90
        place = f'x="{left}" y="{y - 17}" width="{right - left}" height="22"'
        yield f'<rect {place} fill="lemonchiffon" stroke="silver"/>'
        yield _text((left + right) // 2, y - 2, mark.text)
        return
    begin, end = _at(mark.source, course), _at(mark.target, course)
    if begin == end:
        yield _text(begin, y - 2, f"({mark.text})")
        return
    dashes = ' stroke-dasharray="5 3"' if mark.is_answer else ""
    colour = "firebrick" if mark.fails else "black"
    yield f'<line x1="{begin}" y1="{y}" x2="{end}" y2="{y}" stroke="{colour}"{dashes}/>'
    yield _head(end, y, -1 if end > begin else 1, colour, fails=mark.fails)
    yield _text((begin + end) // 2, y - 4, mark.text, colour=colour)


def _head(x: int, y: int, back: int, colour: str, *, fails: bool) -> str:
    if fails:
        return f'<path d="M{x - 5} {y - 5}L{x + 5} {y + 5}M{x - 5} {y + 5}L{x + 5} {y - 5}" stroke="{colour}"/>'
    return f'<path d="M{x} {y}L{x + 8 * back} {y - 4}L{x + 8 * back} {y + 4}Z" fill="{colour}"/>'


def _text(x: int, y: int, text: str, *, weight: str = "normal", colour: str = "black") -> str:
    shown = escape("".join(letter for letter in text if letter.isprintable()))
    return f'<text x="{x}" y="{y}" text-anchor="middle" font-weight="{weight}" fill="{colour}">{shown}</text>'
