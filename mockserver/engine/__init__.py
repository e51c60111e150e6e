"""Plays contracts: sessions, scenarios, jobs, credentials, problems. Knows no provider and no web framework."""
