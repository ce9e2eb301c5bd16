"""One file a step, in order. A file that was released is never edited."""
