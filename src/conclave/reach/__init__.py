"""Requests that the server makes: to which addresses they may go, and that they go nowhere else."""
