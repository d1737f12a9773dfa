"""Clients under faults, and the checker fed from their journals: `make chaos`."""
