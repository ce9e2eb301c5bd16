"""Who is told of events, how each delivery fared, and replays; for `api.app`.

Rows are in `storage.webhooks`; deliveries are made and sent by `activities.webhook_delivery`.
"""
