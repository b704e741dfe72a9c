"""Figures derived from the records, for each hour and for any range. They can be rebuilt from the ledger."""
