"""The application as it is run where secrets can be kept."""

import pytest

from settings import Settings
from tests.api.carriers.others import sealing_settings


@pytest.fixture
def settings() -> Settings:
    return sealing_settings()
