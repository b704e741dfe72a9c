"""Finding records by columns, words and time, at a cost that doesn't grow with the ledger."""
