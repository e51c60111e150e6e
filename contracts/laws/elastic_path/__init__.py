"""What holds for Elastic Path across several requests; the numbers are those of `specs/elastic_path/facts.md`."""

from contracts.laws.elastic_path import access, codes, files, jobs, lists
from contracts.laws.elastic_path.base import LAWS

__all__ = ["LAWS", "access", "codes", "files", "jobs", "lists"]
