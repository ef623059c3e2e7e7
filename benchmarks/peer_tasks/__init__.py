"""What ``benchmarks.peers`` has other libraries do, each in an interpreter of its own: these scripts import no harness.

A script is given two paths: the training matrix, and where its answers go.
"""
