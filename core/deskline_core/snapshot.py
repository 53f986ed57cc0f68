"""A session that was frozen: what another one needs to go on, as text that any process and runtime can read."""

from collections.abc import Mapping
from typing import ClassVar, Final

import msgspec

from .errors import InvalidValue
from .pieces import REFUSED
from .values import Value

__all__ = ["Snapshot"]

_FORMAT: Final = "deskline snapshot"
_VERSION: Final = 1


class _Written(msgspec.Struct):
    """The snapshot as it is written."""

    format: str
    version: int
    site: str
    records: dict[str, str]


class Snapshot(Value, frozen=True, kw_only=True):
    """What a session needs to go on where another one was: see :meth:`deskline_core.session.Session.snapshot`.

    ``site`` tells whose customers it is of. ``records`` hold secrets and what people wrote: keep them as such. Two that
    are equal have equal texts.
    """

    site: str
    records: Mapping[str, str]

    quiet: ClassVar[frozenset[str]] = frozenset({"records"})

    def _shown(self, name: str) -> str:
        return f"<{len(self.records)}>" if name == "records" else super()._shown(name)

    def text(self) -> str:
        """Return it as one line of JSON."""
        written = _Written(_FORMAT, _VERSION, self.site, dict(self.records))
        return msgspec.json.encode(written, order="deterministic").decode()

    @classmethod
    def read(cls, text: str) -> "Snapshot":
        """Return what :meth:`text` wrote. Raises InvalidValue for anything else, and for one of a newer deskline."""
        try:
            written = msgspec.json.decode(text, type=_Written)
        except REFUSED as error:
            raise InvalidValue(f"this is no snapshot: {error}") from None
        if written.format != _FORMAT:
            raise InvalidValue("this is no snapshot of deskline")
        if written.version != _VERSION:
            reads = f"the snapshot has version {written.version}, and this deskline reads {_VERSION}"
            raise InvalidValue(reads, hint="read it with the deskline that wrote it")
        return cls(site=written.site, records=written.records)

    def records_for(self, site: str) -> dict[str, str]:
        """Return the records, for a session at a site. Raises InvalidValue if it is of another one."""
        if site != self.site:
            raise InvalidValue(f"the snapshot is of {self.site!r:.200}, and the chat is at {site!r:.200}")
        return dict(self.records)
