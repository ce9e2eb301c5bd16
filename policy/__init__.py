"""Pure: facts and a time in, a decision out; no clock, no database, no network.

Every floor may import it, and it imports none. Begin at `policy.calls.decide`; what it is told is
in `policy.facts`, and the nouns are in `policy.model`.
"""
