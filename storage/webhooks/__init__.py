"""Webhooks and their deliveries: made of events, in order, tried again, replayed, looked at.

`activities.webhook_delivery` and `api.webhooks` use it. When to try again is in
`policy.webhooks.retry_schedule`.
"""
