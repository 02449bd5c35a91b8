"""What the client raises by itself."""


class ClientError(Exception):
    """A sentence for whoever uses the client: what is wrong and what to do.

    It holds no personal data: fields are named, their values are not repeated.
    """
