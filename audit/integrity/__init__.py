"""Whether the records are still what was written: checking them, signing checkpoints, reporting a break."""
