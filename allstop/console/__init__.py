"""Every way in for people: views, templates and static files. The console never sends; it calls an action."""
