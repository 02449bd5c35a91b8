"""What Presidio finds in Danish texts: a JSON list of them in, `{"seconds", "found"}` out.

`found` has for each text its spans, `[start, end, kind]`; `seconds` is what finding took. Presidio
has no recogniser of its own for Denmark. It is set up as its documentation says for a language
that it does not know: its general recognisers, those for a country with Denmark's, and patterns
for each kind of identifier that Sidemand's recognisers know. The patterns are wider than the
general recognisers, which refuse invented e-mail addresses and phone numbers. Where spaCy's Danish
model is installed (`da_core_news_md`) it finds names, places and organisations as well.
"""

import json
import logging
import sys
import time

import spacy.util
from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_analyzer.nlp_engine.no_op_nlp_engine import NoOpNlpEngine
from presidio_analyzer.predefined_recognizers import (
    DateRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    MacAddressRecognizer,
    PhoneRecognizer,
    SpacyRecognizer,
    UrlRecognizer,
)

LANGUAGE = "da"
NAMES = "da_core_news_md"

PATTERNS = {
    "CPR": r"\b\d{6}[- ]?\d{4}\b",
    "PHONE": r"(?:\+45 ?)?\b\d{2} ?\d{2} ?\d{2} ?\d{2}\b",
    "EMAIL": r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b",
    "CVR": r"(?i)\b(?:cvr|se)(?:[- ]?n(?:r|ummer))?[.:]?\s*\d{8}\b",
    "PNR": r"(?i)\bp-?n(?:r|ummer)[.:]?\s*\d{10}\b",
    "ACCOUNT": r"\b\d{4}[- ]\d{6,10}\b",
    "PLATE": r"\b[A-ZÆØÅ]{2} ?\d{2} ?\d{3}\b",
    "ADDRESS": r"\b[A-ZÆØÅ]\w+(?:vej|gade|allé|stræde|torv|plads|vænget|parken) \d+ ?[A-Z]?"
    r"(?:, (?:st|\d+)\.? ?(?:tv|th|mf)?\.?)?(?:, \d{4} [A-ZÆØÅ]\w+(?: [A-ZÆØÅ])?)?",
    "CASE": r"\b\d{2,4}[-/.]\d{4,8}\b",
    "PROPERTY": r"(?i)\bmatr(?:ikel|\.)[- ]?n(?:r|ummer)\.? \d+ ?[a-zæøå]{0,3}\b"
    r"|\bBFE[- ]?\d{5,9}\b",
    "PAPER": r"(?i)\b(?:pas|kørekort)(?:n(?:r|ummer))?[.:]? ?\d{8,9}\b",
    "AGE": r"\b\d{1,3}[- ]?årig\w*\b|\b\d{1,3} år\b",
}


def analyzer() -> AnalyzerEngine:
    """Presidio for Danish."""
    registry = RecognizerRegistry(supported_languages=[LANGUAGE])
    for general in (
        DateRecognizer, EmailRecognizer, IbanRecognizer, IpRecognizer, MacAddressRecognizer,
        UrlRecognizer,
    ):  # fmt: skip
        registry.add_recognizer(general(supported_language=LANGUAGE))
    registry.add_recognizer(PhoneRecognizer(supported_regions=["DK"], supported_language=LANGUAGE))
    for kind, pattern in PATTERNS.items():
        own = PatternRecognizer(
            supported_entity=kind,
            patterns=[Pattern(kind, pattern, 0.6)],
            supported_language=LANGUAGE,
            global_regex_flags=0,
        )
        registry.add_recognizer(own)
    if spacy.util.is_package(NAMES):
        registry.add_recognizer(SpacyRecognizer(supported_language=LANGUAGE))
        models = [{"lang_code": LANGUAGE, "model_name": NAMES}]
        language = NlpEngineProvider(
            nlp_configuration={"nlp_engine_name": "spacy", "models": models}
        ).create_engine()
    else:
        language = NoOpNlpEngine([{"lang_code": LANGUAGE, "model_name": "none"}])
        language.load()
    return AnalyzerEngine(registry=registry, nlp_engine=language, supported_languages=[LANGUAGE])


def main() -> None:
    """Read texts, find, write."""
    logging.disable()  # it asks the net for a list of domains, and goes on without it
    texts = json.load(sys.stdin)
    presidio = analyzer()
    began = time.perf_counter()
    results = [presidio.analyze(text, LANGUAGE) for text in texts]
    seconds = time.perf_counter() - began
    found = [[[each.start, each.end, each.entity_type] for each in result] for result in results]
    json.dump({"seconds": seconds, "found": found}, sys.stdout)


if __name__ == "__main__":
    main()
