"""Every change of milestones and their dates."""
