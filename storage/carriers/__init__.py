"""Accounts at the carrier besides the installation's own: whose, with which numbers and secrets.

May know `tables` and `database`. Above: `api.carriers`, `activities.dials.carrier_switch`.
"""
