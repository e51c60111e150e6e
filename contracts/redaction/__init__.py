"""Redaction by default denial: of an exchange only what the contract pins is shown, everything else has a stand-in."""
