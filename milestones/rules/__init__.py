"""How dates are judged. Plain Python."""
