"""Who carries out the runs of a study."""
