"""Rows that wait for a worker: who takes them, what wakes a worker, and the requests that all may spend."""
