"""Speed, measured side by side: `python -m benchmarks` (see README.md)."""
