"""Personal links of letters: opened once, they confirm receipt and show one case for an hour.

Whoever holds the link is taken for the person it was sent to, and may do by it what its
letter asks of her and nothing else: confirm the receipt, and read. So it opens only as long
as she acts for the office, and never what the letter itself must not say (decision 0018).
"""

from engine.services.links.renewal import ask_again, send_again, sent_links
from engine.services.links.values import (
    LinkOver,
    Offered,
    Opened,
    SentLink,
    Visit,
    Why,
)
from engine.services.links.visits import document, leave, offered, open_visit, visit

__all__ = [
    "LinkOver",
    "Offered",
    "Opened",
    "SentLink",
    "Visit",
    "Why",
    "ask_again",
    "document",
    "leave",
    "offered",
    "open_visit",
    "send_again",
    "sent_links",
    "visit",
]
