"""Alembic's entry: runs on the connection that `storage.database.migrate` has opened and locked."""

from alembic import context

from storage import tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=tables.Call.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
)
# No transaction of Alembic's: `storage.database.migrate` holds one around all of it.
context.run_migrations()
