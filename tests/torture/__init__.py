"""What the engine bears: killed workers, dead servers, long silence, many at once.

The suite runs each of these at a size of seconds; `make torture` runs them at full size and
prints the figures of docs/reliability.md.
"""
