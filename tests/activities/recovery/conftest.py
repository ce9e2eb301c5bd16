"""On both databases, as in `tests.storage`."""

from tests.storage.conftest import db as db
from tests.storage.conftest import postgres_database as postgres_database
