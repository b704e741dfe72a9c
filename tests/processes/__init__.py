"""The product and the simulator as real processes, and a person who uses the pages over HTTP.

Everything a test starts is in a process group of its own and keeps its files in the test's own directory.
"""
