"""/wall/: the wallboard, which needs a link and no sign-in, and the links, which are an admin's."""
