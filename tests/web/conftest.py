"""Fixtures for pages: the county, and a real browser."""

from tests.web.browser import browser
from tests.web.county import county, played, served

__all__ = ["browser", "county", "played", "served"]
