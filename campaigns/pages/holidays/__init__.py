"""/holidays/: calendars, their holidays, and importing them."""
