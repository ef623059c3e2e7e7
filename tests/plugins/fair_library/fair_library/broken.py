"""A plug-in that cannot be imported: it must break nothing else."""

raise ImportError("a library that this machine does not have")
