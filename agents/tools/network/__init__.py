"""What is asked of other machines, and the walls around it."""
