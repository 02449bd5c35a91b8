"""What every payload has in common."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen value of the contract.

    Unknown fields are ignored, so that a producer may add one before its consumers know it.
    Validation errors never carry the input: it may be a person's data.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )
