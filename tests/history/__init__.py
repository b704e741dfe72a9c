"""One history of a campaign, from many kinds of rows."""
