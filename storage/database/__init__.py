"""How the database is spoken to: engine, transactions, locks, bulk rows, pages, migration.

Every room may import it; of `storage` it knows `tables` only. Begin at `engine`.
"""
