"""Addresses that a case knows, in a comment."""

from sidemand.redaction.known_addresses import beside, candidates
from sidemand.redaction.spans import Entity, Kind, Mention


def address(key: str) -> Entity:
    return Entity(Kind.ADDRESS, key, key)


def test_a_street_is_looked_for_with_and_without_its_number() -> None:
    text = "Se gammel kongevej 9 b, og Fasanhavens beboere"
    keys = {mention.entity.key for mention in candidates(text)}
    assert keys >= {"gammelkongevej9b", "gammelkongevej9", "fasanhaven"}


def test_of_what_is_known_the_longest_stands_and_nothing_found_beside_it_is_lost() -> None:
    found = [Mention(0, 4, address("a")), Mention(8, 14, address("b"))]
    possible = [Mention(2, 10, address("x")), Mention(2, 6, address("y")), Mention(20, 22, LONE)]
    kept = beside(found, possible, {address("x"), address("y")})
    assert [(m.start, m.end, m.entity.key) for m in kept] == [
        (0, 2, "a"),
        (2, 10, "x"),
        (10, 14, "b"),
    ]


LONE = address("unknown")
