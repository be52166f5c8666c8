"""Shapes of money: what is answered, and what may be written."""
