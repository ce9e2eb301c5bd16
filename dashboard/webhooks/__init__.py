"""The pages of webhooks: who is told of events, how that goes, what was sent and answered.

Only `dashboard.router` imports it. `list_routes` and `form_routes` have the webhooks themselves,
`webhook_routes` one of them with its deliveries, `delivery_routes` one delivery. From here go to
`api.webhooks`.
"""
