"""The rules: plain objects without sockets, clocks, tasks or databases."""
