"""Everything that `make run` needs on a machine with only Python: servers from wheels, a mail sink, a supervisor."""
