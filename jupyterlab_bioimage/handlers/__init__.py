"""Handlers: authenticate, read arguments, call a service, write. Tornado is used here only."""
