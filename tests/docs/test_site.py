"""The site has every page, in one order; what it links to is there, and nothing is fetched."""

from pathlib import Path

import pytest
import yaml
from scripts.docs_hooks import ROOTED, nav, on_page_content, prose
from scripts.docs_site import wrong

ROOT = Path(__file__).parents[2]
INDEX = (ROOT / "docs/index.md").read_text("utf-8")


def listed() -> list[str]:
    """Return the pages of the site, in the order in which one turns them."""
    found: list[str] = []
    ahead: list[object] = [nav(INDEX)]
    while ahead:
        match ahead.pop(0):
            case str(name):
                found.append(name)
            case list(items):
                ahead[:0] = items
            case dict(items):
                ahead[:0] = items.values()
    return found


def test_each_page_of_the_docs_is_in_the_index_once() -> None:
    here = {str(path.relative_to(ROOT / "docs")) for path in ROOT.glob("docs/**/*.md")}
    missing = here - set(listed())
    assert not missing, f"give them a row in a table of docs/index.md: {', '.join(sorted(missing))}"
    gone = set(listed()) - here - set(ROOTED.values())
    assert not gone, f"docs/index.md lists what there is not: {', '.join(sorted(gone))}"
    assert len(listed()) == len(set(listed()))
    assert set(ROOTED.values()) <= set(listed())


def test_nothing_of_it_comes_from_another_place() -> None:
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert "font: false" in settings
    assert "http" not in settings
    style = (ROOT / "docs/site/ledger.css").read_text("utf-8")
    assert "url(" not in style
    assert "@import" not in style


def test_its_colours_are_those_of_the_page() -> None:
    tokens = (ROOT / "src/conclave/web/app/css/tokens.css").read_text("utf-8")
    style = (ROOT / "docs/site/ledger.css").read_text("utf-8")
    light, dark = style.split("[data-md-color-scheme=")[1:3]
    for name in ("paper", "surface", "sunken", "ink", "muted", "rule", "accent", "brass"):
        of_light, of_dark = tokens.split(f"--{name}: light-dark(")[1].split(")")[0].split(", ")
        assert f"--{name}: {of_light};" in light
        assert f"--{name}: {of_dark};" in dark


# ── links out of docs/ ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("link", "source", "here", "there"),
    [
        ("[a](rooms.md#x)", "docs/index.md", "index.md", "[a](rooms.md#x)"),
        ("[a](../SECURITY.md)", "docs/faq.md", "faq.md", "[a](security-policy.md)"),
        ("[a](../rooms.md)", "docs/decisions/1.md", "decisions/1.md", "[a](../rooms.md)"),
        ("[a](docs/rooms.md)", "CONTRIBUTING.md", "contributing.md", "[a](rooms.md)"),
        ("![a](docs/b.png)", "README.md", "readme.md", "![a](b.png)"),
        ("[a](https://b.org)", "docs/faq.md", "faq.md", "[a](https://b.org)"),
        ("[a](#b)", "docs/faq.md", "faq.md", "[a](#b)"),
        (
            "[a](../src/b.py)",
            "docs/faq.md",
            "faq.md",
            '<span class="of-the-repository" title="src/b.py">a</span>',
        ),
    ],
)
def test_a_link_leads_where_it_led(link: str, source: str, here: str, there: str) -> None:
    assert prose(link, source, here, "") == there


def test_files_are_where_the_repository_can_be_read_if_it_can() -> None:
    there = prose("[a](../src/b.py)", "docs/faq.md", "faq.md", "https://code.example.org/c/")
    assert there == "[a](https://code.example.org/c/blob/main/src/b.py)"


def test_readers_are_told_what_is_not_run_and_not_what_fills_a_place() -> None:
    told = prose("<!-- not run: a < b -->\n", "docs/faq.md", "faq.md", "")
    assert "Not run by the tests: a &lt; b" in told
    assert prose("<!-- show errors -->\nx\n<!-- end -->\n", "docs/a.md", "a.md", "") == "\nx\n\n"


def test_a_path_in_a_cell_is_broken_between_its_parts_and_nowhere_else() -> None:
    told = on_page_content("<p><code>a/b</code></p><td><code>GET /a/{b}/c_d.py</code> e/f</td>")
    assert told == (
        "<p><code>a/b</code></p><td><code>GET /a/<wbr>{b}/<wbr>c_<wbr>d.py</code> e/f</td>"
    )


# ── what is checked of a built site ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('<a href="b.html">b</a>', None),
        ('<a href="b.html#there">b</a>', None),
        ('<a href="https://example.org/x">b</a>', None),
        ('<img src="p.png">', None),
        ('<a href="c.html">c</a>', "no such file"),
        ('<a href="b.html#nowhere">b</a>', "no such anchor"),
        ('<a href="#nowhere">b</a>', "no such anchor"),
        ('<a href="https://">b</a>', "no address"),
        ('<img src="q.png">', "no such file"),
        ('<script src="https://cdn.example.org/x.js"></script>', "another place"),
        ('<link rel="stylesheet" href="//cdn.example.org/x.css">', "another place"),
    ],
)
def test_what_would_fail_a_reader_is_found(tmp_path: Path, body: str, problem: str | None) -> None:
    (tmp_path / "a.html").write_text(body)
    (tmp_path / "b.html").write_text('<h1 id="there">b</h1>')
    (tmp_path / "p.png").write_bytes(b"")
    found = list(wrong(tmp_path))
    assert bool(found) == bool(problem)
    assert problem is None or problem in " ".join(found)


def test_the_settings_of_the_site_are_strict() -> None:
    class Loader(yaml.SafeLoader):
        """Reads what only mkdocs knows as nothing."""

    Loader.add_multi_constructor("", lambda *_: None)
    read = yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), Loader)
    assert set(read["validation"].values()) == {"warn"}
    assert read["use_directory_urls"] is False
