"""What an assistant may do with Trunkline: tools of the Model Context Protocol over the API.

Each tool asks the API with the key of whoever calls it, so it can do no more than that key. What
dials or changes something is confirmed by a person first (`confirmation`). See docs/mcp.md.
"""
