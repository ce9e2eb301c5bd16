"""The people of an account: who is invited, who may do what, and how they sign in.

`api.app` mounts the routes; `dashboard.people` and `dashboard.session` call the same functions.
"""
