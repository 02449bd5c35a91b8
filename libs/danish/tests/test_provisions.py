from hypothesis import given
from hypothesis import strategies as st
from sidemand.danish.provisions import subsections

PROVISION = (
    "§ 8. Parten kan lade sig bistå. Stk. 2. Stk. 1 gælder ikke, jf. § 9, stk. 3. "
    "Stk. 3-4. (Udelades) Stk. 5. Loven siger: »Stk. 6. Andet.«"
)


def test_marks_divide_a_provision_and_references_do_not() -> None:
    parts = {part.locator("§ 8"): part.span.of(PROVISION) for part in subsections(PROVISION)}
    assert parts == {
        "§ 8, stk. 1": "§ 8. Parten kan lade sig bistå.",
        "§ 8, stk. 2": "Stk. 2. Stk. 1 gælder ikke, jf. § 9, stk. 3.",
        "§ 8, stk. 3-4": "Stk. 3-4. (Udelades)",
        "§ 8, stk. 5": "Stk. 5. Loven siger: »Stk. 6. Andet.«",
    }


def test_a_provision_without_marks_is_one_part_without_number() -> None:
    text = "§ 3. Rigsarkivet ledes af rigsarkivaren."
    (part,) = subsections(text)
    assert (part.numbers, part.span.of(text), part.locator("§ 3")) == (None, text, "§ 3")


@given(st.text(alphabet="Stk. 123-A\n", max_size=80))
def test_parts_cover_all_that_is_no_white_space(text: str) -> None:
    covered = "".join(part.span.of(text) for part in subsections(text))
    assert "".join(covered.split()) == "".join(text.split())
