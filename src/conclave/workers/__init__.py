"""
Several processes on one port: what starts them, watches them and starts them again.

Each worker is a whole node, a process that runs the same command. The supervisor serves
nobody and loads none of a node's parts. `Post` is what a worker knows of it.
"""
