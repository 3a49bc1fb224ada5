"""Recorded files: the log of every release, word for word, told again for ever."""
