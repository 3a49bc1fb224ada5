"""Definitions from outside: read strictly, turned into values of the core, kept by digest."""
