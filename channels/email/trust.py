"""Whose certificates are trusted."""

import ssl


def trusting(ca: str) -> ssl.SSLContext:
    """What checks a server's certificate: the system's authorities, and those of the file."""
    context = ssl.create_default_context()
    if ca:
        context.load_verify_locations(cafile=ca)
    return context
