"""From published files to training, validation and test interactions, and items' texts."""
