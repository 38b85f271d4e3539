"""What each kind of event does to a thread, for the reducer."""
