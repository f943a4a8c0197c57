import pytest

import peopled
from postbox import Postbox


@pytest.fixture(scope="session")
def original_town():
    town = peopled.make_original()
    yield town
    town.close()


@pytest.fixture
def stopped_town(original_town):
    """A private copy of the town with people, not started."""
    with peopled.PeopledTown(original_town) as town:
        yield town


@pytest.fixture
def town(stopped_town):
    """A private town with people, its daemon running; it must still run at the end or have
    been stopped by the test."""
    stopped_town.start()
    return stopped_town


@pytest.fixture
def box():
    """A mail server that keeps what it gets."""
    with Postbox() as box:
        yield box
