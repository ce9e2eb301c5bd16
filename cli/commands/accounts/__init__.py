"""Commands about an account and what it calls with: agents, pathways, profiles."""
