"""What the reading pages of money show. The figures are those of the selectors behind the API, so that both say the same."""
