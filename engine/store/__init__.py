"""The store: what an act leaves is written whole or not at all (DESIGN 5).

Table rows never leave this package; what comes out are values of the core.
"""
