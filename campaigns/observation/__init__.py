"""What reads of CXone showed over time, kept as rows: changes of campaigns, calls in progress, gaps in reading."""
