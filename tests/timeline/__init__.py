"""A stretch of time replayed."""
