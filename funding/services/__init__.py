"""Every change of money: requested, decided, recorded; and of what surrounds it."""
