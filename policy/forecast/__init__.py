"""What a campaign would come to: its calls on virtual time, by the policy that makes the real ones.

Begin at `simulation`. `callee_groups` asks `policy.calls` once for all contacts that it cannot tell
apart, `slot_book` holds the caps and asks `policy.dispatch` whose turn it is, `callees` has the
luck, `figures` sums runs up. docs/forecast.md says what each number means.
"""
