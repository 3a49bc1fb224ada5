"""One public function is one deed is one transaction; each reads like a log of the deed."""
