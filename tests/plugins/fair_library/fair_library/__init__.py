"""A fairness definition, a disparity, a metric, a method, a data set and a study for bifair-harness."""
