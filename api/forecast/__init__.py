"""What a campaign would come to: its contacts read, `policy.forecast` run, the runs as an answer.

`api.app` imports it. Begin at `service`. docs/forecast.md says what each number means.
"""
