"""What CXone shows, read on a schedule and when an event hints at a change."""
