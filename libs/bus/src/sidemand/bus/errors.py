"""How a handler says that it cannot go on. The error carries the decision."""


class BusError(Exception):
    """What the bus itself raises; its text is a sentence for the operator."""


class Transient(Exception):
    """A dependency is away: the event waits under its key and is tried again.

    Never leads to a dead letter. `reason` names the dependency and holds no personal data.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Poison(Exception):
    """The event can never be handled: it goes to the dead letters at once.

    `code` is a short word such as `pdf_without_text`; `detail` a sentence for the operator
    that holds no personal data.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
