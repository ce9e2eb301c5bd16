"""Events as a list to read on and as a stream that stays open; for `api.app` and `api.webhooks`.

They are written by `storage.events.event_log` and read by `storage.events.event_reader`.
"""
