"""What follows the calls of campaigns: where each contact stands among the steps, and its texts.

Above it are `api.follow_ups` and `activities.follow_ups`. What follows what says
`policy.campaigns.steps`.
"""
