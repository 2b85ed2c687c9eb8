"""`crossquote serve`: the pages and a JSON API for a collection of any size, read-only, on this machine."""
