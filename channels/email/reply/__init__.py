"""What somebody has newly written in a mail: `extract` reads a text, `of` a whole mail."""
