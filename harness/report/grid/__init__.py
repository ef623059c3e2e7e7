"""The report of a study that compares: a section per file, and the document that holds them all."""
