"""What follows a campaign's calls: steps that are set for a draft, and how far everybody is.

`api.app` includes its routes; `dashboard.follow_ups` shows them. What follows what says
`policy.campaigns.steps`.
"""
