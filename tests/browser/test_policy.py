"""What the page is served with, and where a token is and is not."""

from http.client import HTTPConnection

import pytest
from tests.browser.conftest import Tab
from tests.browser.house import Server

from conclave.http.headers import POLICY, SECURITY
from conclave.http.pages import page_files

TOKEN = "user-token-123"


def test_the_policy_is_the_decided_one():
    assert POLICY == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types worker"
    )


def fetch(
    server: Server, path: str, method: str = "GET", tag: str = ""
) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(method, path, headers={"if-none-match": tag} if tag else {})
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, answer.read()
    finally:
        connection.close()


def asset_of(server: Server) -> str:
    page = fetch(server, "/")[2].decode()
    return page.split('<script type="module" src="')[1].split('"')[0]


def test_the_page_and_whatever_may_be_a_document_carry_all_security_headers(server: Server):
    asset = asset_of(server)
    for path in ("/", asset.replace("main.js", "icon.svg"), "/assets/0/none.js"):
        headers = fetch(server, path)[1]
        for name, value in SECURITY.items():
            assert headers[name] == value, f"{path}: {name}"


def test_scripts_and_styles_carry_what_means_something_for_them(server: Server):
    for path in (asset_of(server), asset_of(server).replace("main.js", "css/all.css")):
        headers = fetch(server, path)[1]
        assert headers["x-content-type-options"] == "nosniff"
        # The policy of the page that asks for them holds, and there are more than a hundred.
        assert "content-security-policy" not in headers


def test_the_page_is_asked_for_each_time_and_assets_never_again(server: Server):
    status, headers, body = fetch(server, "/")
    assert (status, headers["cache-control"]) == (200, "no-cache")
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert b"{{" not in body
    status, _, body = fetch(server, "/", tag=headers["etag"])
    assert (status, body) == (304, b"")
    status, headers, _ = fetch(server, asset_of(server))
    assert (status, headers["cache-control"]) == (200, "max-age=31536000, immutable")
    assert headers["content-type"] == "text/javascript; charset=utf-8"


def test_a_head_is_a_get_without_a_body(server: Server):
    for path in ("/", asset_of(server)):
        status, headers, body = fetch(server, path, "HEAD")
        assert (status, body) == (200, b"")
        assert int(headers["content-length"]) > 0


@pytest.mark.parametrize(
    "path",
    [
        "/assets/0000000000000000/app/main.js",
        "FOLDER/app/index.html",
        "FOLDER/vendor/vendor.json",
        "FOLDER/vendor/preact.LICENSE",
        "FOLDER/../http/pages.py",
        "FOLDER/app/../../http/pages.py",
        "FOLDER/%2e%2e/%2e%2e/settings.py",
        "FOLDER/app/..%2f..%2fsettings.py",
        "FOLDER//etc/passwd",
        "FOLDER/app/main.js/",
        "FOLDER/app/",
        "FOLDER/",
    ],
)
def test_nothing_but_the_assets_is_served(server: Server, path: str):
    folder = asset_of(server).removesuffix("/app/main.js")
    status, _, body = fetch(server, path.replace("FOLDER", folder))
    assert status == 404, body[:80]


async def test_the_token_is_in_the_tabs_storage_and_nowhere_else(tab: Tab):
    john = await tab()
    await john.enter("john")
    await john.join("general")
    where = await john.page.evaluate(
        """() => ({
            tab: JSON.stringify({ ...sessionStorage }),
            browser: JSON.stringify({ ...localStorage }),
            cookies: document.cookie,
            url: location.href,
            title: document.title,
            state: JSON.stringify(history.state),
        })"""
    )
    assert TOKEN in where.pop("tab")
    assert TOKEN not in str(where)
    await john.page.evaluate("location.reload()")
    await john.connected("john")


def test_a_page_that_is_no_demo_holds_no_token():
    text = page_files()["/"].plain.body.decode()
    assert 'data-demo="[]"' in text
    assert "-token-" not in text
    text = page_files([('<"&>', "t'o<k>e\"n")])["/"].plain.body.decode()
    assert 'data-demo="[{&quot;name&quot;: &quot;&lt;\\&quot;&amp;&gt;&quot;' in text


async def test_no_text_becomes_markup_by_whichever_way(tab: Tab):
    """Trusted Types without a policy: the browser itself refuses what would parse a string."""
    john = await tab()
    await john.open()
    refused = await john.page.evaluate(
        """() => {
            const tries = {
                innerHTML: () => { document.createElement("p").innerHTML = "<b>x</b>"; },
                insert: () => document.body.insertAdjacentHTML("beforeend", "<b>x</b>"),
                parse: () => new DOMParser().parseFromString("<b>x</b>", "text/html"),
                script: () => { document.createElement("script").src = "/x.js"; },
                evaluate: () => setTimeout("window.x = 1", 0),
                policy: () => trustedTypes.createPolicy("default", { createHTML: (text) => text }),
            };
            return Object.keys(tries).filter((name) => {
                try { tries[name](); return false; } catch { return true; }
            });
        }"""
    )
    assert refused == ["innerHTML", "insert", "parse", "script", "evaluate", "policy"]
    # It also says so on the console, once for each.
    assert all("Trusted" in said or "trusted" in said for said in john.wrong), john.wrong
    john.wrong.clear()


async def test_whatever_a_page_says_on_its_console_fails_its_test(tab: Tab):
    """Of all tests here: what is not expected there is wrong, warnings and notes too."""
    john = await tab()
    await john.open()
    for level in ("error", "warn", "info", "log"):
        await john.page.evaluate(f"console.{level}('{level} of a page')")
    assert john.wrong == [f"console: {one} of a page" for one in ("error", "warn", "info", "log")]
    await john.page.evaluate("void Promise.reject(new Error('left alone'))")
    for _ in range(300):
        if len(john.wrong) > 4:
            break
        await john.page.wait_for_timeout(50)
    assert "left alone" in john.wrong[-1]
    john.wrong.clear()
