"""The account's own accounts at the carrier: numbers, token, its rotation; for `api.app`.

Rows and secrets are in `storage.carriers`; `activities.dials.carrier_switch` dials by them.
"""
