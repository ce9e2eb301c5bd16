"""Calls as people look at them: pages, the queue, counts; reads only.

`api.calls` and `dashboard` show it; `dispatch` takes the counts of waiting calls from it.
"""
