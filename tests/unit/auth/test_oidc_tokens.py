"""What of an ID token and a logout token is judged: each claim, the algorithm, the age."""

import pytest
from tests.support.jwts import Issuer, segment

from conclave.auth.jws import Refused
from conclave.auth.jwt_keys import read_keys
from conclave.auth.oidc.provider import Provider
from conclave.auth.oidc.tokens import Tokens

NOW = 1_800_000_000
EVENT = {"http://schemas.openid.net/event/backchannel-logout": {}}


class Known:
    def __init__(self, keys):
        self._keys = keys

    async def keys(self, algorithm, kid):
        return [key for key in self._keys if key.name == algorithm]


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture
def tokens(issuer):
    provider = Provider(issuer="https://id.example.org", client_id="conclave", name="House")
    return Tokens(provider, Known(read_keys(issuer.files)), lambda: NOW * 1000)


def claims(**more):
    good = {
        "iss": "https://id.example.org",
        "aud": "conclave",
        "sub": "u-ada",
        "exp": NOW + 300,
        "iat": NOW,
        "nonce": "n-1",
    }
    return {name: value for name, value in (good | more).items() if value is not None}


async def refusal(tokens, token, nonce="n-1"):
    try:
        await tokens.claims_of(token, nonce)
    except Refused as why:
        return str(why)
    return None


async def test_a_good_id_token_is_believed(tokens, issuer):
    for algorithm in ("RS256", "ES256", "EdDSA"):
        found = await tokens.claims_of(issuer.token(claims(), signed_as=algorithm), "n-1")
        assert found["sub"] == "u-ada"
    for more in (
        {"aud": ["conclave"]},
        {"azp": "conclave"},
        {"aud": ["conclave", "other"], "azp": "conclave"},
        {"iat": NOW + 29, "nbf": NOW + 29},
        {"exp": NOW - 29},
        {"iat": NOW - 599},
    ):
        assert await refusal(tokens, issuer.token(claims(**more), signed_as="RS256")) is None


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"iss": "https://id.example.org/"}, "issuer"),
        ({"iss": "https://evil.example"}, "issuer"),
        ({"aud": "other"}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": ["conclave", "other"]}, "azp"),
        ({"azp": "other"}, "azp"),
        ({"aud": ["conclave", "other"], "azp": "other"}, "azp"),
        ({"exp": NOW - 30}, "expired"),
        ({"nbf": NOW + 31}, "not yet valid"),
        ({"iat": NOW + 31}, "made in the future"),
        ({"iat": NOW - 601}, "made long ago"),
        ({"nonce": "n-2"}, "nonce"),
        ({"nonce": ""}, "nonce"),
    ],
)
async def test_each_claim_is_judged(tokens, issuer, more, why):
    assert await refusal(tokens, issuer.token(claims(**more), signed_as="RS256")) == why


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "exp", "iat", "nonce"])
async def test_what_must_be_there_must_be_there(tokens, issuer, name):
    token = issuer.token(claims(**{name: None}), signed_as="RS256")
    assert name in str(await refusal(tokens, token))


async def test_no_other_algorithm_counts(tokens, issuer):
    """`none`, and a shared secret, which may be a public key that everybody has."""
    assert await refusal(tokens, issuer.token(claims(), signed_as="HS256")) == "alg"
    for alg in ("none", "None", "HS256", "RS512", "", None, 7):
        token = issuer.token(claims(), {"alg": alg}, signed_as="RS256")
        assert await refusal(tokens, token) == "alg"
    bare = ".".join(segment(part) for part in (b'{"alg":"none"}', b"{}", b"x"))
    assert await refusal(tokens, bare) == "alg"


async def test_the_signature_and_the_kind_are_judged(tokens, issuer):
    good = issuer.token(claims(), signed_as="RS256")
    head, body, signature = good.split(".")
    other = issuer.token(claims(sub="u-eve"), signed_as="RS256").split(".")[1]
    assert await refusal(tokens, f"{head}.{other}.{signature}") == "signature"
    assert await refusal(tokens, f"{head}.{body}.{segment(b'x' * 256)}") == "signature"
    for kind in ("at+jwt", "logout+jwt", "", 7):
        token = issuer.token(claims(), {"alg": "RS256", "typ": kind}, signed_as="RS256")
        assert await refusal(tokens, token) == "typ"
    for brings in ("jwk", "jku", "x5u", "x5c", "crit"):
        token = issuer.token(claims(), {"alg": "RS256", brings: "x"}, signed_as="RS256")
        assert "brings a key" in str(await refusal(tokens, token))


def logout(**more):
    good = {"exp": None, "nonce": None, "sub": None, "sid": "s-1", "jti": "j-1", "events": EVENT}
    return claims(**(good | more))


async def test_a_logout_token_says_whose_sessions_end(tokens, issuer):
    def signed(**more):
        return issuer.token(logout(**more), {"alg": "RS256", "typ": "logout+jwt"}, "RS256")

    assert await tokens.logged_out(signed()) == (None, "s-1", "j-1")
    assert await tokens.logged_out(signed(sub="u-ada", sid=None)) == ("u-ada", None, "j-1")
    for wrong in (
        {"sid": None},
        {"nonce": "n-1"},
        {"events": {}},
        {"events": {next(iter(EVENT)): "yes"}},
        {"jti": None},
        {"aud": "other"},
        {"iss": "https://evil.example"},
        {"iat": NOW - 601},
        {"exp": NOW - 30},
    ):
        with pytest.raises(Refused):
            await tokens.logged_out(signed(**wrong))


async def test_an_id_token_ends_no_session(tokens, issuer):
    with pytest.raises(Refused):
        await tokens.logged_out(issuer.token(claims(), signed_as="RS256"))


@pytest.mark.parametrize("name", ["nonce", "sub", "name"])
async def test_half_a_character_is_refused_and_nothing_breaks_on_it(tokens, issuer, name):
    """A lone surrogate, which JSON can escape, and no store or digest can take."""
    token = issuer.token(claims(**{name: "\ud800"}), signed_as="RS256")
    assert await refusal(tokens, token) == "claims is not JSON"
    head = {"alg": "RS256", "typ": "logout+jwt"}
    with pytest.raises(Refused):
        await tokens.logged_out(issuer.token(logout(jti="\udfff"), head, "RS256"))
