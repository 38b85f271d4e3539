"""Where threads live: one port, one store on Redis or Valkey."""
