"""What the administrator does: people, post, the clock, proposals, earlier measures."""
