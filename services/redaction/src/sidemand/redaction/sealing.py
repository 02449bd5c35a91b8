"""A case's key at work: sealed values, lookups that tell nothing, and codes of tokens.

AES-256-GCM (NIST SP 800-38D) with random nonces; three keys derived from the case's key by HKDF
(RFC 5869). Whoever destroys the case's key destroys the values, the lookups and the codes.
"""

import hashlib
import hmac
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sidemand.redaction.ports import VaultSealed
from sidemand.redaction.spans import Kind
from sidemand.redaction.tokens import Token, make_token
from sidemand.schemas.identity import CaseRef

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


def new_key() -> bytes:
    """A fresh random key of 256 bits."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, value: bytes, context: bytes) -> bytes:
    """Encrypt `value`; it opens only with the same `key` and `context`. Nonce comes first."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, value, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """The value again. Raises `VaultSealed`."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError):
        raise VaultSealed("a value of the vault does not open with its key") from None


def forgotten_name(case: CaseRef) -> bytes:
    """The name under which an erased case is remembered."""
    return hashlib.sha256(f"sidemand erased case {case.key}".encode()).digest()


class CaseKey:
    """The keys of one case."""

    def __init__(self, case: CaseRef, key: bytes) -> None:
        self._context = case.key.encode()
        self._values = _derive(key, b"values")
        self._lookups = _derive(key, b"lookups")
        self._codes = _derive(key, b"codes")

    def seal_value(self, token: Token, value: str) -> bytes:
        """`value` encrypted, bound to the case and to `token`."""
        return seal(self._values, value.encode(), self._bound(token))

    def open_value(self, token: Token, sealed: bytes) -> str:
        """The value again. Raises `VaultSealed` where it belongs to another token or case."""
        return unseal(self._values, sealed, self._bound(token)).decode()

    def lookup(self, kind: Kind, form: str) -> bytes:
        """32 bytes by which a form of a value is found without saying what it is."""
        return hmac.digest(self._lookups, f"{kind}|{form}".encode(), "sha256")

    def token(self, kind: Kind, form: str, attempt: int) -> Token:
        """The token of an entity by its compared form; the next `attempt` where it is taken."""
        secret = hmac.digest(self._codes, f"{kind}|{form}|{attempt}".encode(), "sha256")
        return make_token(kind, secret)

    def _bound(self, token: Token) -> bytes:
        return self._context + b"|" + str(token).encode()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"sidemand vault " + purpose).derive(key)
