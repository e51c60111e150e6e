"""The control API: the test's hands on time, scenarios, jobs, sessions and the journal."""
