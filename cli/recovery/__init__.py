"""A copy of the database made, brought back, and made to agree with Temporal and the carrier.

Each file is a program of its own, which `cli.commands` runs in its place.
"""
