"""What each code of a dead letter means, and what an operator does about it.

A test holds this against the source: each code that is raised has its words here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Explanation:
    """A code in words."""

    means: str
    """What happened."""
    do: str
    """What to do about it."""
    can_succeed: bool = False
    """Whether the event, as it is, can be handled once the cause is mended."""


_SENDER: Final = (
    "Tell the sender, who mends it and publishes the event again; then drop the letter."
)

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    # No event: found out before any service looked at it.
    "bad_key": Explanation(
        "The Kafka key is not `tenant|case` or `tenant|document`, so nobody can say whose event "
        "it is.",
        _SENDER,
    ),
    "tenant_mismatch": Explanation(
        "Topic, key, header and body do not name the same tenant. The event was stopped before "
        "one municipality's data could reach another.",
        "Treat it as a possible breach: tell the sender, and the tenant that it names. The sender "
        "publishes it again, correctly; then drop the letter.",
    ),
    "type_mismatch": Explanation(
        "The header ce_type names another kind of event than the topic carries.", _SENDER
    ),
    "key_mismatch": Explanation(
        "The Kafka key names another case or document than the body, so its order could not be "
        "kept.",
        _SENDER,
    ),
    "empty_body": Explanation(
        "The record has no body, and on this topic an empty one deletes nothing.", _SENDER
    ),
    "foreign_body": Explanation(
        "The header ce_dataref points to the body of another event. It was not fetched.",
        "Treat it as a possible breach where the sender is not known. Otherwise: " + _SENDER,
    ),
    "lost_body": Explanation(
        "The event is large, so its body was put in the object store, and there it is gone or "
        "damaged.",
        "Was the case erased? Then drop the letter. Else see whether SIDEMAND_OBJECTS names the "
        "same store for sender and services, and whether a rule deletes there too early; restore "
        "the object and redrive, or have the event published again and drop the letter.",
        can_succeed=True,
    ),
    "not_json": Explanation(
        "The body is no JSON in UTF-8: cut off, in another encoding, or no JSON at all.", _SENDER
    ),
    "invalid_payload": Explanation(
        "The body is JSON, but not as the contract says; the detail names field and rule.",
        "Did a service get a new version shortly before? Roll it back or mend it, and redrive. "
        "Otherwise: " + _SENDER,
        can_succeed=True,
    ),
    "null_header": Explanation("A header that Sidemand reads has no value.", _SENDER),
    "undecodable_header": Explanation("A header that Sidemand reads is not UTF-8.", _SENDER),
    "long_header": Explanation("A header that Sidemand reads is longer than 500 bytes.", _SENDER),
    "missing_header": Explanation(
        "A header is missing without which there is no event: ce_id, ce_source, ce_type, ce_time.",
        _SENDER,
    ),
    "bad_name": Explanation(
        "The header ce_id or ce_source holds other characters than letters A to Z, digits and "
        ". _ : / -, so it may be a text with a person in it.",
        _SENDER,
    ),
    "bad_time": Explanation(
        "The header ce_time is not a time with a zone, as RFC 3339 writes it.", _SENDER
    ),
    # An event, and the service could not handle it.
    "unwanted": Explanation(
        "The service handles only deletions on this topic, and this is none.",
        "That is a fault of Sidemand: report it, with what `show` prints.",
        can_succeed=True,
    ),
    "unexpected": Explanation(
        "The service failed at each attempt, for a reason that nobody foresaw; the detail names "
        "the place in the program.",
        "Look in the service's log for `failed` at that time. Where a disk, a permission or a "
        "setting was the reason, mend it and redrive. Otherwise report it; redrive when the "
        "service has been mended.",
        can_succeed=True,
    ),
    "kills_process": Explanation(
        "Each time that this event was being handled, the process died: mostly for memory, or a "
        "fault in a library that reads files.",
        "Look at how the process ended (`OOMKilled`, the log's last lines). Give it more memory or "
        "mend the fault first: redriven as it is, it can kill the process three times more. "
        "Therefore `redrive` takes it only where you name the code or the position. Was the "
        "process killed from outside, several times in a row? Then the event may be innocent: "
        "redrive it.",
        can_succeed=True,
    ),
    # The text cannot be redacted safely, so it goes no farther.
    "text_too_long": Explanation(
        "The text is longer than redaction reads safely (2 million characters).",
        "Tell the sender to divide the document and publish the parts; then drop the letter.",
    ),
    "text_broken": Explanation(
        "The text holds halves of characters, so personal data could be missed in it.", _SENDER
    ),
    "script_unknown": Explanation(
        "The text is written in letters other than Latin ones; redaction cannot recognise names "
        "in it, and lets nothing through.",
        "A caseworker handles this document without Sidemand; then drop the letter.",
    ),
    "recogniser_failed": Explanation(
        "The search for personal data failed in this text, and nothing is let through unread.",
        "Report it, with the position and without the text. Redrive when redaction was mended.",
        can_succeed=True,
    ),
}

_UNKNOWN: Final = Explanation(
    "This version of the command does not know the code.",
    "The detail says more, and so does the log of the service at that time. Use the command of "
    "the same version as the services.",
    can_succeed=True,
)


def explanation_of(code: str) -> Explanation:
    """What `code` means; of an unknown one, what to do then."""
    return EXPLANATIONS.get(code, _UNKNOWN)


def caution_of(code: str) -> str | None:
    """Why a letter with this code should not be redriven along with others; none where it may."""
    if code == "kills_process":
        return "it can kill its process again"
    if not explanation_of(code).can_succeed:
        return f"as it is, it fails again ({code})"
    return None
