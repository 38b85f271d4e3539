"""Email as a channel."""
