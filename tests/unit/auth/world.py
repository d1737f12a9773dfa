"""All services of `conclave.auth` on a real store; what they say to others is written down."""

from collections.abc import Collection, Iterable
from typing import Any

from conclave.auth.ceremonies import Ceremonies
from conclave.auth.confirming import Confirming
from conclave.auth.csrf import Csrf
from conclave.auth.devices import Devices
from conclave.auth.factors import SecondFactors
from conclave.auth.gate import Gate
from conclave.auth.guests import Guests
from conclave.auth.links import Links
from conclave.auth.own_account import OwnAccount
from conclave.auth.passwords import Cost, Passwords
from conclave.auth.sealing import Seal
from conclave.auth.secret import Secret
from conclave.auth.sessions import Sessions
from conclave.auth.signing_in import Entered, SigningIn
from conclave.auth.tickets import Tickets
from conclave.core.passes import MemoryPasses
from conclave.core.throttle import Throttle
from conclave.model import Action, Caller, Identity, Note, Place, Role, User
from conclave.protocol.account import SignIn
from conclave.protocol.errors import Code, Reject

GOOD = "four words of mine"
HERE = Place(address="192.0.2.7", agent="Firefox")
THERE = Place(address="198.51.100.9", agent="Chromium")
DOMAIN = "chat.example.org"
ORIGIN = f"https://{DOMAIN}"


class Clock:
    """Both clocks, standing still until they are turned."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> int:
        return round(self.now * 1000)

    def turn(self, seconds: float) -> None:
        self.now += seconds


class World:
    """`notes`: the audit log; `gone`: whose sessions or tokens ended."""

    Clock = Clock

    def __init__(self, store: Any, accounts: Any, secret: Secret, clock: Clock) -> None:
        self.store, self.accounts, self.secret, self.clock = store, accounts, secret, clock
        self.notes: list[Note] = []
        self.gone: list[tuple[str, list[str]]] = []
        self.factor_for: set[Role] = set()
        self.passwords = Passwords(Cost(memory_kib=8, passes=1))
        parts: tuple[Any, ...] = (store, accounts, self, clock)
        self.sessions = Sessions(*parts, self.hear, days=30, factor_for=(), most=3)
        self.sessions._factor_for = self.factor_for  # type: ignore[assignment]  # to be changed
        self.throttle, inside, second = Throttle(), Throttle(), Throttle()
        self.passes = MemoryPasses(clock.monotonic)
        self.passkeys = Ceremonies(DOMAIN, lambda: [ORIGIN], self.passes)
        self.factors = SecondFactors(
            accounts,
            self,
            clock,
            Seal(secret, "totp"),
            self.passkeys,
            second,
            server=DOMAIN,
            must_have=self.sessions.must_have_factor,
        )
        self.devices = Devices(secret)
        self.signing_in = SigningIn(
            *parts,
            self.passwords,
            self.factors,
            self.sessions,
            self.devices,
            self.throttle,
            self.passes,
        )
        self.confirming = Confirming(accounts, self, clock, self.passwords, inside, self.passes)
        self.own = OwnAccount(*parts, self.passwords, self.confirming, self.sessions, self.hear)
        self.told: list[Any] = []
        self.links = Links(*parts, self.passwords, self.signing_in, self.hear, self.tell)
        self.guests = Guests(accounts, self, clock, self.signing_in, allowed=True)
        self.tickets = Tickets(self.sessions.good, self.passes)
        self.csrf = Csrf(secret)
        self.gate = Gate(self.identify, accounts, self, self.sessions, self.csrf, self.tickets)
        self.known: dict[str, Identity] = {}

    # What the services are given.

    def note(self, note: Note) -> None:
        self.notes.append(note)

    async def lines(self, _query: object) -> list[Any]:
        return []

    def hear(self, user: str, ids: Collection[str]) -> None:
        self.gone.append((user, list(ids)))

    async def tell(self, entries: Iterable[Any]) -> None:
        self.told += entries

    async def identify(self, token: str) -> Identity:
        if token not in self.known:
            raise Reject(Code.AUTH_FAILED)
        return self.known[token]

    # What tests do with them.

    async def account(self, name: str, role: Role = Role.USER, password: str = GOOD) -> User:
        user: User = await self.store.people.create_account(name, role=role)
        await self.accounts.set_password(name, await self.passwords.hash(password))
        return user

    async def sign_in(
        self, name: str, password: str = GOOD, place: Place = HERE, device: str = ""
    ) -> Entered:
        entered = await self.signing_in.with_password(SignIn(name, password), place, device)
        assert isinstance(entered, Entered)
        return entered

    async def caller(self, name: str) -> Caller:
        """Return the caller that a page of *name* is, just signed in."""
        entered = await self.sign_in(name)
        return await self.gate.by_cookie(entered.session.secret, HERE)

    def noted(self, action: Action) -> list[Note]:
        return [note for note in self.notes if note.action == action]

    def forget(self) -> None:
        self.notes.clear()
        self.gone.clear()
