"""The carrier: a port, Twilio behind it, and a carrier in memory that keeps the same contract.

`api`, `activities` and `worker` may import it. Begin at `port`; the words of each are in `events`
and `errors`.
"""
