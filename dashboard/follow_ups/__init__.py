"""The page of what follows a campaign's calls: its steps, and how many contacts stand where."""
