"""What the bot can do: one module a tool, each with a function that makes it."""
