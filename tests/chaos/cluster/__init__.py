"""Three servers as one chat, under all that befalls them: `make chaos-cluster`."""
