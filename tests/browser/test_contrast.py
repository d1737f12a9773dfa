"""Each pair of colours that PAGE and its themes use, computed from the CSS itself."""

import math
import re
from itertools import product
from pathlib import Path

import pytest

import conclave

CSS = (Path(conclave.__file__).parent / "web/app/css/tokens.css").read_text("utf-8")
GROUNDS = ("paper", "surface", "sunken", "own")
TEXTS = ("ink", "muted", "accent", "brass", "danger")
TEXT_CSS = (Path(conclave.__file__).parent / "web/app/css/text.css").read_text("utf-8")

HUE = r"oklch\(var\(--([\w-]+)\) \.09 (\d+)\)"

Colour = tuple[float, float, float]


def block(start: str) -> dict[str, str]:
    """The custom properties of the rule that *start* begins."""
    body = CSS[CSS.index(start) :].split("{", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", body))


# Of `light-dark(…, …)`, whose parts may have brackets of their own.
PART = r"((?:[^(),]|\([^()]*(?:\([^()]*\))?[^()]*\))+)"
PAIR = re.compile(rf"light-dark\({PART},\s*{PART}\)")


def in_theme(tokens: dict[str, str], side: int) -> dict[str, str]:
    """What *tokens* are in a light (1) or a dark theme (2)."""
    return {
        name: PAIR.sub(lambda pair: pair[side].strip(), value) for name, value in tokens.items()
    }


NORMAL = block("\n  :root {")
MORE = {**NORMAL, **block('\n  [data-contrast="more"] {')}
THEMES = {
    "light": in_theme(NORMAL, 1),
    "dark": in_theme(NORMAL, 2),
    "contrast": in_theme(MORE, 1),
    "contrast dark": in_theme(MORE, 2),
}
# What the brief promises for each theme.
LEAST = {"light": 5.7, "dark": 6.6, "contrast": 7.0, "contrast dark": 10.0}


def linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def of_hex(text: str) -> Colour:
    assert re.fullmatch(r"#[0-9A-F]{6}", text), text
    red, green, blue = (int(text[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return linear(red), linear(green), linear(blue)


def of_oklch(lightness: float, chroma: float, hue: float) -> Colour:
    """Björn Ottosson's Oklab, to linear sRGB; what lies outside of the gamut is clipped."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return tuple(  # type: ignore[return-value]
        min(1.0, max(0.0, channel))
        for channel in (
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        )
    )


def of_hue(tokens: dict[str, str], text: str) -> Colour:
    hue = re.fullmatch(HUE, text)
    assert hue is not None, text
    return of_oklch(float(tokens[hue[1]].rstrip("%")) / 100, 0.09, int(hue[2]))


def luminance(colour: Colour) -> float:
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_each_text_stands_out_on_each_ground(theme: str):
    tokens = THEMES[theme]
    for text, ground in product(TEXTS, GROUNDS):
        found = contrast(of_hex(tokens[text]), of_hex(tokens[ground]))
        assert found >= LEAST[theme] - 0.05, f"{text} on {ground}: {found:.2f}"


@pytest.mark.parametrize("theme", THEMES)
def test_rules_that_outline_controls_are_seen_on_each_ground(theme: str):
    tokens = THEMES[theme]
    for ground in GROUNDS:
        found = contrast(of_hex(tokens["rule"]), of_hex(tokens[ground]))
        assert found >= 3.1 - 0.05, f"rule on {ground}: {found:.2f}"


@pytest.mark.parametrize("theme", THEMES)
def test_text_on_filled_shapes_can_be_read(theme: str):
    tokens = THEMES[theme]
    for ground in ("accent", "brass"):
        assert contrast(of_hex(tokens["on-accent"]), of_hex(tokens[ground])) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_each_persons_hue_can_be_read_on_each_ground(theme: str):
    tokens = THEMES[theme]
    hues = [re.fullmatch(HUE, tokens[f"hue-{n}"]) for n in range(8)]
    assert [int(hue[2]) for hue in hues if hue] == [20 + 45 * n for n in range(8)]
    for hue, ground in product(hues, GROUNDS):
        assert hue is not None
        found = contrast(of_hue(tokens, hue[0]), of_hex(tokens[ground]))
        assert found >= 5.0, f"hue {hue[2]} on {ground}: {found:.2f}"


@pytest.mark.parametrize("theme", THEMES)
def test_each_colour_of_code_can_be_read_on_its_ground(theme: str):
    tokens = THEMES[theme]
    colours = {name: value for name, value in tokens.items() if name.startswith("code-")}
    drawn = set(re.findall(r"\.code-(\w+) \{ color: var\(--code-\1\);", TEXT_CSS))
    assert {f"code-{kind}" for kind in drawn} == colours.keys()
    assert len(colours) == 9
    for name, value in colours.items():
        token = tokens[value.removeprefix("var(--").rstrip(")")]
        colour = of_hue(tokens, token) if token.startswith("oklch") else of_hex(token)
        found = contrast(colour, of_hex(tokens["sunken"]))
        assert found >= 4.5, f"{name}: {found:.2f}"


def test_no_component_has_a_colour_of_its_own():
    for path in sorted((Path(conclave.__file__).parent / "web/app/css").glob("*.css")):
        if path.name != "tokens.css":
            found = re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsl|\boklch\(", path.read_text())
            assert found == [], path.name
