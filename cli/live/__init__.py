"""What changes while one looks: a call to its end, a campaign to its end, all that is under way.

`commands` import it; it asks by `remote`.
"""
