"""HAR 1.2, the HTTP Archive that browsers, proxies and test tools write: exchanges in a file, written and read."""
