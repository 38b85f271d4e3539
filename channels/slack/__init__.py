"""Slack: mentions, direct messages and clicks in; answers and requests out."""
