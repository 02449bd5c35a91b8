"""Whatever comes in is masked or refused: no crash, no forged token, no time without end."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sidemand.redaction.finding import Finder, Unredactable
from sidemand.redaction.redacting import find_together
from sidemand.redaction.spans import Kind, Mention
from sidemand.redaction.tokens import Token, make_token, tokens_in

FINDER = Finder()
CODES = {"", "text_too_long", "script_unknown", "text_broken"}
PIECES = st.sampled_from(
    [
        *("740344-1237", "Lan Mikkelsen", "Fasanhaven 9, 4796 Storådal", "født den 3. maj 2086"),
        *("⟦PERSON_7K2MX4⟧", "[[CPR_222222]]", "⟦", "⟧", "| Navn | Cpr |\n", "\u202e", "\u200f"),
        *(
            "\u00ad",
            "\u200b",
            "\ud800",
            "Мария",
            "مرحبا",
            "漢字",
            "\x00",
            "\ufffd",
            "𝟕𝟒𝟎𝟑𝟒𝟒-𝟏𝟐𝟑𝟕",
            "é",
        ),
        *("e\u0301", "\n\n", "\t", "(at)", "@", "::", "&ndash;", "§ 83", "kr.", "nul en to tre"),
    ]
)
TEXTS = st.one_of(
    st.text(max_size=120),
    st.lists(PIECES, max_size=14).map(" ".join),
    st.lists(PIECES, max_size=14).map("".join),
    st.binary(max_size=120).map(lambda raw: raw.decode("latin-1")),
    st.binary(max_size=120).map(lambda raw: raw.decode("utf-8", "replace")),
)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_any_text_is_masked_in_order_or_refused(text: str) -> None:
    mentions: list[Mention] = []
    code = ""
    try:
        mentions = FINDER.find(text)
    except Unredactable as refusal:
        code = refusal.code
    assert code in CODES
    at = 0
    for mention in mentions:
        assert at <= mention.start < mention.end <= len(text)
        at = mention.end


class KnowsNobody:
    """Finds nothing: what is left of a sign of ours was forged."""

    def find(self, text: str, parties: object = ()) -> list[Mention]:
        del text, parties
        return []


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=10).map("".join), st.binary(min_size=8, max_size=8))
def test_a_text_cannot_bring_a_token_of_its_own(text: str, secret: bytes) -> None:
    forged = str(make_token(Kind.PERSON, secret))
    rewritten = find_together(KnowsNobody(), [text + forged], ()).with_tokens({})[0].text
    assert "⟦" not in rewritten
    assert "⟧" not in rewritten


def test_a_number_is_masked_between_any_other_scripts() -> None:
    for sign in ("漢", "Ж", "\u202e", "\u200f", "\u0301", "🙂"):
        text = f"Borgeren har nummer {sign}740344-1237{sign} og bor i byen hos sin mor"
        covered = [text[m.start : m.end] for m in FINDER.find(text)]
        assert any("1237" in found for found in covered), repr(sign)


def _noise(rng: random.Random) -> str:
    return "".join(chr(rng.randrange(32, 255)) for _ in range(12))


def _number(rng: random.Random) -> str:
    return f"{rng.randrange(10**10):010d}, "


@pytest.mark.parametrize("make", [_noise, _number])
def test_hundreds_of_pieces_of_noise_or_numbers_are_read(
    make: Callable[[random.Random], str],
) -> None:
    rng = random.Random(5)
    text = "".join(make(rng) for _ in range(300))
    for mention in FINDER.find(text):
        assert text[mention.start : mention.end].strip()


def test_every_one_of_many_numbers_is_masked() -> None:
    rng = random.Random(6)
    text = "".join(_number(rng) for _ in range(300))
    covered = [False] * len(text)
    for mention in FINDER.find(text):
        covered[mention.start : mention.end] = [True] * (mention.end - mention.start)
    assert all(covered[i] for i, sign in enumerate(text) if sign.isdigit())


def test_a_token_is_read_only_where_the_check_sign_is_right() -> None:
    token = make_token(Kind.CPR, b"12345678")
    wrong = Token(token.kind, token.code[:-1] + ("2" if token.code[-1] != "2" else "3"))
    assert [found.token for found in tokens_in(f"{token} {wrong}")] == [token, None]
