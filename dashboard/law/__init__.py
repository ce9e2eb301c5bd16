"""The pages of what the law asks of an account itself, and of what changes by date.

`dashboard.router` imports it. They stand among the pages of compliance, whose tabs they share; from
here go to `api.law`.
"""
