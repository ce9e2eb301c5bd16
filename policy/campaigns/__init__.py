"""What a campaign's numbers mean: failing, ending, fitting; and what its contacts would become.

`activities.campaign_feed` and `api.campaigns` ask it. Of each contact `policy.calls` is asked.
"""
