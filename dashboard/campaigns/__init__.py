"""The pages of campaigns: the list, a new one from a file, a draft made ready, one under way.

Only `dashboard.router` imports it. From here go to `api.campaigns`, `api.forecast` and `api.files`.
A file is looked at (`contact_file`), its columns are settled (`column_choice`), its rows loaded
(`new_routes`, `add_routes`); `draft_routes` then makes it ready, `campaign_routes` shows it run.
"""
