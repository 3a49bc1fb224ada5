"""The pure core: it gets values and returns values, and touches nothing."""
