"""Every change of people, offices and clients."""
