"""Every test that asks for a runtime runs on both; certificates for who speaks TLS."""

import ssl

import pytest
import trustme

from tests.transports.peers import RUNTIMES, Runtime


@pytest.fixture(params=RUNTIMES, ids=lambda runtime: runtime.name)
def runtime(request: pytest.FixtureRequest) -> Runtime:
    chosen: Runtime = request.param
    return chosen


@pytest.fixture(scope="package")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="package")
def served(authority: trustme.CA) -> ssl.SSLContext:
    """What a far side proves that it is localhost with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """What a client trusts it by."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
