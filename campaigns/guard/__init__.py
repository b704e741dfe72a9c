"""The holiday guard: pauses the campaigns of guarded calendars while a holiday lasts, and resumes what it paused."""
