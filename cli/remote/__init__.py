"""A running Trunkline, as a command speaks to it: where it is, what it answers, how that is shown.

`commands` import it. Begin at `command`.
"""
