"""Tokens, and the way back."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sidemand.redaction.restore import UnknownToken, restore
from sidemand.redaction.rewriting import rewrite
from sidemand.redaction.spans import Kind
from sidemand.redaction.tokens import (
    Token,
    make_token,
    parse_token,
    tokens_in,
    without_token_signs,
)

TOKEN = make_token(Kind.PERSON, b"lan nguyen mikkelsen")
VALUES = {TOKEN: "Lan Nguyen Mikkelsen"}


@given(st.sampled_from(Kind), st.binary(min_size=8, max_size=32))
def test_every_token_is_read_again(kind: Kind, secret: bytes) -> None:
    token = make_token(kind, secret)
    assert parse_token(str(token)) == token
    assert [w.token for w in tokens_in(f"Ring til {token}, tak.")] == [token]


@given(
    st.binary(min_size=8, max_size=16), st.integers(0, 5), st.sampled_from("023456789ABCDEFGHJKM")
)
def test_one_wrong_sign_makes_no_other_token(secret: bytes, at: int, sign: str) -> None:
    token = make_token(Kind.CPR, secret)
    code = token.code[:at] + sign + token.code[at + 1 :]
    assert code == token.code or parse_token(f"⟦CPR_{code}⟧") is None


@given(st.binary(min_size=8, max_size=16))
def test_a_token_of_one_kind_is_none_of_another(secret: bytes) -> None:
    token = make_token(Kind.PERSON, secret)
    assert parse_token(f"⟦PHONE_{token.code}⟧") is None


@pytest.mark.parametrize(
    ("written", "restored"),
    [
        (f"Kære {TOKEN}", "Kære Lan Nguyen Mikkelsen"),
        (f"{TOKEN}s sag", "Lan Nguyen Mikkelsens sag"),
        (f"⟦PERSON_{TOKEN.code}s⟧ sag", "Lan Nguyen Mikkelsens sag"),
        (f"{TOKEN}'s sag", "Lan Nguyen Mikkelsens sag"),
        (f"**{TOKEN}**", "**Lan Nguyen Mikkelsen**"),
        (f"⟦person_{TOKEN.code.lower()}⟧", "Lan Nguyen Mikkelsen"),
        (f"⟦PERSON\\_{TOKEN.code}⟧", "Lan Nguyen Mikkelsen"),
        (f"[[PERSON_{TOKEN.code}]]", "Lan Nguyen Mikkelsen"),
        (f"PERSON_{TOKEN.code} ringede", "Lan Nguyen Mikkelsen ringede"),
        (f"({TOKEN})", "(Lan Nguyen Mikkelsen)"),
        (f"`{TOKEN}`", "`Lan Nguyen Mikkelsen`"),
        (f"> _{TOKEN}_", "> _Lan Nguyen Mikkelsen_"),
        (f"⟦PERSON_{TOKEN.code[:2]} {TOKEN.code[2:]}⟧", "Lan Nguyen Mikkelsen"),
        (f"⟦PERSON_\n{TOKEN.code}⟧ ringede", "Lan Nguyen Mikkelsen ringede"),
        (f"⟦ PER-\nSON_{TOKEN.code} ⟧", "Lan Nguyen Mikkelsen"),
        (f"⟦**PERSON_{TOKEN.code}**⟧s sag", "Lan Nguyen Mikkelsens sag"),
        (f"⟦PERSON_{TOKEN.code[:3]}\u200b{TOKEN.code[3:]}⟧", "Lan Nguyen Mikkelsen"),
        (f"【PERSON_{TOKEN.code}】", "Lan Nguyen Mikkelsen"),
        (f"<PERSON_{TOKEN.code}>", "Lan Nguyen Mikkelsen"),
        (f"{{PERSON_{TOKEN.code}}}s", "Lan Nguyen Mikkelsens"),
        (f"[se PERSON_{TOKEN.code}]", "[se Lan Nguyen Mikkelsen]"),
        (f"[PERSON_{TOKEN.code} og andre]", "[Lan Nguyen Mikkelsen og andre]"),
        (f"[[se PERSON_{TOKEN.code} her]]", "[[se Lan Nguyen Mikkelsen her]]"),
        (f"PERSON {TOKEN.code} ringede", "Lan Nguyen Mikkelsen ringede"),
        (f"Person_{TOKEN.code.lower()}s sag", "Lan Nguyen Mikkelsens sag"),
    ],
)
def test_a_token_is_restored_however_a_model_wrote_it(written: str, restored: str) -> None:
    assert restore(written, VALUES) == restored


def test_a_name_that_hisses_gets_an_apostrophe_in_the_genitive() -> None:
    assert restore(f"{TOKEN}s sag", {TOKEN: "Jens"}) == "Jens' sag"


@pytest.mark.parametrize(
    "text",
    [
        f"Kære {make_token(Kind.PERSON, b'somebody else')}",
        "Kære ⟦PERSON_AAAAAA⟧",
        "Kære ⟦BORGER⟧",
        f"Kære ⟦PERSON_{TOKEN.code[:3]}",
        "Kære ⟧",
        "PERSON_AAAAAA ringede",
        "PERSON_1 ringede",
        "ADDRESS_12 er rigtig",
        "Kære [PERSON_2]",
        "[[PERSON_AAAAAA]]",
        "[[BİRTH_ABCDEF]]",
        "PERſON_ABCDEF",
        "⟦PERSON_\n\nAAAAAA⟧",
    ],
)
def test_a_token_that_the_case_does_not_know_is_never_guessed(text: str) -> None:
    with pytest.raises(UnknownToken):
        restore(text, VALUES)


@pytest.mark.parametrize(
    "text",
    [
        "En person mellem 18 og 30 år, jf. § 2 [1].",
        "Address number og phone number er engelske ord.",
        "[person] bor i [adresse], case_id er et felt.",
        "Sagen handler om personers adresse.",
        "Feltet case_number og [[case number]] er engelsk; CASE NUMBER er en overskrift.",
    ],
)
def test_ordinary_text_holds_no_token(text: str) -> None:
    assert restore(text, {}) == text


def forgeries() -> st.SearchStrategy[str]:
    """Texts made of pieces of tokens, with a good code among them."""
    pieces = [
        "⟦",
        "⟧",
        "[[",
        "]]",
        "[",
        "<",
        "【",
        "〛",
        "PERSON",
        "person",
        "CPR",
        "_",
        "\\_",
        " ",
    ]
    pieces += ["-", "*", "\n", "s", "'s", TOKEN.code, TOKEN.code.lower(), "AB12", "1"]
    return st.lists(st.sampled_from(pieces), max_size=12).map("".join)


@given(st.one_of(forgeries(), st.text(max_size=60)))
def test_nobody_can_forge_a_token(text: str) -> None:
    clean = without_token_signs(text)
    assert len(clean) == len(text)
    assert not list(tokens_in(clean))
    assert restore(clean, VALUES) == clean


def test_codes_are_spread_over_all_signs() -> None:
    tokens = {make_token(Kind.PERSON, os.urandom(8)) for _ in range(2000)}
    assert len(tokens) > 1990
    assert all(isinstance(token, Token) for token in tokens)


def test_offsets_move_with_what_is_replaced() -> None:
    text = "Hej Lan, ring til Jeppe."
    new = rewrite(text, [(4, 7, "⟦A⟧⟦A⟧"), (18, 23, "B")])
    assert new.text == "Hej ⟦A⟧⟦A⟧, ring til B."
    for word in ("Hej", ", ring", "."):
        assert new.text.startswith(word, new.moved(text.index(word)))
    assert new.moved(5) == 4
    assert new.moved(len(text)) == len(new.text)
