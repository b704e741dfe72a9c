"""The page of charts: what is asked for, and what is shown."""
