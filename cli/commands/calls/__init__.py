"""Commands about calls: one made, all of them, the queue."""
