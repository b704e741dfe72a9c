"""/policy/: thresholds, reason codes and calling hours."""
