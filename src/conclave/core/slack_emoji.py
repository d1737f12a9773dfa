"""
Slack's names of emoji that people react with, as the emoji: those that are used most.

Others, and those a workspace made itself, have no agreed sign and are left out.
"""

import re
from typing import Final

_TONE: Final = re.compile(r"::skin-tone-[2-6]$")
_NAMES: Final = {
    "+1": "👍", "thumbsup": "👍", "-1": "👎", "thumbsdown": "👎", "heart": "❤️", "joy": "😂",
    "smile": "😄", "smiley": "😃", "grinning": "😀", "grin": "😁", "laughing": "😆", "wink": "😉",
    "blush": "😊", "slightly_smiling_face": "🙂", "upside_down_face": "🙃", "thinking_face": "🤔",
    "cry": "😢", "sob": "😭", "angry": "😠", "rage": "😡", "scream": "😱", "sweat_smile": "😅",
    "rolling_on_the_floor_laughing": "🤣", "rofl": "🤣", "sunglasses": "😎", "heart_eyes": "😍",
    "kissing_heart": "😘", "neutral_face": "😐", "confused": "😕", "disappointed": "😞",
    "open_mouth": "😮", "astonished": "😲", "sleeping": "😴", "facepalm": "🤦", "shrug": "🤷",
    "tada": "🎉", "confetti_ball": "🎊", "fire": "🔥", "rocket": "🚀", "eyes": "👀", "clap": "👏",
    "pray": "🙏", "raised_hands": "🙌", "ok_hand": "👌", "wave": "👋", "muscle": "💪",
    "point_up": "☝️", "point_right": "👉", "handshake": "🤝", "v": "✌️", "crossed_fingers": "🤞",
    "white_check_mark": "✅", "heavy_check_mark": "✔️", "ballot_box_with_check": "☑️", "x": "❌",
    "heavy_plus_sign": "➕", "heavy_minus_sign": "➖", "question": "❓", "exclamation": "❗",
    "warning": "⚠️", "100": "💯", "star": "⭐", "star2": "🌟", "sparkles": "✨", "zap": "⚡",
    "boom": "💥", "bulb": "💡", "bug": "🐛", "beers": "🍻", "beer": "🍺", "coffee": "☕",
    "cake": "🍰", "birthday": "🎂", "gift": "🎁", "trophy": "🏆", "skull": "💀", "ghost": "👻",
    "robot_face": "🤖", "see_no_evil": "🙈", "broken_heart": "💔", "blue_heart": "💙",
    "green_heart": "💚", "yellow_heart": "💛", "purple_heart": "💜", "hourglass": "⌛",
    "lock": "🔒", "key": "🔑", "wrench": "🔧", "hammer": "🔨", "gear": "⚙️", "memo": "📝",
    "pushpin": "📌", "calendar": "📆", "chart_with_upwards_trend": "📈", "email": "📧",
    "phone": "☎️", "bell": "🔔", "speech_balloon": "💬", "arrow_up": "⬆️", "arrow_down": "⬇️",
    "recycle": "♻️", "green_apple": "🍏", "pizza": "🍕", "sunny": "☀️", "snowflake": "❄️",
    "rainbow": "🌈", "party_parrot": "🦜", "saluting_face": "🫡", "exploding_head": "🤯",
}  # fmt: skip


def emoji_of(name: str) -> str | None:
    """Return the emoji that Slack calls *name*, without the tone of a skin."""
    return _NAMES.get(_TONE.sub("", name))
