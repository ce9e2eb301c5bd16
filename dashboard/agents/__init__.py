"""The pages of agents: the list with what each is doing, one agent, its form.

Only `dashboard.router` imports it. From here go to `api.accounts` and `storage.accounts`.
"""
