"""Who decides: small agents that read a thread's words and answer with one step."""
