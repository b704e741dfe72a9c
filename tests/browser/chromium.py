"""Where Chromium is on this machine, and how it is started."""

import shutil

# The headless shell first: the same engine without a browser's own windows, at half the work.
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, CHROMIUMS)), None)
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
