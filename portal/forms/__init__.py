"""What people type into the pages of money, read and judged before anything is asked of a service."""
