"""Every request that there is, as a Bright Pattern site could be asked for it."""

from typing import Any

from deskline_core import inputs as i
from deskline_core.brightpattern.capabilities import capabilities
from deskline_core.model import PushNetwork
from deskline_core.values import Secret
from tests.core import every_request
from tests.core.brightpattern.alone import CHAT, SITE
from tests.core.every_request import REQUESTS

__all__ = ["ALWAYS", "LACKING", "REQUESTS", "right_fields"]

ALWAYS = (
    i.Prepare, i.Connect, i.Open, i.Disconnect, i.SignOut, i.EnterBackground, i.EnterActive, i.AwaitReady,
    i.AwaitSettled,
)  # fmt: skip
"""What every site of any vendor can be asked."""
LACKING = [kind for kind in REQUESTS if kind not in ALWAYS and kind.__name__ not in capabilities(SITE)]
"""What only others have."""


def right_fields(kind: type[i.AppRequest]) -> dict[str, Any]:
    """Return fields with which a request makes sense; those with a default may be left out."""
    if kind is i.RegisterDevice:
        return {"token": Secret("t"), "network": PushNetwork.FIREBASE_ANDROID}
    return every_request.right_fields(kind, CHAT)
