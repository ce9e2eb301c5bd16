"""What follows calls of campaigns with steps: moved on by the feed, texts sent by the sweep."""
