"""Reads across the apps: what the pages and the API show of the whole."""
