"""The account's people and their provider of single sign-on, under Settings; and oneself.

`dashboard.router` imports it. What is done is done by `api.people`.
"""
