"""The job engine's heart: records, plans, the fold that gives a status, virtual time, and identities.

No IO, no clock, no randomness, no framework: everything here is a function of its arguments, and imports only the
standard library (a test holds that). Instants and durations are integer nanoseconds; instants count from 1970 UTC.
"""
