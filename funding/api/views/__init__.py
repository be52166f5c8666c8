"""Money over HTTP: who, which rows, one domain call."""
