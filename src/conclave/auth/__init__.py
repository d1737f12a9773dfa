"""Who somebody is: what turns a token into an identity. Nothing here knows of sockets."""
