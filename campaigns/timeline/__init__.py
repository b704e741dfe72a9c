"""Any stretch of time replayed for some campaigns: facts from rows, laid out on one axis."""
