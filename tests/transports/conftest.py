"""Every test that asks for a runtime runs on both."""

import pytest

from tests.transports.peers import RUNTIMES, Runtime


@pytest.fixture(params=RUNTIMES, ids=lambda runtime: runtime.name)
def runtime(request: pytest.FixtureRequest) -> Runtime:
    chosen: Runtime = request.param
    return chosen
