"""/timeline/."""
