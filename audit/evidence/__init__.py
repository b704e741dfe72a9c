"""The evidence file: a range of records that a third party can verify by itself (docs/evidence.md)."""
