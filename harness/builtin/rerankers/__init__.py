"""Re-rankers: post-processing of any method's scores, one file each."""
