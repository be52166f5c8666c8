"""Every change of reminders and deliveries."""
