"""The evidence file: a range of records that a third party can check on its own (docs/evidence.md)."""
