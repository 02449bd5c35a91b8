"""Which tenants a Kafka has, and what to say of one that it has not."""

import re
from collections.abc import Collection
from typing import Final

from sidemand.client.errors import ClientError
from sidemand.schemas import topics
from sidemand.schemas.envelope import NAME_CHARACTERS
from sidemand.schemas.identity import Payload
from sidemand.schemas.topics import Topic

_SLUG: Final = re.compile(r"^[a-z][a-z0-9-]{1,39}$")
SOURCE: Final = f"^{NAME_CHARACTERS}{{1,100}}$"
"""Regular expression of a case system's name."""


def check_slug(tenant: str) -> None:
    """Raise `ClientError` where `tenant` cannot be a tenant's name."""
    if not _SLUG.match(tenant):
        raise ClientError(
            "The tenant is not written as tenants are: a short name of small letters a to z, "
            "digits and hyphens, such as storaadal."
        )


def check_source(source: str) -> None:
    """Raise `ClientError` where `source` cannot be the name of a case system."""
    if not re.match(SOURCE, source):
        raise ClientError(
            "The source is not written as sources are: the case system's name in letters a to z, "
            "digits and . _ : / -, such as postsag."
        )


def known_tenants(existing: Collection[str]) -> list[str]:
    """The tenants that have topics among `existing`, a Kafka's topics."""
    published = topics.KNOWLEDGE_PUBLISHED
    names = (published.tenant_of(name) for name in existing if re.match(published.pattern, name))
    return sorted(name for name in names if name is not None)


def check_topic(topic: Topic[Payload], tenant: str, existing: Collection[str]) -> None:
    """Raise `ClientError` where `tenant` has no such topic among `existing`.

    Sending there would wait in vain, and some Kafkas would make up the topic.
    """
    if topic.of(tenant) in existing:
        return
    known = known_tenants(existing)
    if tenant in known:
        raise ClientError(f"The tenant {tenant} has no topic {topic.name}: it has no cases.")
    others = f"it has {', '.join(known)}" if known else "it has none yet"
    raise ClientError(
        f"This Kafka has no tenant {tenant}; {others}. Correct the name, or create the tenant's "
        f"topics with `sidemand topics create --tenant {tenant}`."
    )
