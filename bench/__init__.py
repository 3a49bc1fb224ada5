"""Benchmarks: what an act, a sweep and a decision cost, against the limit of the same run."""
