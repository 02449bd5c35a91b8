"""Why content cannot be read."""

from typing import Literal

Fault = Literal[
    "too_large",
    "text_too_long",
    "empty",
    "too_tangled",
    "not_text",
    "pdf_broken",
    "pdf_locked",
    "pdf_without_text",
    "docx_broken",
    "docx_too_large",
    "missing",
    "damaged",
    "foreign",
]
"""`missing`, `damaged` and `foreign` are about a file in the object store: it is not there, it is
not the one that was meant, or it lies where this case or document has no business."""


class UnreadableError(Exception):
    """The content can never be read as it is. `fault` says why; nothing of the content is told."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault
