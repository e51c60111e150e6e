"""`contracts compare`: the same cases against two servers, and where their answers differ."""
