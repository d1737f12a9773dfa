"""The command that all others about rooms hang on."""

from cyclopts import App

app = App(
    name="room", help="The rooms of this server, and what they keep.", help_format="plaintext"
)
