"""When a delivery is tried again, and when a webhook is given up; it knows no other room.

`activities.webhook_courier` and `storage.webhooks` go by it.
"""
