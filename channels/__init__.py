"""Where people talk: every channel turns native messages into `Inbound` and `Outbound` back."""
