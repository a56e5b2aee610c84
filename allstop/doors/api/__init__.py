"""The REST API under /api/v1: a file per noun, put together in urls.py. docs/api.md describes it for its users."""
