"""Keys on a real PostgreSQL: wrapped, granted to three services, and destroyed along the links."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from libs.chassis.database import Database
from libs.chassis.migrate import migrate, set_passwords
from libs.events.errors import Erased
from libs.events.keyring import Kek, Soort
from libs.events.postgres.keyring import PostgresKeyring
from tests.system import fresh_database

pytestmark = pytest.mark.postgres
KEK = Kek(bytes(range(32)))


@pytest.fixture
async def url(postgres: Path) -> AsyncIterator[str]:
    """A database with a keyring and two services."""
    async with fresh_database(postgres) as made:
        await migrate(made, ["keyring", "matching", "routing"])
        await set_passwords(made, ["matching", "routing"], KEK)
        yield made


@pytest.fixture
async def admin(url: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool of the owner."""
    pool = await asyncpg.create_pool(url, min_size=1, max_size=2)
    yield pool
    pool.terminate()


async def household(keyring: PostgresKeyring) -> tuple[UUID, list[UUID], list[list[UUID]]]:
    """A case with two persons who have two signals each."""
    case, persons = uuid4(), [uuid4(), uuid4()]
    signals = [[uuid4(), uuid4()] for _ in persons]
    await keyring.create([case], Soort.ZAAK)
    await keyring.create(persons, Soort.PERSOON)
    await keyring.create([one for pair in signals for one in pair], Soort.SIGNAAL)
    await keyring.link(dict.fromkeys(persons, case))
    await keyring.link({one: person for person, pair in zip(persons, signals, strict=True) for one in pair})
    return case, persons, signals


async def test_a_key_stays_the_same_and_is_stored_wrapped(admin: asyncpg.Pool) -> None:
    keyring, subject = PostgresKeyring(admin, KEK), uuid4()
    first = (await keyring.create([subject], Soort.SIGNAAL)).by_subject[subject]
    again = (await keyring.create([subject, uuid4()], Soort.SIGNAAL)).by_subject[subject]
    assert first == again == (await keyring.keys([subject])).by_subject[subject]
    stored = await admin.fetchval("SELECT sleutel FROM keyring.sleutel WHERE subject = $1", subject)
    assert first not in stored


async def test_erasing_a_signal_erases_its_person_and_spares_the_household(admin: asyncpg.Pool) -> None:
    keyring = PostgresKeyring(admin, KEK)
    case, persons, signals = await household(keyring)
    assert await keyring.erase(signals[0][0]) == {persons[0], *signals[0]}
    left = (await keyring.keys([case, *persons, *signals[0], *signals[1]])).by_subject
    assert set(left) == {case, persons[1], *signals[1]}


async def test_erasing_a_case_erases_everyone_in_it(admin: asyncpg.Pool) -> None:
    keyring = PostgresKeyring(admin, KEK)
    case, persons, signals = await household(keyring)
    assert await keyring.erase(case) == {case, *persons, *signals[0], *signals[1]}


async def test_an_erased_subject_is_never_given_a_key_again(admin: asyncpg.Pool) -> None:
    keyring, subject = PostgresKeyring(admin, KEK), uuid4()
    keys = await keyring.create([subject], Soort.SIGNAAL)
    sealed = keys.seal(subject, uuid4(), "a synthetic name")
    await keyring.erase(subject)
    anew = await keyring.create([subject], Soort.SIGNAAL)
    with pytest.raises(Erased):
        anew.open(sealed, str)
    assert await keyring.erase(subject) == set()


async def test_a_service_without_a_grant_reads_no_key(url: str) -> None:
    for service, may in (("matching", True), ("routing", False)):
        database = await Database.open(service, url, KEK)
        try:
            reading = PostgresKeyring(database.loop, KEK).keys([uuid4()])
            if may:
                assert (await reading).by_subject == {}
            else:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await reading
        finally:
            await database.close()
