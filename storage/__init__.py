"""Every query: rows in, rows out, inside a transaction that the caller has begun.

`api`, `dashboard`, `activities`, `cli` and the roots may import it; it knows `policy` only. A room
holds the queries of a noun; the tables of all of them are in `storage.tables`.
"""
