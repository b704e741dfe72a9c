"""Holidays: calendars, imports from files and by country, and the dates and hours that they restrict."""
