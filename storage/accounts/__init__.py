"""Accounts and their keys, agents, pathways, and the names of all of these.

Rooms that need an agent or a pathway may import it; of `storage` it knows `tables` and `database`.
"""
