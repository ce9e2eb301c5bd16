"""The steps from one version of the tables to the next; `storage.database.migrate` runs them.

The tables as they are now are in `storage.tables`.
"""
