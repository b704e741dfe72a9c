"""Holidays: calendars of them, files and countries they come from, and the dates and hours they restrict."""
