"""Statements that every page costs before it shows anything of its own.

The tests of pages say how many they need beside these, so that a change of the head changes one number.
"""

# The session, its person with their roles and rights, how fresh the data is, and what needs somebody and what the
# person has asked for (three).
HEAD = 6
# For whoever may see the audit: whether it is intact.
HEAD_OF_READERS = HEAD + 1
# A part that refreshes itself: the session, its person with their rights, how fresh the data is.
FRAGMENT = 3
