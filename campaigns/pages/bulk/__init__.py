"""/bulk/: pausing and resuming many campaigns at once, and what became of it."""
