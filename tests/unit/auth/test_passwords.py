"""Passwords: what is kept of them, how they are compared, and that hashing holds up nobody."""

import asyncio
import os
import re
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from conclave.auth.passwords import MOST_BYTES, Cost, Passwords, Verdict, prepared
from conclave.protocol.errors import Code, Reject

CHEAP = Cost(memory_kib=8, passes=1)
GOOD = "four words of mine"


@pytest.fixture
def passwords():
    passwords = Passwords(CHEAP)
    yield passwords
    passwords.close()


async def test_the_right_password_is_good_and_no_other_is(passwords):
    kept = await passwords.hash(GOOD)
    assert await passwords.verify(GOOD, kept) == Verdict(good=True)
    for other in (GOOD + " ", GOOD.upper(), GOOD[:-1], "", kept):
        assert await passwords.verify(other, kept) == Verdict(good=False)


async def test_what_is_kept_says_its_cost_and_differs_each_time(passwords):
    kept = {await passwords.hash(GOOD) for _ in range(3)}
    assert len(kept) == 3
    assert all(re.match(r"\$argon2id\$v=19\$m=8,t=1,p=1\$", one) for one in kept)
    assert not [one for one in kept if GOOD in one]


async def test_the_cost_is_64_mib_three_passes_and_one_lane_by_default():
    passwords = Passwords()
    kept = await passwords.hash(GOOD)
    passwords.close()
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=1$")


async def test_nobody_is_as_dear_as_somebody_and_never_good(passwords, monkeypatch):
    """The same function runs once in both cases: C4 measures it."""
    runs = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher, "verify", lambda *given: runs.append(given[1][:26]) or verify(*given)
    )
    kept = await passwords.hash(GOOD)
    for known in (kept, None):
        assert not (await passwords.verify("wrong password", known)).good
    assert runs == [kept[:26], kept[:26]]


async def test_a_password_kept_at_another_cost_is_to_be_renewed(passwords):
    dear = Passwords(Cost(memory_kib=16, passes=2))
    kept = await passwords.hash(GOOD)
    verdict = await dear.verify(GOOD, kept)
    dear.close()
    assert verdict.good
    assert verdict.renewed.startswith("$argon2id$v=19$m=16,t=2,p=1$")
    assert await dear_again(verdict.renewed) == Verdict(good=True)
    assert await passwords.verify("wrong password", kept) == Verdict(good=False)


async def dear_again(kept):
    dear = Passwords(Cost(memory_kib=16, passes=2))
    verdict = await dear.verify(GOOD, kept)
    dear.close()
    return verdict


@pytest.mark.parametrize("kept", ["", "x", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv", "\x00"])
async def test_what_is_no_hash_lets_nobody_in(passwords, kept):
    assert await passwords.verify(GOOD, kept) == Verdict(good=False)


async def test_want_of_memory_is_no_wrong_password(passwords, monkeypatch):
    def fails(*_):
        raise VerificationError("Memory allocation error")

    kept = await passwords.hash(GOOD)
    monkeypatch.setattr(PasswordHasher, "verify", fails)
    with pytest.raises(Reject) as no:
        await passwords.verify(GOOD, kept)
    assert (no.value.code, no.value.retry_after_ms) == (Code.BUSY, 3_000)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ＦＵＬＬ width", "FULL width"),
        ("cafe\u0301 creme", "caf\u00e9 creme"),
        ("a\u00a0b\u3000c\u1680d", "a b c d"),
        ("o\ufb03ce", "office"),
    ],
)
async def test_the_same_keys_are_the_same_password_on_every_keyboard(passwords, typed, meant):
    assert prepared(typed) == meant.encode()
    assert (await passwords.verify(typed, await passwords.hash(meant))).good


