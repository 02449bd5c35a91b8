"""The tenants' keys: where they come from, and how one is replaced.

`python -m sidemand.redaction.keys rotate TENANT` makes a new key and wraps the tenant's case keys
with it; `… retire TENANT` then forgets the older ones. Both may run beside the service, and again.
"""

import argparse
import asyncio
import sys

from sidemand.bus.errors import Transient
from sidemand.redaction.adapters.environment_keys import EnvironmentKeys, KeySettingUnusable
from sidemand.redaction.adapters.file_keys import FileKeys, KeyFileUnusable
from sidemand.redaction.adapters.sql import SqlVault
from sidemand.redaction.ports import KeyProvider, VaultSealed
from sidemand.redaction.settings import Settings


def key_provider(settings: Settings) -> KeyProvider:
    """The keys in the environment where there are some, else in the file.

    Raises `KeySettingUnusable`, `KeyFileUnusable`.
    """
    if settings.tenant_keys:
        return EnvironmentKeys(settings.tenant_keys)
    return FileKeys(settings.key_file)


async def rotate(settings: Settings, tenant: str) -> str:
    """Wrap every case key of `tenant` with a new key; says what was done."""
    keys = key_provider(settings)
    if isinstance(keys, FileKeys):
        keys.add(tenant)
    count = await _rewrapped(settings, keys, tenant)
    return (
        f"{count} case keys of {tenant} are under its newest key now. The older keys are still "
        "there: back up the new one, and then retire them."
    )


async def retire(settings: Settings, tenant: str) -> str:
    """Forget the older keys of `tenant`, once nothing needs them; says what was done."""
    keys = key_provider(settings)
    count = await _rewrapped(settings, keys, tenant)
    done = f"{count} more case keys of {tenant} were wrapped anew, and none needs an older key."
    if not isinstance(keys, FileKeys):
        return f"{done} Take the older ones out of REDACTION_TENANT_KEYS."
    keys.retire(tenant)
    return f"{done} The older ones are gone from {settings.key_file}."


async def _rewrapped(settings: Settings, keys: KeyProvider, tenant: str) -> int:
    vault = SqlVault.at(settings.database, keys)
    try:
        await vault.start()
        return await vault.rewrap(tenant)
    finally:
        await vault.stop()


def main(arguments: list[str]) -> int:
    """Run a command; what cannot be done is one sentence and exit code 1."""
    parser = argparse.ArgumentParser("python -m sidemand.redaction.keys", description=__doc__)
    parser.add_argument("command", choices=["rotate", "retire"])
    parser.add_argument("tenant")
    chosen = parser.parse_args(arguments)
    command = rotate if chosen.command == "rotate" else retire
    try:
        said = asyncio.run(command(Settings(), chosen.tenant))
    except (KeyFileUnusable, KeySettingUnusable) as unusable:
        sys.stderr.write(f"{unusable}\n")
        return 1
    except VaultSealed:
        sys.stderr.write(
            f"A case key of {chosen.tenant} does not open with any of its keys: put the backup of "
            "the keys in their place. Nothing was retired.\n"
        )
        return 1
    except Transient:
        sys.stderr.write("The vault's database does not answer: try again when it does.\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
