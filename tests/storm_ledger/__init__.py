"""The storm over the ledger: many clients at once move money, lawfully and not, and the books must be right afterwards."""
