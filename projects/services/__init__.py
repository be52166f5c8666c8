"""Every change of a project and of what belongs to it."""
