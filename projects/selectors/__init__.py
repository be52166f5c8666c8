"""Projects as others read them."""
