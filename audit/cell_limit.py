"""What a spreadsheet's cell can hold, and what it holds instead of a longer text.

Excel's limit is 32,767 characters a cell ("Excel specifications and limits", Microsoft), counted in UTF-16. From a CSV
with a longer one it makes two rows, and everything behind the break is in the wrong column.
"""

# UTF-16 code units of a cell.
LONGEST = 32_767
# Rows of a sheet, the one with the names of the fields included.
MOST_ROWS = 1_048_576


def fit(text: str) -> str:
    """The text, or its beginning with a pointer to the JSON lines, which keep all of it."""
    # A code point takes at most two units: most texts needn't be counted.
    if 2 * len(text) <= LONGEST:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST:
        return text
    pointer = f"… [cut here, {len(text):,} characters in all: the export as JSON lines has them]"
    kept = 2 * (LONGEST - len(pointer))
    # A pair of units that the cut goes through is left out.
    return units[:kept].decode("utf-16-le", errors="ignore") + pointer
