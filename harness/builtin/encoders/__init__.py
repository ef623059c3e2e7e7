"""Language models that turn items' texts into vectors: one file each."""
