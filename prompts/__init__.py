"""What the agents are told: one versioned text per agent."""
