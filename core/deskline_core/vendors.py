"""The vendors by name: what their sites are, and what their traffic holds. Nothing else here knows them all."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from .brightpattern.disclosure import DISCLOSURE as BRIGHT_PATTERN
from .brightpattern.site import BrightPattern
from .cxone.disclosure import DISCLOSURE as CXONE
from .cxone.site import CXone
from .errors import NotSupported

if TYPE_CHECKING:
    from .disclosure import Disclosure
    from .session import Site

__all__ = ["DISCLOSURES", "SITES", "vendor_of"]

SITES: Final[Mapping[str, type]] = {"cxone": CXone, "brightpattern": BrightPattern}
"""What the sites of each vendor are."""
DISCLOSURES: Final[Mapping[str, "Disclosure"]] = {"cxone": CXONE, "brightpattern": BRIGHT_PATTERN}
"""What the traffic of each vendor holds."""


def vendor_of(site: "Site") -> str:
    """Return the name of a site's vendor. Raises NotSupported for a site of none of them."""
    for name, kind in SITES.items():
        if isinstance(site, kind):
            return name
    raise NotSupported(f"{type(site).__name__} is a site of no vendor that is known here")
