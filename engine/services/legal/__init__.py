"""What the legal office asks of the log, and what it enters into it."""
