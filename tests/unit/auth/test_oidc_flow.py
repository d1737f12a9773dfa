"""Signing in by a provider: begun, brought back, finished, and ended from there."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from msgspec.structs import replace
from tests.support.jwts import Issuer
from tests.unit.auth.house import House
from tests.unit.auth.world import HERE, ORIGIN, THERE

from conclave.auth.oidc import begun as beginnings
from conclave.auth.oidc import signing_in
from conclave.auth.oidc.begun import GOOD_FOR_S, Beginnings
from conclave.auth.oidc.flow import Flow
from conclave.auth.oidc.people import People
from conclave.auth.oidc.provider import Provider
from conclave.auth.oidc.signing_in import ByProvider
from conclave.auth.sealing import Seal
from conclave.model import Action, Caller, Identity, TokenKind
from conclave.protocol.account import BroughtBack
from conclave.protocol.errors import Code, Reject
from conclave.storage.identities import SqlIdentities

EVENT = {"http://schemas.openid.net/event/backchannel-logout": {}}


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    return Issuer(tmp_path_factory.mktemp("signer"))


@pytest.fixture
async def house(signer):
    async with House(signer) as house:
        yield house


class Door:
    """The ways in by `house`; what a browser does between the two steps is done here."""

    def __init__(self, world, house, provider):
        self.world, self.house, self.provider = world, house, provider
        clock = world.clock
        self.flow = Flow(provider, clock.monotonic, clock.wall)
        self.identities = SqlIdentities(world.store, clock.wall)
        self.people = People(world.store, world.accounts, self.identities, world, None)
        self.begun = Beginnings(Seal(world.secret, "oidc"), clock.wall)
        self.ways = ByProvider(
            [self.flow],
            self.begun,
            self.people,
            self.identities,
            world.signing_in,
            world,
            world.hear,
        )

    async def begin(self, caller=None, **claims):
        """Begin; return the cookie, and what the provider would send the browser back with."""
        begins = await self.ways.begin("house", ORIGIN, caller)
        asked = dict(parse_qsl(urlsplit(begins.url).query))
        self.house.claims = self.claims(nonce=asked["nonce"], **claims)
        return begins.cookie, BroughtBack(asked["state"], "a-code"), asked

    def claims(self, **more):
        now = self.world.clock.wall() // 1000
        return {
            "iss": self.house.url,
            "aud": "conclave",
            "sub": "u-ada",
            "preferred_username": "ada",
            "exp": now + 300,
            "iat": now,
            **more,
        }

    async def come_in(self, **claims):
        cookie, brought, _ = await self.begin(**claims)
        return await self.ways.finish("house", cookie, brought, HERE)

    async def refusal(self, awaitable):
        with pytest.raises(Reject) as no:
            await awaitable
        return no.value.code

    def why(self):
        return self.world.noted(Action.SESSION_FAILED)[-1].details["why"]


@pytest.fixture
async def door(world, house):
    door = made(world, house)
    yield door
    await door.flow.close()


def made(world, house, **more):
    provider = Provider(
        issuer=house.url,
        client_id="conclave",
        name="House",
        id="house",
        accounts="create",
        insecure_loopback=True,
    )
    return Door(world, house, replace(provider, **more))


async def test_who_comes_back_with_a_code_is_in(door, house):
    cookie, brought, asked = await door.begin(sid="s-1")
    assert asked["redirect_uri"] == f"{ORIGIN}/oidc/house/callback"
    assert (asked["client_id"], asked["response_type"]) == ("conclave", "code")
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid profile email")
    entered = await door.ways.finish("house", cookie, brought, HERE)
    assert entered.user.id == "ada"
    (form,) = [one.form for one in house.asked if one.path == "/token"]
    assert (form["code"], form["redirect_uri"]) == ("a-code", asked["redirect_uri"])
    assert len(form["code_verifier"]) >= 43
    assert {one.details["how"] for one in door.world.notes} == {"oidc house"}


async def test_nobody_knows_another_provider(door):
    for asked in (
        door.ways.begin("other", ORIGIN),
        door.ways.finish("other", "", BroughtBack("x"), HERE),
        door.ways.logged_out("other", "x", HERE),
    ):
        assert await door.refusal(asked) == Code.NOT_FOUND


async def test_what_is_not_brought_back_as_it_was_sent_lets_nobody_in(door):
    cookie, brought, _ = await door.begin()
    for wrong_cookie, wrong, why in (
        ("", brought, "this browser has begun no such sign-in"),
        ("é", brought, "this browser has begun no such sign-in"),
        (cookie[:-4], brought, "this browser has begun no such sign-in"),
        (cookie, BroughtBack("another", "a-code"), "this browser has begun no such sign-in"),
        (cookie, BroughtBack("\ud800", "a-code"), "this browser has begun no such sign-in"),
    ):
        asked = door.ways.finish("house", wrong_cookie, wrong, HERE)
        assert await door.refusal(asked) == Code.AUTH_FAILED
        assert door.why() == why
    assert (await door.ways.finish("house", cookie, brought, HERE)).user.id == "ada"
    asked = door.ways.finish("house", cookie, brought, HERE)
    assert await door.refusal(asked) == Code.AUTH_FAILED, "each is good once"


async def test_a_sign_in_takes_ten_minutes_at_most_and_is_for_its_provider(world):
    begun = Beginnings(Seal(world.secret, "oidc"), world.clock.wall)
    one, cookie = begun.begin("house", "back")
    assert begun.take(cookie, one.state, "other") is None
    world.clock.turn(GOOD_FOR_S - 1)
    assert begun.take(cookie, one.state, "house") == one
    other, cookie = begun.begin("house", "back")
    world.clock.turn(GOOD_FOR_S)
    assert begun.take(cookie, other.state, "house") is None


async def test_what_was_used_is_remembered_as_long_as_it_would_be_good(world, monkeypatch):
    monkeypatch.setattr(beginnings, "_MOST_USED", 2)
    begun = Beginnings(Seal(world.secret, "oidc"), world.clock.wall)

    def use():
        one, cookie = begun.begin("house", "back")
        assert begun.take(cookie, one.state, "house") == one
        return one, cookie

    first, cookie = use()
    use()
    assert begun.take(cookie, first.state, "house") is None
    # There is an end to it: of too many the oldest is forgotten.
    use()
    assert len(begun._used) == 2
    world.clock.turn(GOOD_FOR_S)
    use()
    assert len(begun._used) == 1


@pytest.mark.parametrize(
    ("brought", "why"),
    [
        ({"error": "access_denied", "code": ""}, "sent them back without a code"),
        ({"code": ""}, "sent them back without a code"),
        ({"iss": "https://evil.example"}, "another issuer"),
    ],
)
async def test_what_the_provider_has_not_sent_or_granted_is_refused(door, brought, why):
    cookie, good, _ = await door.begin()
    asked = door.ways.finish("house", cookie, replace_(good, **brought), HERE)
    assert await door.refusal(asked) == Code.AUTH_FAILED
    assert why in door.why()


def replace_(brought, **more):
    return BroughtBack(**{"state": brought.state, "code": brought.code, "iss": None, **more})


async def test_who_says_that_it_names_itself_must_do_so(door, house):
    house.describe(authorization_response_iss_parameter_supported=True)
    cookie, brought, _ = await door.begin()
    assert await door.refusal(door.ways.finish("house", cookie, brought, HERE)) == Code.AUTH_FAILED
    assert door.why() == "it comes from another issuer"
    cookie, brought, _ = await door.begin()
    named = replace_(brought, iss=house.url)
    assert (await door.ways.finish("house", cookie, named, HERE)).user.id == "ada"


async def test_a_code_that_is_not_taken_and_a_token_that_is_none_let_nobody_in(door, house):
    house.say("/token", {"error": "invalid_grant"}, 400)
    assert await door.refusal(door.come_in()) == Code.AUTH_FAILED
    assert door.why() == "the code is not taken: it answered 400: invalid_grant"
    for answer in ({}, {"id_token": 7}, {"id_token": ""}, {"id_token": "x" * 16_385}):
        house.say("/token", answer)
        assert await door.refusal(door.come_in()) == Code.UNAVAILABLE
    house.say("/token", {"id_token": house.sign(door.claims(nonce="another"))})
    assert await door.refusal(door.come_in()) == Code.AUTH_FAILED
    assert door.why() == "nonce"


async def test_what_userinfo_says_is_added_and_what_was_signed_counts_more(door, house):
    house.describe(userinfo_endpoint=f"{house.url}/userinfo")
    house.tokens = lambda: {"id_token": house.sign(house.claims), "access_token": "for-userinfo"}
    house.say("/userinfo", {"sub": "u-ada", "name": "Ada L", "preferred_username": "eve"})
    entered = await door.come_in()
    assert (entered.user.id, entered.user.display_name) == ("ada", "Ada L")
    (asked,) = [one for one in house.asked if one.path == "/userinfo"]
    assert asked.headers["authorization"] == "Bearer for-userinfo"
    house.say("/userinfo", {"sub": "u-eve", "name": "Ada L"})
    assert await door.refusal(door.come_in()) == Code.AUTH_FAILED
    assert door.why() == "userinfo is of another subject"


async def test_without_an_access_token_userinfo_is_not_asked(door, house):
    house.describe(userinfo_endpoint=f"{house.url}/userinfo")
    assert (await door.come_in()).user.id == "ada"
    assert "/userinfo" not in [one.path for one in house.asked]


# ── what a provider says of itself ─────────────────────────────────────────────────────


async def test_it_is_asked_once_an_hour_and_keeps_what_it_said_while_it_is_away(door, house):
    def times():
        return sum(one.path.startswith("/.well-known") for one in house.asked)

    await door.begin()
    door.world.clock.turn(3_599)
    await door.begin()
    assert times() == 1
    door.world.clock.turn(1)
    house.answers["/.well-known/openid-configuration"] = (500, b"")
    await door.begin()
    await door.begin()
    assert times() == 2, "and then not at once again"
    door.world.clock.turn(5)
    house.describe()
    await door.begin()
    assert times() == 3


@pytest.mark.parametrize(
    "more",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": None},
        {"token_endpoint": 7},
        {"token_endpoint": "http://192.0.2.1/token"},
        {"jwks_uri": "http://192.0.2.1/jwks"},
        {"userinfo_endpoint": "http://192.0.2.1/userinfo"},
        {"end_session_endpoint": "javascript:alert(1)"},
    ],
)
async def test_a_provider_that_points_elsewhere_is_not_asked_further(door, house, more):
    house.describe(**more)
    assert await door.refusal(door.ways.begin("house", ORIGIN)) == Code.UNAVAILABLE
    assert len(house.asked) == 1


async def test_a_provider_that_falls_silent_in_between_is_said_to_be_so(door, house):
    cookie, brought, _ = await door.begin()
    house.answers["/token"] = (503, b"")
    with pytest.raises(Reject) as no:
        await door.ways.finish("house", cookie, brought, HERE)
    assert (no.value.code, no.value.message) == (Code.UNAVAILABLE, "House does not answer")
    assert no.value.retry_after_ms == 5_000
    assert door.world.noted(Action.SESSION_FAILED) == [], "nobody failed"
    await door.world.account("bob")
    caller = await door.world.caller("bob")
    cookie, brought, _ = await door.begin(caller)
    linked = door.ways.link("house", cookie, brought, caller)
    assert await door.refusal(linked) == Code.UNAVAILABLE


# ── linking ────────────────────────────────────────────────────────────────────────────


async def test_an_account_is_linked_by_its_owner_in_the_session_that_began_it(door):
    await door.world.account("bob")
    caller = await door.world.caller("bob")
    other_session = await door.world.caller("bob")
    for wrong in (
        other_session,
        Caller(identity=Identity(user="bob", name="Bob"), place=HERE),
        Caller(identity=Identity(user="eve", name="Eve"), place=HERE, session=caller.session),
    ):
        cookie, brought, _ = await door.begin(caller)
        linked = door.ways.link("house", cookie, brought, wrong)
        assert await door.refusal(linked) == Code.AUTH_FAILED
        assert door.why() == "another session has begun it"
    assert await door.ways.linked(caller) == [("house", "House", None)]
    cookie, brought, _ = await door.begin(caller)
    await door.ways.link("house", cookie, brought, caller)
    ((_, _, linked),) = await door.ways.linked(caller)
    assert (linked.user, linked.made) == ("bob", False)
    assert (await door.come_in()).user.id == "bob"
    await door.ways.unlink("house", caller)
    assert await door.ways.linked(caller) == [("house", "House", None)]


async def test_what_was_begun_to_link_lets_nobody_in_and_a_token_begins_no_link(door):
    await door.world.account("bob")
    caller = await door.world.caller("bob")
    cookie, brought, _ = await door.begin(caller)
    asked = door.ways.finish("house", cookie, brought, HERE)
    assert await door.refusal(asked) == Code.AUTH_FAILED
    assert door.why() == "it was begun to link an account"
    program = Caller(identity=caller.identity, place=HERE)
    assert await door.refusal(door.ways.begin("house", ORIGIN, program)) == Code.FORBIDDEN


# ── going ──────────────────────────────────────────────────────────────────────────────


async def test_who_signs_out_here_signs_out_there_where_that_is_wanted(world, house):
    door = made(world, house, sign_out_there=True)
    session = (await door.come_in()).session.info
    assert await door.ways.end_address(session, ORIGIN) == "", "it has no such place"
    there = f"{house.url}/end"
    back = "client_id=conclave&post_logout_redirect_uri=https%3A%2F%2Fchat.example.org%2F"
    for place, joined in ((there, f"{there}?{back}"), (f"{there}?a=b", f"{there}?a=b&{back}")):
        house.describe(end_session_endpoint=place)
        door = made(world, house, sign_out_there=True)
        assert await door.ways.end_address(session, ORIGIN) == joined
    assert await made(world, house).ways.end_address(session, ORIGIN) == "", "nobody wants it"
    await world.account("bob")
    own = (await world.caller("bob")).session
    assert await door.ways.end_address(own, ORIGIN) == "", "who came by password"
    house.answers.clear()
    door = made(world, house, sign_out_there=True)
    assert await door.ways.end_address(session, ORIGIN) == "", "one is signed out here all the same"


def logout(door, **more):
    own = {"sid": "s-1", "jti": "j-1", "events": EVENT, "sub": None, "exp": None}
    claims = door.claims(**(own | more))
    said = {name: value for name, value in claims.items() if value is not None}
    return door.house.sign(said, "logout+jwt")


async def test_the_provider_ends_the_sessions_it_has_opened_and_each_token_once(door, world):
    await door.come_in(sid="s-1")
    await door.come_in(sid="s-2")
    (first, second) = (
        one.id for one in sorted(await world.sessions.listed("ada"), key=lambda one: one.created_at)
    )
    world.forget()
    token = logout(door)
    await door.ways.logged_out("house", token, THERE)
    ((user, ended),) = world.gone
    assert user == "ada"
    (left,) = await world.accounts.tokens_of("ada", TokenKind.SESSION)
    assert {*ended, left.id} == {first, second}
    (note,) = world.noted(Action.SESSION_REVOKED)
    assert (note.target, note.address) == ("ada", THERE.address)
    assert note.details == {"how": "oidc house", "times": 1}
    assert await door.refusal(door.ways.logged_out("house", token, THERE)) == Code.BAD_REQUEST


async def test_what_is_no_logout_token_ends_nothing(door, world):
    await door.come_in(sid="s-1")
    world.forget()
    for wrong in ("", "x.y.z", door.house.sign(door.claims(nonce="n")), logout(door, aud="other")):
        assert await door.refusal(door.ways.logged_out("house", wrong, THERE)) == Code.BAD_REQUEST
    assert (world.gone, world.notes) == ([], []), "nobody has tried to come in"


async def test_of_too_many_logout_tokens_the_oldest_is_forgotten(door, monkeypatch):
    monkeypatch.setattr(signing_in, "_MOST_TAKEN", 2)
    for jti in ("j-1", "j-2", "j-3"):
        door.ways._take("house", jti)
    with pytest.raises(Reject):
        door.ways._take("house", "j-2")
    door.ways._take("house", "j-1")
    door.ways._take("work", "j-2")
