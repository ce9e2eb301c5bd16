"""What an operator sees of a process: its log, its metrics, its traces.

Every floor may import it, and it knows none of them. Nothing in it holds a number, name or context.
`logs` is the pipeline of log lines, `metrics` every metric there is, `exposition` where they are
read, `traces` spans and how a callback finds its dial.
"""
