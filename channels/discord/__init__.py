"""Discord: heard over the gateway, answered over the REST API, with the real discord.py."""
