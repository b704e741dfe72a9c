"""/campaigns/<id>/schedule/: the form that changes when a campaign may dial."""
