"""The registries of tenants and legal bases, and what their mistakes are answered with."""

from pathlib import Path

import pytest
from sidemand.ingestion.kle import is_kle
from sidemand.ingestion.legal_basis import LegalBasisRegistry
from sidemand.ingestion.registry_file import RegistryError
from sidemand.ingestion.tenants import Tenants

_SAMPLES = Path(__file__).parents[3] / "samples"


@pytest.fixture
def tenants(tenants_file: Path) -> Tenants:
    return Tenants.load(tenants_file)


@pytest.fixture
def registry(legal_basis_file: Path, tenants: Tenants) -> LegalBasisRegistry:
    return LegalBasisRegistry.load(legal_basis_file, tenants)


def test_a_listed_purpose_has_its_ground(registry: LegalBasisRegistry) -> None:
    found = registry.find("storaadal", "27.36.04", "partshoering")

    assert found is not None
    assert found.title == "Partshøring"
    assert found.hjemmel == ("forvaltningsloven",)


@pytest.mark.parametrize(
    ("tenant", "kle", "purpose"),
    [
        ("storaadal", "27.36.04", "kreditvurdering"),
        ("storaadal", "27.36.04", "partshoerin"),
        ("storaadal", "27.36.04", "plan"),
        ("storaadal", "01.03.05", "plan"),
        ("faelles", "27.36.04", "partshoering"),
        ("ukendt", "27.36.04", "partshoering"),
    ],
)
def test_what_is_not_listed_is_refused(
    registry: LegalBasisRegistry, tenant: str, kle: str, purpose: str
) -> None:
    assert registry.find(tenant, kle, purpose) is None


@pytest.mark.parametrize("kle", ["01.02", "01.02.05"])
def test_a_kle_group_covers_its_subjects(registry: LegalBasisRegistry, kle: str) -> None:
    assert registry.find("storaadal", kle, "plan") is not None


@pytest.mark.parametrize(
    "kle", ["", "7", "27.3", "27.36.4", "27.36.04.01", "27-36-04", "٢٧", "27.36.04\n"]
)
def test_a_number_of_another_form_is_no_kle(kle: str) -> None:
    assert not is_kle(kle)


@pytest.mark.parametrize("kle", ["27", "27.36", "27.36.04"])
def test_main_group_group_and_subject_are_kle(kle: str) -> None:
    assert is_kle(kle)


def test_a_folder_holds_a_file_for_each_municipality(tmp_path: Path, tenants: Tenants) -> None:
    folder = tmp_path / "registers"
    folder.mkdir()
    for slug, purpose in (("storaadal", "plan"), ("vesterhede", "skole")):
        (folder / f"{slug}.yaml").write_text(
            f"tenants: [{slug}]\nentries:\n"
            f"  - {{purpose: {purpose}, title: T, phase: drift, hjemmel: [L]}}\n"
        )
    registry = LegalBasisRegistry.load(folder, tenants)

    assert registry.find("vesterhede", "17.00", "skole")
    assert registry.find("storaadal", "17.00", "skole") is None


def test_the_samples_are_in_order() -> None:
    tenants = Tenants.load(_SAMPLES / "tenants.yaml")
    registry = LegalBasisRegistry.load(_SAMPLES / "legal-basis.yaml", tenants)

    assert registry.find("vesterhede", "27.60.00", "sygedagpenge")
    assert registry.find("vesterhede", "27.60.00", "profilering-af-borgere") is None


_HEAD = "tenants: [storaadal]\nentries:\n"
_GOOD = "  - {purpose: plan, title: Planer, phase: drift, hjemmel: [planloven]}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has to begin with a name and a colon"),
        ("- a\n", "has to begin with a name and a colon"),
        ("tenants: [storaadal]\n", "has no list entries: add entries:"),
        ("tenants: storaadal\nentries: []\n", "line 1: tenants has to be a list"),
        ("tenants: [{a: b}]\nentries: []\n", "line 1: tenants is a list of words"),
        ("tenants: [storadal]\nentries: []\n", "for the tenant storadal, which is not registered"),
        (_HEAD + "  - {purpose: plan\n", "line 4, column 1: this is no YAML"),
        (_HEAD + _GOOD + "  - plan\n", "line 4, entry 2: an entry is a mapping"),
        (
            _HEAD + _GOOD + "  - {purpose: skole, title: Skole, phase: drift}\n",
            "line 4, entry 2: the field hjemmel is missing; add it",
        ),
        (_HEAD + _GOOD.replace("title", "titel"), "the field title is missing; add it"),
        (_HEAD + _GOOD.replace("}", ", klee: [1]}"), "the field klee is unknown"),
        (_HEAD + _GOOD.replace("[planloven]", "planloven"), "hjemmel has to be a list"),
        (_HEAD + _GOOD.replace("[planloven]", "[]"), "the field hjemmel is empty"),
        (_HEAD + _GOOD.replace("}", ", kle: [27.36]}"), "kle.0 has to be text; write it in quotes"),
        (_HEAD + _GOOD.replace("}", ', kle: ["27.3"]}'), "a KLE number is written 27, 27.36 or"),
        (_HEAD + _GOOD.replace("drift", "prøve"), "the field phase is wrong"),
        (_HEAD + _GOOD + _GOOD, "line 4, entry 2: plan is listed twice for storaadal"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_what_to_do(
    tmp_path: Path, tenants: Tenants, text: str, says: str
) -> None:
    path = tmp_path / "register.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(RegistryError) as caught:
        LegalBasisRegistry.load(path, tenants)

    assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_names_the_setting(tmp_path: Path, tenants: Tenants) -> None:
    with pytest.raises(RegistryError, match="let INGESTION_LEGAL_BASIS name another"):
        LegalBasisRegistry.load(tmp_path / "none.yaml", tenants)
    with pytest.raises(RegistryError, match="let INGESTION_TENANTS name another"):
        Tenants.load(tmp_path / "none.yaml")


def test_an_empty_folder_is_a_mistake(tmp_path: Path, tenants: Tenants) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(RegistryError, match=r"holds no \.yaml file"):
        LegalBasisRegistry.load(tmp_path / "empty", tenants)


def test_a_file_that_is_not_utf_8_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "tenants.yaml"
    path.write_bytes("tenants: [{name: Storådal}]".encode("latin-1"))

    with pytest.raises(RegistryError, match="has to be a text file in UTF-8"):
        Tenants.load(path)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{slug: Storådal, name: S, cvr: "99000010"}', "the field slug is wrong"),
        ("{slug: storaadal, name: S, cvr: 99000010}", "cvr has to be text; write it in quotes"),
        ('{slug: storaadal, name: S, cvr: "9900001"}', "the field cvr is wrong"),
    ],
)
def test_a_mistaken_tenant_is_named(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "tenants.yaml"
    path.write_text(f"tenants:\n  - {line}\n", "utf-8")

    with pytest.raises(RegistryError, match=f"line 2, entry 1: .*{says}"):
        Tenants.load(path)


def test_a_tenant_may_stand_there_once(tmp_path: Path) -> None:
    path = tmp_path / "tenants.yaml"
    line = '  - {slug: storaadal, name: S, cvr: "99000010"}\n'
    path.write_text("tenants:\n" + line + line, "utf-8")

    with pytest.raises(RegistryError, match="line 3, entry 2: storaadal stands there twice"):
        Tenants.load(path)