@pytest.mark.parametrize(
    "typed",
    ["", "a\nb", "a\x00b", "\ud800", "\u0378", "x" * (MOST_BYTES + 1), "é" * (MOST_BYTES // 2 + 1)],
)
async def test_what_cannot_be_a_password_is_none(passwords, typed):
    assert prepared(typed) is None
    assert await passwords.verify(typed, None) == Verdict(good=False)
    with pytest.raises(Reject) as no:
        await passwords.hash(typed)
    assert no.value.code == Code.BAD_REQUEST


def test_the_longest_password_is_taken():
    assert prepared("x" * MOST_BYTES) == b"x" * MOST_BYTES
    assert prepared("é" * (MOST_BYTES // 2)) is not None


def test_preparing_hostile_marks_takes_no_time():
    began = time.thread_time()
    prepared("a" + "\u0316\u0301" * 255)
    assert time.thread_time() - began < 0.02


async def test_only_so_many_wait_and_the_rest_is_told_to_come_again():
    passwords = Passwords(CHEAP, workers=2, most_waiting=3)
    hold = await blocked(passwords)
    waiting = [asyncio.create_task(passwords.verify(GOOD, None)) for _ in range(3)]
    await asyncio.sleep(0)
    for _ in range(2):
        with pytest.raises(Reject) as no:
            await passwords.verify(GOOD, None)
        assert (no.value.code, no.value.retry_after_ms) == (Code.BUSY, 3_000)
    hold.set()
    assert await asyncio.gather(*waiting) == [Verdict(good=False)] * 3
    assert await passwords.verify(GOOD, None) == Verdict(good=False)
    passwords.close()


async def blocked(passwords):
    """Occupy both workers until the event that is returned is set."""
    hold, began = threading.Event(), threading.Semaphore(0)

    def work():
        began.release()
        hold.wait(10)

    passwords.tasks = [asyncio.create_task(passwords._run(work)) for _ in range(2)]
    await asyncio.sleep(0)
    for _ in range(2):
        await asyncio.to_thread(began.acquire)
    return hold


async def test_who_stops_waiting_gives_the_place_back():
    passwords = Passwords(CHEAP, workers=2, most_waiting=1)
    hold = await blocked(passwords)
    for _ in range(5):
        waiting = asyncio.create_task(passwords.verify(GOOD, None))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    # Who is being hashed for keeps its place though nobody waits: the worker is not free.
    passwords.tasks[0].cancel()
    await asyncio.sleep(0)
    waiting = asyncio.create_task(passwords.verify(GOOD, None))
    await asyncio.sleep(0)
    with pytest.raises(Reject):
        await passwords.verify(GOOD, None)
    hold.set()
    assert await waiting == Verdict(good=False)
    passwords.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a niceness for each thread")
@pytest.mark.parametrize("given", [0, 3, 15])
def test_whoever_hashes_goes_after_the_event_loop_however_nice_that_is(given):
    """As an ordinary user, who may not become less nice than the server was started."""
    code = """
import asyncio, os, threading
from conclave.auth.passwords import Passwords
if os.geteuid() == 0:
    os.setresuid(65534, 65534, 65534)
def niceness():
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
async def main():
    passwords = Passwords()
    print(niceness(), await passwords._run(niceness))
    passwords.close()
asyncio.run(main())
"""
    own = os.getpriority(os.PRIO_PROCESS, 0)
    command = ["nice", "-n", str(given), sys.executable, "-c", code]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    loop, worker = map(int, said.split())
    assert loop == min(19, own + given)
    assert worker == min(19, loop + 10)


async def test_nobody_comes_in_by_the_hash_of_nobody_whoever_finds_what_it_is_of(passwords):
    passwords._nobodys = await passwords.hash(GOOD)
    for kept in (None, ""):
        assert await passwords.verify(GOOD, kept) == Verdict(good=False)


async def test_where_niceness_is_the_whole_process_s_nobody_becomes_nicer(passwords, monkeypatch):
    """As on macOS, where the event loop would go after everybody else from then on."""
    asked = []
    monkeypatch.setattr("conclave.auth.passwords.sys", SimpleNamespace(platform="darwin"))
    monkeypatch.setattr("os.setpriority", lambda *given: asked.append(given))
    assert (await passwords.verify(GOOD, await passwords.hash(GOOD))).good
    assert asked == []


async def test_after_the_end_everybody_is_told_that_it_is_busy():
    passwords = Passwords(CHEAP, most_waiting=0, workers=1)
    passwords.close()
    for _ in range(3):
        with pytest.raises(Reject) as no:
            await passwords.hash(GOOD)
        assert no.value.code == Code.BUSY


async def test_where_threads_may_not_yield_passwords_are_checked_all_the_same(
    passwords, monkeypatch
):
    """As in a sandbox that filters system calls."""
    asked = []

    def forbidden(*given):
        asked.append(given)
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.setpriority", forbidden)
    kept = await passwords.hash(GOOD)
    assert (await passwords.verify(GOOD, kept)).good
    assert asked
