"""`trunkline chaos`: calls made while processes are killed and cut off; then a verdict.

Only `cli.commands.chaos` imports it. The stack is that of `cli.dev_stack`. Begin at `run`; what is
done to whom, and when, is drawn in `plan`; what was promised is judged in `verdict`.
"""
