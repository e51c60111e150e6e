"""What a change of a contract means for the people on each side: see docs/diff.md."""
