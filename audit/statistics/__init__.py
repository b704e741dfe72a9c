"""What is worked out from the records, and can be at any time made anew: figures of every hour, and of any range."""
