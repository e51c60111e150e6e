"""The judge: holds a running server against a contract."""
