"""Places that files come from. Each knows its wire and nothing of what the files mean."""
