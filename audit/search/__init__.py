"""Finding records: by what their columns say, by words, by time, each at the same cost however many there are."""
