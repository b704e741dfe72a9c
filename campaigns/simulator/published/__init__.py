"""The published API of CXone: skills that start and stop."""
