"""CXone's events: the subscriptions for them, and where they come in."""
