"""Commands about campaigns: their making, their course, what came of them."""
