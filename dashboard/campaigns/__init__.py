"""The pages of campaigns: the list, one campaign, pause and resume.

Only `dashboard.router` imports it. From here go to `api.campaigns`.
"""
