"""The log as evidence: sealed, examined, proven, and handed out."""
