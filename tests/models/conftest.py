from collections.abc import Iterator

import pytest

from simulacra.testing.server import FakeServer


@pytest.fixture(scope="session")
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running
