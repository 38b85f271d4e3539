"""From a message coming in to an answer going out."""
