"""Telling open pages that something has changed, so that they look again.

`dashboard.router` imports it. What happened is read by `storage.events.event_reader`.
"""
