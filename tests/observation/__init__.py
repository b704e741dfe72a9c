"""What reads of CXone leave behind."""
