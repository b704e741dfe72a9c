"""The limits of spreadsheets, and how longer texts are cut.

Excel allows 32,767 characters in a cell ("Excel specifications and limits", Microsoft), counted in UTF-16. It splits a
longer one in a CSV into two rows, and everything after the break is in the wrong column.
"""

# UTF-16 code units in a cell.
LONGEST = 32_767
# Characters that surely fit into a cell, since each takes at most two code units.
SURELY_FITS = LONGEST // 2
# Rows of a sheet in Excel, including the heading.
MOST_ROWS = 1_048_576


def fit(text: str) -> str:
    """The text; if it is too long for a cell, its beginning and a note that the JSON lines have all of it."""
    if len(text) <= SURELY_FITS:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST:
        return text
    pointer = f"… [cut here, {len(text):,} characters in all: the export as JSON lines has them]"
    kept = 2 * (LONGEST - len(pointer))
    # A surrogate pair that the cut would split is left out.
    return units[:kept].decode("utf-16-le", errors="ignore") + pointer
