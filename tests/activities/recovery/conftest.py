"""On both databases, as in `tests.storage`."""

from tests.storage.conftest import db as db
