"""The learnt check drops what quotes do not carry, says why, and keeps a fair paraphrase."""

import json

import pytest
from sidemand.generation.proof import unproved_because
from sidemand.generation.support.check import about, judged, read_weights, shipped_weights
from sidemand.generation.support.features import measured

DECISION = (
    "Kommunen skal træffe afgørelse senest 14 dage efter, at ansøgningen er modtaget, medmindre "
    "borgeren har bedt om et møde."
)
RENT = (
    "Lejeren skal betale huslejen senest den tredje hverdag i måneden. Betaler lejeren ikke, kan "
    "udlejeren ophæve lejeaftalen, hvis lejeren forinden har fået et skriftligt påkrav."
)


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        (
            "Kommunen skal afgøre ansøgningen inden 14 dage, medmindre borgeren beder om et møde.",
            DECISION,
        ),
        (
            "Senest to uger efter at ansøgningen er modtaget, skal kommunen træffe afgørelse, "
            "medmindre borgeren har bedt om et møde.",
            DECISION,
        ),
        (
            "Udlejeren kan ophæve aftalen, hvis lejeren ikke betaler og forinden har fået et "
            "skriftligt påkrav.",
            RENT,
        ),
    ],
)
def test_a_fair_paraphrase_is_kept(statement: str, quote: str) -> None:
    assert unproved_because(statement, [quote]) is None


@pytest.mark.parametrize(
    ("fault", "statement", "quote", "reason"),
    [
        ("another number", DECISION.replace("14", "21"), DECISION, "number"),
        ("another actor", DECISION.replace("Kommunen", "Ankestyrelsen"), DECISION, "actor"),
        (
            "two who changed places",
            "Lejeren kan ophæve lejeaftalen, hvis udlejeren forinden har fået et skriftligt "
            "påkrav.",
            RENT,
            "actor",
        ),
        ("a turned time", DECISION.replace("efter", "før"), DECISION, "time"),
        ("a turned limit", DECISION.replace("senest", "tidligst"), DECISION, "time"),
        (
            "a condition turned",
            "Udlejeren kan ophæve lejeaftalen, hvis lejeren har fået et mundtligt påkrav.",
            RENT,
            "negation",
        ),
        (
            "a duty denied",
            "Kommunen behøver ikke at træffe afgørelse.",
            DECISION,
            "negation",
        ),
        (
            "something added",
            "Borgeren får erstatning, hvis fristen overskrides.",
            DECISION,
            "other_words",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 25 else "",
)
def test_a_fault_is_caught_with_its_reason(
    fault: str, statement: str, quote: str, reason: str
) -> None:
    assert unproved_because(statement, [quote]) == reason, fault


def test_what_is_added_after_a_quote_is_looked_at_on_its_own() -> None:
    added = "Borgeren får erstatning, hvis fristen overskrides."
    assert unproved_because(f"{DECISION} {added}", [DECISION]) == "other_words"


def test_a_sentence_of_a_longer_quote_needs_no_proof() -> None:
    first, _ = RENT.split(". ", 1)
    assert unproved_because(f"{first}.", [RENT]) is None


def test_half_a_sentence_of_a_quote_is_weighed() -> None:
    assert unproved_because("Har bedt om et møde.", [DECISION]) is not None


def test_the_heading_of_a_citation_may_introduce_its_quote() -> None:
    quote = "Er borgeren hørt? Kontrakten er lavet og underskrevet."
    text = f"Tjekliste før udsendelsen af årsopgørelsen: {quote}"
    assert unproved_because(text, [quote]) is not None
    assert (
        unproved_because(text, [quote], headings=["Tjekliste før udsendelsen af årsopgørelsen"])
        is None
    )


def test_the_shipped_weights_are_those_of_the_features() -> None:
    assert shipped_weights().features.keys() == measured(RENT, [DECISION]).keys()


def test_every_feature_speaks_of_something_that_can_be_said() -> None:
    assert {about(name) for name in shipped_weights().features} == {
        "number", "negation", "modality", "scope", "condition", "time", "actor", "other_words",
    }  # fmt: skip


def test_the_heaviest_group_against_a_statement_is_the_reason() -> None:
    weights = read_weights(
        json.dumps(
            {
                "least": 0.0,
                "bias": 1.0,
                "features": {
                    "actor_nowhere": {"weight": -3.0, "usual": 0.0},
                    "time_edited": {"weight": -1.0, "usual": 0.5},
                },
            }
        )
    )
    judgement = judged({"actor_nowhere": 1.0, "time_edited": 1.0}, weights)
    assert judgement.score == pytest.approx(1.0 - 3.0 - 0.5)
    assert judgement.doubt == "actor"


def test_words_that_cannot_be_compared_are_dropped() -> None:
    assert measured("Og så?", [DECISION]) == {}
    assert unproved_because("Og så?", [DECISION]) == "other_words"
