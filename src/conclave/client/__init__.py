"""Speaking to a Conclave from Python: for now one bare socket."""
