"""CXone's API as NICE publishes it: docs/cxone-published-api.md."""
