"""The PostgreSQL for tests gives each test a database of its own and keeps what was committed."""

import asyncpg
from asyncpg.exceptions import InterfaceError, PostgresError
from sidemand.testing.servers import PostgresServer


async def _rows(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM ledger"))
    finally:
        await connection.close()


async def _write_a_row(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE TABLE ledger (id text PRIMARY KEY)")
        await connection.execute("INSERT INTO ledger VALUES ($1)", "æøå")
    finally:
        await connection.close()


async def test_two_databases_share_nothing(postgres: PostgresServer) -> None:
    one, other = postgres.create_database(), postgres.create_database()
    await _write_a_row(one)
    await _write_a_row(other)
    assert one != other
    assert await _rows(one) == 1


async def test_rows_are_there_after_a_kill(postgres: PostgresServer) -> None:
    database = postgres.create_database()
    await _write_a_row(database)

    postgres.program.kill()
    postgres.program.start()

    assert await _rows(database) == 1


async def test_a_stop_does_not_wait_for_clients(postgres: PostgresServer) -> None:
    connection = await asyncpg.connect(postgres.url)
    postgres.program.stop()
    postgres.program.start()
    assert connection.is_closed() or not await _still_answers(connection)


async def _still_answers(connection: asyncpg.Connection) -> bool:
    try:
        return bool(await connection.fetchval("SELECT true"))
    except (InterfaceError, PostgresError, OSError):
        return False
