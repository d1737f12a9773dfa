"""What of the page is fetched first, and what is left of its files when they are sent."""

import re
from pathlib import Path

from conclave.http.assets import WEB, imported, read_assets
from conclave.http.lean import lean

# What nobody sees at first; one static import of a part of it would bring all of it.
LATER = (
    "app/attaching/",
    "app/parts/account/",
    "app/parts/attach/",
    "app/parts/office/",
    "app/parts/room/",
    "app/parts/House.js",
    "app/parts/EmojiPicker.js",
    "app/api/own.js",
    "app/api/office.js",
)


def test_what_a_module_imports_is_found_in_whatever_form_it_is_written():
    contents = {
        "app/main.js": (
            b'import "./one.js";\nimport {\n  two,\n  three as drei,\n} from "./sub/two.js";\n'
            b'import three from "../client/three.js";\nexport * from "./four.js";\n'
            b'/** @import { Five } from "./five.js" */\nconst six = () => import("./six.js");\n'
        ),
        "app/one.js": b'import { four } from "./four.js";\n',
        "app/sub/two.js": b'export { seven } from "./../seven.js";\n',
        "client/three.js": b"",
        "app/four.js": b'import "./main.js";\n',
        "app/seven.js": b'export const text = "from";\nexport const other = "./eight.js";\n',
    }
    assert list(imported("app/main.js", contents)) == [
        "app/main.js",
        "app/one.js",
        "app/sub/two.js",
        "client/three.js",
        "app/four.js",
        "app/seven.js",
    ]


def test_what_the_first_view_does_not_need_is_not_fetched_first():
    first = read_assets().first
    assert [name for name in first if name.startswith(LATER)] == []
    for start in LATER:
        assert any(name.startswith(start) for name in read_assets().contents), start


def test_every_module_is_reached_by_an_import_of_one_kind_or_the_other():
    contents = read_assets().contents
    # The page that others show inside of theirs begins elsewhere, and what carries files is for
    # who writes a program.
    reached = set(read_assets().first)
    for begins in ("embed/main.js", "client/files.js"):
        reached |= set(imported(begins, contents))
    todo = list(reached)
    while todo:
        name = todo.pop()
        for path in re.findall(r"import\(\"([^\"]+)\"\)", contents[name].decode()):
            other = str((WEB / name).parent.joinpath(path).resolve().relative_to(WEB))
            new = set(imported(other, contents)) - reached
            reached |= new
            todo += new
    modules = {name for name in contents if name.endswith(".js")}
    # It is a classic script of the page's head.
    assert modules - reached == {"app/early.js"}


# Sentences that are fetched where they are seen.
SELDOM = {"attaching", "programs", "providers", "slash"}


def test_each_language_has_files_of_the_same_names_and_none_is_asked_for_by_the_server():
    assets = read_assets()
    assert SELDOM.isdisjoint(assets.words)
    assert {"index", "door", "log"} < set(assets.words)
    for language in ("en", "de", "ar"):
        found = {path.stem for path in (WEB / "app/words" / language).glob("*.js")}
        assert found == set(assets.words) | SELDOM, language
    assert [name for name in assets.first if name.count("/") > 2 and "/words/" in name] == []


def test_the_style_sheets_are_sent_as_one_in_the_order_of_the_page():
    assets = read_assets()
    listed = re.findall(r'"{{assets}}/(app/css/\w+\.css)"', (WEB / "app/index.html").read_text())
    assert len(listed) > 5
    # Others come with the parts that ask for them, each asked for by some part.
    scripts = "".join(path.read_text() for path in (WEB / "app").rglob("*.js"))
    late = {WEB / f"app/css/{name}.css" for name in re.findall(r'await sheet\("(\w+)"\)', scripts)}
    assert late.isdisjoint(WEB / name for name in listed)
    assert {WEB / name for name in listed} | late == set((WEB / "app/css").glob("*.css"))
    sent = assets.contents["app/css/all.css"]
    assert sent == b"".join(assets.contents[name] for name in listed)
    assert assets.page.count("stylesheet") == 1


def test_comments_stay_at_home_and_lines_keep_their_numbers():
    source = (
        b"/** What it is for.\n * More.\n */\n\nimport a from './a.js'; // why\n"
        b"  // alone\nconst b = /** @type {any} */ (a);\n/* x */ a(); /* y */\n"
        b"/*! licence */\nconst url = 'https://example.org/*';\n\t/* one line */  \nc();"
    )
    assert lean(source) == (
        b"\n\n\n\nimport a from './a.js'; // why\n"
        b"\nconst b = /** @type {any} */ (a);\n/* x */ a(); /* y */\n"
        b"/*! licence */\nconst url = 'https://example.org/*';\n\nc();"
    )


def test_every_file_keeps_its_lines(tmp_path: Path):
    for name, content in read_assets().contents.items():
        if name != "app/css/all.css":
            assert content.count(b"\n") == (WEB / name).read_bytes().count(b"\n"), name
