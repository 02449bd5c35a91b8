"""Dead letters in lines for an operator, and as JSON for programs. No word of a body in them."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from sidemand.bus.dead_letters import DeadLetter
from sidemand.client.explanations import caution_of, explanation_of
from sidemand.client.points_in_time import in_local_time

_UNKNOWN = "(not given, or not safe to show)"


def two_lines(letter: DeadLetter) -> str:
    """The position to copy, and what is known at a glance."""
    times = "once" if letter.attempts == 1 else f"{letter.attempts} times"
    whose = letter.tenant or "an unknown tenant"
    about = f"of {whose}, tried {times}, given up {in_local_time(letter.failed_at)}"
    fate = f", {_fate(letter)}" if letter.mark else ""
    return f"{letter.position}\n    {letter.code}: {letter.detail or 'no detail'} ({about}{fate})"


def summary(letters: Sequence[DeadLetter]) -> str:
    """How many there are, the most frequent code and service first."""
    counted = Counter((letter.code, letter.service) for letter in letters)
    parts = [f"{count} {code} ({service})" for (code, service), count in counted.most_common()]
    return f"{_letters(len(letters))}: {', '.join(parts)}."


def none_wanted(others: int) -> str:
    """That no letter was chosen; a misspelt option must not look like peace."""
    if not others:
        return "No dead letters."
    return f"No dead letters by these options; {_letters(others)} besides."


def details(letter: DeadLetter) -> Iterator[tuple[str, object]]:
    """What is known of a letter, and what to do about it."""
    explanation = explanation_of(letter.code)
    yield "code", letter.code
    yield "means", explanation.means
    yield "detail", letter.detail or "(none)"
    yield "do", explanation.do
    yield "service", letter.service
    yield "attempts", letter.attempts
    yield "given up", in_local_time(letter.failed_at)
    yield "tenant", letter.tenant or _UNKNOWN
    yield "about", letter.about.key if letter.about else _UNKNOWN
    yield "event", letter.event_id or _UNKNOWN
    yield "source", letter.source or _UNKNOWN
    yield "came from", letter.origin or _UNKNOWN
    yield "state", _fate(letter) if letter.mark else "open"


def commands(letter: DeadLetter) -> Iterator[str]:
    """What can be typed next, likeliest first."""
    if letter.mark is not None:
        return
    verbs = ["drop"]
    if letter.origin and explanation_of(letter.code).can_succeed:
        verbs.insert(0, "redrive")
    for verb in verbs:
        yield f'sidemand dead-letters {verb} {letter.position} --why "…"'


def would_redrive(letter: DeadLetter) -> str:
    """Where redriving would lead a letter, and what speaks against it."""
    caution = caution_of(letter.code)
    where = (letter.origin or "").partition("/")[0]
    return f"would redrive {letter.position} to {where}" + (f"; {caution}" if caution else "")


def would_drop(letter: DeadLetter) -> str:
    """Which letter dropping would give up, and why it is one."""
    return f"would drop {letter.position} ({letter.code}, {letter.tenant or 'an unknown tenant'})"


def as_json(letters: Sequence[DeadLetter]) -> str:
    """One array; times in UTC."""
    return json.dumps([_object(letter) for letter in letters], ensure_ascii=False, indent=2)


def _object(letter: DeadLetter) -> dict[str, object]:
    explanation = explanation_of(letter.code)
    return {
        "position": letter.position,
        "topic": letter.topic.name,
        "service": letter.service,
        "tenant": letter.tenant,
        "about": letter.about.key if letter.about else None,
        "event_id": letter.event_id,
        "source": letter.source,
        "origin": letter.origin,
        "code": letter.code,
        "detail": letter.detail,
        "means": explanation.means,
        "can_succeed": explanation.can_succeed,
        "attempts": letter.attempts,
        "failed_at": letter.failed_at.isoformat(),
        "bytes": letter.size,
        "state": letter.mark.fate if letter.mark else "open",
        "settled_at": letter.mark.at.isoformat() if letter.mark else None,
        "settled_why": letter.mark.why or None if letter.mark else None,
    }


def _fate(letter: DeadLetter) -> str:
    assert letter.mark is not None
    why = f": {letter.mark.why}" if letter.mark.why else ""
    return f"{letter.mark.fate} {in_local_time(letter.mark.at)}{why}"


def _letters(count: int) -> str:
    return "1 dead letter" if count == 1 else f"{count} dead letters"
