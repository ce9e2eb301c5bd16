"""Work that never ends: which worker does it, and its turns.

A loop is run by the worker that holds its lease (`storage.loop_leases`). What a loop does in a turn
stands in the file of its noun beside this room; `worker.loops_of` puts them together.
"""
