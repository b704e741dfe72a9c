"""A database that was restored from a backup, or lost its newest part: noticed, and its open operations ended."""
