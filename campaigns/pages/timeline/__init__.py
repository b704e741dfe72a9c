"""/timeline/: a stretch of time replayed on one axis for chosen campaigns."""
