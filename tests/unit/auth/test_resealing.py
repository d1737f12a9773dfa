"""After the secret was changed: second factors are sealed anew, and the old secret may go."""

import secrets

from conclave.auth.resealing import Resealed, reseal
from conclave.auth.sealing import Seal
from conclave.auth.secret import KEY_FILE, OLD_KEY_FILE, Secret


async def with_totp(world, name, sealed):
    await world.account(name)
    await world.accounts.begin_totp(name, sealed)


async def test_what_the_old_secret_opens_is_sealed_anew_and_what_none_opens_is_counted(
    world, tmp_path
):
    folder = tmp_path / "data"
    await with_totp(world, "ada", Seal(world.secret, "totp").seal("ada", b"hers"))
    (folder / KEY_FILE).rename(folder / OLD_KEY_FILE)
    (folder / KEY_FILE).write_bytes(secrets.token_bytes(32))
    (folder / KEY_FILE).chmod(0o600)
    world.secret.reload()
    seal = Seal(world.secret, "totp")
    new = seal.seal("bob", b"his")
    await with_totp(world, "bob", new)
    await with_totp(world, "eve", b"sealed by somebody else")
    assert await reseal(world.accounts, seal) == Resealed(anew=1, lost=1)
    # The second time there is nothing left to do, and the old secret may go.
    assert await reseal(world.accounts, seal) == Resealed(anew=0, lost=1)
    assert (await world.accounts.totp("bob")).sealed == new
    (folder / OLD_KEY_FILE).unlink()
    alone = Seal(Secret.load(folder), "totp")
    assert alone.unseal("ada", (await world.accounts.totp("ada")).sealed) == b"hers"


async def test_who_uses_a_factor_in_between_has_sealed_it_anew_themselves(world, tmp_path):
    folder = tmp_path / "data"
    old = Seal(world.secret, "totp").seal("ada", b"hers")
    await with_totp(world, "ada", old)
    (folder / KEY_FILE).rename(folder / OLD_KEY_FILE)
    (folder / KEY_FILE).write_bytes(secrets.token_bytes(32))
    (folder / KEY_FILE).chmod(0o600)
    world.secret.reload()
    seal = Seal(world.secret, "totp")
    by_owner = seal.seal("ada", b"hers")

    class InBetween:
        reseal_totp = world.accounts.reseal_totp

        async def sealed_totps(self):
            found = await world.accounts.sealed_totps()
            await world.accounts.begin_totp("ada", by_owner)
            return found

    assert await reseal(InBetween(), seal) == Resealed(anew=0, lost=0)
    assert (await world.accounts.totp("ada")).sealed == by_owner
