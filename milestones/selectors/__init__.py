"""What is read of milestones and their dates."""
