"""What money must obey, in plain Python: when a bond is repaid, and what a watchful eye asks of a project's money."""
