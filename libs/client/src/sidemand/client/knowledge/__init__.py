"""Where knowledge comes from: law files, and folders of documents."""

from pathlib import Path

from sidemand.client.errors import ClientError
from sidemand.client.knowledge.folder import Folder
from sidemand.client.knowledge.law import LawFile, provision_id, provision_of
from sidemand.client.knowledge.source import KnowledgeSource, Skipped

__all__ = [
    "Folder",
    "KnowledgeSource",
    "LawFile",
    "Skipped",
    "knowledge_at",
    "provision_id",
    "provision_of",
]


def knowledge_at(path: Path, tenant: str) -> KnowledgeSource:
    """Open a law file (`.jsonl`, `.jsonl.gz`), a folder or a single document.

    `tenant` owns the documents that name no other; law belongs to all. Raises `ClientError`.
    """
    if not path.exists():
        raise ClientError(f"{path} does not exist: check the path.")
    if path.is_file() and path.name.endswith((".jsonl", ".jsonl.gz")):
        return LawFile(path)
    return Folder(path, tenant)
