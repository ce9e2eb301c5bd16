"""Transfer targets, and the transfers to them: from being asked for to their end.

Whoever answers the carrier writes here; `storage.abandonment` counts what came of it.
"""
