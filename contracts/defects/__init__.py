"""Seeded defects: servers broken on purpose, each in one way, to see that the judge notices."""
