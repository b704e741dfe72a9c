"""CXone's API v2, as the contract describes it: the first dialect of the gateway."""
