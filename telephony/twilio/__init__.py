"""Twilio: its REST API (`client`), its requests (`callbacks`), what its failures mean (`errors`).

Begin at `client`. `worker`, `api.app`, `api.callbacks` and `activities.dials` import it, and nobody
else should.
"""
