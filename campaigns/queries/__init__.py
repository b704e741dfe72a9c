"""The read side: rows for pages, a fixed number of queries each."""
