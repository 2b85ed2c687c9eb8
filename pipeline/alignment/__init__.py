"""How two editions are aligned: `sides`, then a `corridor`, the best `path` through it, and what `moved`."""
