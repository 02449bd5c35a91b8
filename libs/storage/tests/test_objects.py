from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sidemand.schemas.text import ContentRef
from sidemand.storage import ClaimStore, Objects
from sidemand.storage.claims import claims_prefix, content_path
from sidemand.storage.errors import (
    AddressRefused,
    ObjectDamaged,
    ObjectMissing,
    PathRefused,
    StoreUnreachable,
)
from sidemand.testing.bucket import ADDRESS, bucket


@pytest.fixture(params=["folder", "memory", "bucket"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Objects]:
    if request.param == "bucket":
        with bucket():
            yield Objects.at(f"{ADDRESS}/prefix")
    else:
        scheme = "memory" if request.param == "memory" else "file"
        yield Objects.at(f"{scheme}://{tmp_path}/o")


async def test_what_was_written_is_read_unchanged(objects: Objects) -> None:
    body = "Kære Storådal – æøå".encode() * 1000

    ref = await objects.put("content/storaadal/1/brev.txt", body)

    assert ref.size == len(body)
    assert await objects.get(ref) == body


async def test_writing_again_replaces(objects: Objects) -> None:
    await objects.put("content/storaadal/1/brev", b"foer")
    ref = await objects.put("content/storaadal/1/brev", b"efter")

    assert await objects.get(ref) == b"efter"


async def test_an_object_of_another_size_is_damaged(objects: Objects) -> None:
    ref = await objects.put("a/b", b"hel")
    await objects.put("a/b", b"halv")

    with pytest.raises(ObjectDamaged, match="has 4 bytes, its reference says 3"):
        await objects.get(ref)


async def test_an_object_with_other_bytes_is_damaged(objects: Objects) -> None:
    ref = await objects.put("a/b", b"hel")
    await objects.put("a/b", b"hul")

    with pytest.raises(ObjectDamaged, match="SHA-256"):
        await objects.get(ref)


async def test_a_missing_object_says_what_to_do(objects: Objects) -> None:
    with pytest.raises(ObjectMissing, match="before its event"):
        await objects.get(ContentRef(uri="a/b", sha256="0" * 64, size=3))


async def test_deleting_a_prefix_takes_whole_segments_only(objects: Objects) -> None:
    for path in ("sag/1/a", "sag/1/b/c", "sag/12/a"):
        await objects.put(path, b"x")

    assert await objects.delete_prefix("sag/1/") == 2
    assert await objects.delete_prefix("sag/1") == 0
    assert await objects.delete_prefix("sag") == 1


@pytest.mark.parametrize(
    "path",
    ["", "/", "../hemmeligt", "a//b", "a/../b", "a/./b", "/etc/passwd", "a\\b", "a/\n", "a\0b"],
)
async def test_a_path_that_leads_elsewhere_is_refused(objects: Objects, path: str) -> None:
    with pytest.raises(PathRefused):
        await objects.put(path, b"x")
    with pytest.raises(PathRefused):
        await objects.get(ContentRef(uri=path, sha256="0" * 64, size=1))
    with pytest.raises(PathRefused):
        await objects.delete_prefix(path)


async def test_a_folder_outlives_the_store_that_wrote_it(tmp_path: Path) -> None:
    ref = await Objects.at(f"file://{tmp_path}/var").put("a/b", b"x")

    assert await Objects.at(f"file://{tmp_path}/var").get(ref) == b"x"


async def test_a_memory_is_shared_by_its_name(tmp_path: Path) -> None:
    ref = await Objects.at(f"memory://{tmp_path}").put("a/b", b"x")

    assert await Objects.at(f"memory://{tmp_path}").get(ref) == b"x"
    with pytest.raises(ObjectMissing):
        await Objects.at(f"memory://{tmp_path}/other").get(ref)


async def test_a_relative_folder_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    await Objects.at("file://./var/objects").put("a/b", b"x")

    assert (tmp_path / "var/objects/a/b").read_bytes() == b"x"


@pytest.mark.parametrize("url", ["", "folder", "ftp://host", "file://", "s3://"])
def test_an_unknown_address_says_what_to_write(url: str) -> None:
    with pytest.raises(AddressRefused, match="file://folder, s3://bucket/prefix or memory://"):
        Objects.at(url)


def test_a_file_in_the_way_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("")

    with pytest.raises(AddressRefused, match="cannot be made or opened"):
        Objects.at(f"file://{tmp_path}/objects/deep")


async def test_a_server_that_is_away_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "invented")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
    monkeypatch.setenv("AWS_REGION", "eu-north-1")

    with pytest.raises(StoreUnreachable, match="did not read"):
        await Objects.at("s3://spand").get(ContentRef(uri="a/b", sha256="0" * 64, size=1))


async def test_a_claim_lies_under_topic_tenant_and_subject(objects: Objects) -> None:
    claims = ClaimStore(objects)
    prefix = claims_prefix("casework.event.published.v1", "storaadal", "7d3c")

    ref = await claims.put(prefix, "id-1", b"stor")

    assert prefix == "claims/casework.event.published.v1/storaadal/7d3c"
    assert ref.uri == f"{prefix}/id-1/{ref.sha256}"
    assert await claims.get(ref) == b"stor"
    assert await claims.erase(prefix) == 1


async def test_an_id_that_is_used_again_leaves_the_first_body_alone(objects: Objects) -> None:
    claims = ClaimStore(objects)

    first = await claims.put(claims_prefix("t.v1", "storaadal", "1"), "id-1", b"en")
    other = await claims.put(claims_prefix("t.v1", "storaadal", "1"), "id-1", b"to")

    assert await claims.get(first) == b"en"
    assert await claims.get(other) == b"to"


async def test_a_claim_cannot_name_anything_else_in_the_store(objects: Objects) -> None:
    file = await objects.put(content_path("storaadal", "1", "brev"), b"x")

    with pytest.raises(PathRefused):
        await ClaimStore(objects).get(file)
    with pytest.raises(PathRefused):
        await ClaimStore(objects).erase("content/storaadal")
    with pytest.raises(PathRefused):
        await ClaimStore(objects).put("content/storaadal/1", "brev", b"y")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(event_id=st.text(min_size=1, max_size=200))
async def test_any_event_id_makes_a_path(event_id: str) -> None:
    claims = ClaimStore(Objects.at("memory://"))

    ref = await claims.put(claims_prefix("t.v1", "storaadal", "1"), event_id, b"x")

    assert await claims.get(ref) == b"x"
    assert ref.uri.count("/") == 5
