"""Money as others read it."""
