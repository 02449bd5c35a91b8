"""One suite for every vault: the fake, SQLite and PostgreSQL."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sidemand.redaction.adapters.file_keys import FileKeys
from sidemand.redaction.adapters.sql import SqlVault
from sidemand.redaction.entities import PROTECTED_ADDRESS
from sidemand.redaction.persons import Person
from sidemand.redaction.ports import CaseForgotten, Vault, VaultSealed
from sidemand.redaction.spans import Entity, Kind
from sidemand.redaction.tokens import Token
from sidemand.schemas.identity import CaseRef

from .vault_fakes import A_CASE, ANOTHER_CASE, InMemoryVault

LAN = Person.named("Lan Nguyen Mikkelsen").entity()
JEPPE = Person.named("Jeppe Mikkelsen").entity()
CPR = Entity(Kind.CPR, "8503891942", "850389-1942")


@pytest.fixture
async def sqlite_vault(tmp_path: Path) -> AsyncIterator[SqlVault]:
    keys = FileKeys(tmp_path / "keys.json")
    vault = SqlVault.at(f"sqlite+aiosqlite:///{tmp_path}/vault.db", keys)
    await vault.start()
    yield vault
    await vault.stop()


@pytest.fixture
async def postgres_vault(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlVault]:
    server = request.getfixturevalue("postgres")
    url = server.create_database().replace("postgresql://", "postgresql+asyncpg://")
    vault = SqlVault.at(url, FileKeys(tmp_path / "keys.json"))
    await vault.start()
    yield vault
    await vault.stop()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def vault(request: pytest.FixtureRequest) -> Vault:
    if request.param == "memory":
        return InMemoryVault()
    found = request.getfixturevalue(f"{request.param}_vault")
    assert isinstance(found, SqlVault)
    return found


async def test_what_went_in_comes_out_again(vault: Vault) -> None:
    tokens = await vault.tokens(A_CASE, [LAN, CPR])
    values = await vault.values(A_CASE, tokens.values())
    assert {values[tokens[LAN]], values[tokens[CPR]]} == {LAN.value, CPR.value}


async def test_one_person_has_one_token_within_a_case(vault: Vault) -> None:
    first = await vault.tokens(A_CASE, [LAN, JEPPE])
    second = await vault.tokens(A_CASE, [JEPPE, LAN])
    assert first == second
    assert first[LAN] != first[JEPPE]


async def test_a_person_has_another_token_in_another_case(vault: Vault) -> None:
    here = await vault.tokens(A_CASE, [LAN])
    there = await vault.tokens(ANOTHER_CASE, [LAN])
    assert here[LAN] != there[LAN]


async def test_a_token_of_another_case_means_nothing(vault: Vault) -> None:
    there = await vault.tokens(ANOTHER_CASE, [LAN])
    await vault.tokens(A_CASE, [JEPPE])
    assert await vault.values(A_CASE, there.values()) == {}


async def test_a_case_that_was_never_seen_knows_no_token(vault: Vault) -> None:
    assert await vault.values(A_CASE, [Token(Kind.PERSON, "222222")]) == {}


async def test_a_first_name_alone_means_the_only_person_who_has_it(vault: Vault) -> None:
    full = await vault.tokens(A_CASE, [LAN])
    alone = Person.named("Lan").entity()
    assert (await vault.tokens(A_CASE, [alone]))[alone] == full[LAN]


async def test_a_surname_of_two_persons_means_neither(vault: Vault) -> None:
    both = await vault.tokens(A_CASE, [LAN, JEPPE])
    alone = Person.named("Mikkelsen").entity()
    token = (await vault.tokens(A_CASE, [alone]))[alone]
    assert token not in both.values()


async def test_the_names_of_a_case_are_known(vault: Vault) -> None:
    await vault.tokens(A_CASE, [LAN, CPR])
    await vault.tokens(ANOTHER_CASE, [JEPPE])
    assert await vault.names(A_CASE) == [LAN.value]


async def test_an_erased_case_gives_nothing_back_and_takes_nothing_in(vault: Vault) -> None:
    tokens = await vault.tokens(A_CASE, [LAN, CPR])
    assert await vault.erase(A_CASE) == 2
    with pytest.raises(CaseForgotten):
        await vault.values(A_CASE, tokens.values())
    with pytest.raises(CaseForgotten):
        await vault.tokens(A_CASE, [LAN])
    assert await vault.erase(A_CASE) == 0


async def test_a_case_that_was_never_seen_can_be_erased(vault: Vault) -> None:
    assert await vault.erase(A_CASE) == 0
    with pytest.raises(CaseForgotten):
        await vault.tokens(A_CASE, [LAN])


async def test_erasing_a_case_leaves_the_others(vault: Vault) -> None:
    there = await vault.tokens(ANOTHER_CASE, [JEPPE])
    await vault.tokens(A_CASE, [LAN])
    await vault.erase(A_CASE)
    assert await vault.values(ANOTHER_CASE, there.values()) == {there[JEPPE]: JEPPE.value}


async def test_an_address_that_becomes_protected_is_never_given_back(vault: Vault) -> None:
    plain = Entity(Kind.ADDRESS, "fasanhaven9", "Fasanhaven 9")
    flat = Entity(
        Kind.ADDRESS, "fasanhaven91th", "Fasanhaven 9, 1. th", ("fasanhaven9", "fasanhaven")
    )
    before = await vault.tokens(A_CASE, [plain, flat])
    aliases = ("fasanhaven9", "fasanhaven")
    protected = Entity(Kind.ADDRESS, "fasanhaven94796x", PROTECTED_ADDRESS, aliases, protected=True)
    after = await vault.tokens(A_CASE, [protected])
    values = await vault.values(A_CASE, {*before.values(), *after.values()})
    assert set(values.values()) == {PROTECTED_ADDRESS}


async def test_a_further_way_of_writing_a_protected_address_is_protected(vault: Vault) -> None:
    protected = Entity(
        Kind.ADDRESS,
        "fasanhaven94796storådal",
        PROTECTED_ADDRESS,
        ("fasanhaven9", "fasanhaven"),
        protected=True,
    )
    await vault.tokens(A_CASE, [protected])
    written = [
        Entity(Kind.ADDRESS, "fasanhaven9", "Fasanhaven 9"),
        Entity(Kind.ADDRESS, "fasanhaven", "Fasanhaven"),
        Entity(
            Kind.ADDRESS, "fasanhaven91th", "Fasanhaven 9, 1. th", ("fasanhaven9", "fasanhaven")
        ),
    ]
    for address in written:
        token = (await vault.tokens(A_CASE, [address]))[address]
        assert (await vault.values(A_CASE, [token]))[token] == PROTECTED_ADDRESS


async def test_a_neighbour_of_a_protected_address_is_not_protected(vault: Vault) -> None:
    aliases = ("fasanhaven9", "fasanhaven")
    protected = Entity(Kind.ADDRESS, "fasanhaven9x", PROTECTED_ADDRESS, aliases, protected=True)
    neighbour = Entity(
        Kind.ADDRESS, "fasanhaven11", "Fasanhaven 11", ("fasanhaven11", "fasanhaven")
    )
    token = (await vault.tokens(A_CASE, [protected, neighbour]))[neighbour]
    assert (await vault.values(A_CASE, [token]))[token] == "Fasanhaven 11"


def person(name: str) -> Entity:
    return Person.named(name).entity()


@pytest.mark.parametrize(
    "names",
    [
        ("Lan Nguyen Mikkelsen", "Lan Mikkelsen", "lan", "MIKKELSEN"),
        ("Lan Mikkelsen", "Lan Nguyen Mikkelsen", "Lan Nguyen", "Lan"),
        ("Lan Mikkelsen", "Lan", "Lan Nguyen Mikkelsen", "Lan Mikkelsen"),
    ],
)
async def test_a_person_written_four_ways_in_four_documents_is_one(
    vault: Vault, names: tuple[str, ...]
) -> None:
    tokens = {(await vault.tokens(A_CASE, [person(name)]))[person(name)] for name in names}
    assert len(tokens) == 1
    assert set((await vault.values(A_CASE, tokens)).values()) == {"Lan Nguyen Mikkelsen"}


@pytest.mark.parametrize(
    "names",
    [
        ("Lan Mikkelsen", "Jeppe Mikkelsen"),
        ("Anne Hansen", "Anne Marie Hansen", "Anne Lise Hansen"),
        ("Mikkelsen", "Lan Mikkelsen"),
        ("Nguyen Mikkelsen", "Lan Nguyen Mikkelsen"),
    ],
)
@pytest.mark.parametrize("at_once", [True, False], ids=["in one document", "one after another"])
async def test_two_people_are_never_merged(
    vault: Vault, names: tuple[str, ...], *, at_once: bool
) -> None:
    people = [person(name) for name in names]
    tokens: dict[Entity, Token] = {}
    for some in [people] if at_once else [[each] for each in people]:
        tokens |= await vault.tokens(A_CASE, some)
    full = [each for each in people if each.key.count(" ") == max(p.key.count(" ") for p in people)]
    values = await vault.values(A_CASE, tokens.values())
    assert len({tokens[each] for each in full}) == len(full)
    assert [values[tokens[each]] for each in full] == [each.value for each in full]
    assert tokens[people[0]] not in {tokens[each] for each in people[2:]}


async def test_two_whom_one_document_tells_apart_stay_two(vault: Vault) -> None:
    son, father = person("Lan Mikkelsen"), person("Lan Nguyen Mikkelsen")
    for known in (son, father):
        case = CaseRef(tenant="storaadal", case_id=uuid.uuid4())
        before = (await vault.tokens(case, [known]))[known]
        both = await vault.tokens(case, [son, father])
        assert both[son] != both[father]
        assert both[known] == before
        assert both == await vault.tokens(case, [father, son])


async def test_two_who_could_both_be_the_one_named_before_are_neither(vault: Vault) -> None:
    short = person("Anne Hansen")
    before = (await vault.tokens(A_CASE, [short]))[short]
    both = await vault.tokens(A_CASE, [person("Anne Marie Hansen"), person("Anne Lise Hansen")])
    assert len({before, *both.values()}) == 3
    assert (await vault.values(A_CASE, [before]))[before] == "Anne Hansen"


async def test_a_case_tells_what_came_before_in_it(vault: Vault) -> None:
    home = Entity(Kind.ADDRESS, "fasanhaven9x", PROTECTED_ADDRESS, ("fasanhaven9",), True)
    written = Entity(Kind.ADDRESS, "fasanhaven9", "Fasanhaven 9")
    assert not await vault.known(A_CASE, [written, LAN])
    await vault.tokens(A_CASE, [home, LAN])
    assert set(await vault.known(A_CASE, [written, LAN, JEPPE])) == {written, LAN}
    assert not await vault.known(ANOTHER_CASE, [written, LAN])
    await vault.erase(A_CASE)
    assert not await vault.known(ANOTHER_CASE, [written])


async def test_two_documents_of_a_case_at_once_agree_on_its_tokens(vault: Vault) -> None:
    people = [Person.named(f"Person Nummer{letter}").entity() for letter in "abcdef"]
    answers = await asyncio.gather(*(vault.tokens(A_CASE, people[i:]) for i in range(5)))
    for person in people:
        assert len({str(answer[person]) for answer in answers if person in answer}) == 1


def stored_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("vault.db*"))


async def test_the_database_holds_no_value_in_the_clear(
    sqlite_vault: SqlVault, tmp_path: Path
) -> None:
    await sqlite_vault.tokens(A_CASE, [LAN, CPR])
    stored = stored_bytes(tmp_path)
    for value in (b"Mikkelsen", b"mikkelsen", b"850389", b"8503891942"):
        assert value not in stored


async def test_nothing_of_an_erased_case_is_left_in_the_files(
    sqlite_vault: SqlVault, tmp_path: Path
) -> None:
    tokens = await sqlite_vault.tokens(A_CASE, [LAN])
    await sqlite_vault.erase(A_CASE)
    stored = stored_bytes(tmp_path)
    assert str(tokens[LAN]).encode() not in stored
    assert A_CASE.case_id.hex.encode() not in stored


async def test_a_vault_opens_again_with_its_key_file(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/vault.db"
    for _ in range(2):
        vault = SqlVault.at(url, FileKeys(tmp_path / "keys.json"))
        await vault.start()
        tokens = await vault.tokens(A_CASE, [LAN])
        assert await vault.values(A_CASE, tokens.values()) == {tokens[LAN]: LAN.value}
        await vault.stop()


async def test_a_vault_does_not_open_with_another_key_file(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/vault.db"
    first = SqlVault.at(url, FileKeys(tmp_path / "keys.json"))
    await first.start()
    await first.tokens(A_CASE, [LAN])
    await first.stop()
    other = FileKeys(tmp_path / "other.json")
    await other.wrap(A_CASE.tenant, b"k" * 32)
    second = SqlVault.at(url, other)
    with pytest.raises(VaultSealed):
        await second.tokens(A_CASE, [LAN])
    await second.stop()
