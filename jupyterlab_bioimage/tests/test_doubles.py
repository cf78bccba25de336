"""The doubles of the archives have the shapes of recorded answers and every quirk that is known of the services."""

from __future__ import annotations

import json

import pytest

from .doubles import RECORDED, Doubles
from .doubles import load_recorded as load


class TestBioStudies:
    """Quirks of BioStudies."""

    def test_page_size_is_clamped_to_100_without_an_error(self, doubles: Doubles) -> None:
        doubles.control(biostudies={"many": 300})
        answer = doubles.ask("/biostudies/api/v1/bioimages/search?pageSize=5000").json
        assert (answer["pageSize"], len(answer["hits"])) == (100, 100)

    def test_a_total_above_1000_is_an_estimate_that_drifts(self, doubles: Doubles) -> None:
        doubles.control(biostudies={"many": 4000})
        answers = [doubles.ask("/biostudies/api/v1/search?pageSize=1").json for _ in range(2)]
        assert not any(answer["isTotalHitsExact"] for answer in answers)
        assert answers[0]["totalHits"] != answers[1]["totalHits"]
        doubles.control()
        assert doubles.ask("/biostudies/api/v1/search").json["isTotalHitsExact"]

    def test_an_empty_result_of_the_old_server_has_no_hits_at_all(self, doubles: Doubles) -> None:
        path = "/biostudies/api/v1/bioimages/search?query=qqqqqq"
        assert doubles.ask(path).json["hits"] == []
        doubles.control(biostudies={"mode": "old"})
        answer = doubles.ask(path).json
        assert "hits" not in answer
        assert answer["suggestion"]

    def test_only_a_query_brings_a_snippet(self, doubles: Doubles) -> None:
        found = doubles.ask("/biostudies/api/v1/bioimages/search?query=zebrafish").json["hits"]
        assert all("highlight" in hit["content"] and isinstance(hit["author"], str) for hit in found)
        assert all("content" not in hit for hit in doubles.ask("/biostudies/api/v1/bioimages/search").json["hits"])

    def test_queries_know_phrases_stars_fields_and_escapes(self, doubles: Doubles) -> None:
        def found(query: str) -> list[str]:
            answer = doubles.ask(f"/biostudies/api/v1/bioimages/search?query={query}").json
            return [hit["accession"] for hit in answer["hits"]]

        assert found('"recording of a zebrafish"') == ["S-BIAD90001"]
        assert "S-BIAD90001" in found("zebraf*")
        assert found("accession:S-BIAD1492") == found("S\\-BIAD1492") == ["S-BIAD1492"]
        assert len(found("accession:S-BIAD1492 OR accession:S-BIAD599")) == 2
        assert found("zebrafish -zebrafish") == []

    def test_chosen_facets_are_echoed_and_ored(self, doubles: Doubles) -> None:
        chosen = "facet.released_year=2026&facet.released_year[]=2025"
        answer = doubles.ask(f"/biostudies/api/v1/bioimages/search?{chosen}").json
        assert answer["facets"] == {"facet.released_year": ["2026", "2025"]}
        assert {hit["release_date"][:4] for hit in answer["hits"]} == {"2025", "2026"}

    def test_facets_are_those_of_the_registry_and_one_can_be_had_whole(self, doubles: Doubles) -> None:
        names = {one["name"] for one in doubles.ask("/biostudies/api/v1/bioimages/facets").json}
        registry = {one["name"] for one in load("biostudies", "ribs-tests", "collection-fields.json")["public"]}
        assert names <= registry
        years = doubles.ask("/biostudies/api/v1/bioimages/facets/facet.released_year/").json
        assert {"name", "value", "hits"} == set(years["children"][0])
        kinds = doubles.ask("/biostudies/api/v1/bioimages/facets/facet.file_type/").json
        assert "n/a" in [one["value"] for one in kinds["children"]]

    def test_a_study_comes_in_three_ways(self, doubles: Doubles) -> None:
        path, whole = "/biostudies/api/v1/studies/s-biad1492", load("biostudies", "studies", "S-BIAD1492.json")
        assert doubles.ask(path).json == whole
        doubles.control(biostudies={"study": "302"})
        answer = doubles.ask(path)
        assert answer.status == 302
        place = answer.headers["Location"]
        assert place.endswith("/biostudies-ftp/biostudies/fire/S-BIAD/492/S-BIAD1492/S-BIAD1492.json")
        assert doubles.ask(place.removeprefix(doubles.url)).json == whole
        doubles.control(biostudies={"study": "link"})
        link = doubles.ask(path).json
        assert link == {"ftpHttp_link": "https://ftp.ebi.ac.uk/biostudies/fire/S-BIAD/492/S-BIAD1492/"}

    def test_absent_and_private_studies_say_so(self, doubles: Doubles) -> None:
        absent = doubles.ask("/biostudies/api/v1/studies/S-BIAD0")
        assert (absent.status, absent.json) == (404, {"errorMessage": "Study not found"})
        private = doubles.ask("/biostudies/api/v1/studies/S-BIAD90403")
        assert (private.status, private.json) == (403, {"errorMessage": "Study not accessible"})
        assert doubles.ask("/biostudies/api/v1/files/S-BIAD90403").status == 403

    def test_info_of_an_unknown_study_is_an_empty_object(self, doubles: Doubles) -> None:
        answer = doubles.ask("/biostudies/api/v1/studies/S-BIAD0/info")
        assert (answer.status, answer.json) == (200, {})

    def test_info_has_the_shape_of_the_recorded_one(self, doubles: Doubles) -> None:
        recorded = load("biostudies", "made-by-project", "biad_v4", "S-BIADTEST_INFO.json")
        answer = doubles.ask("/biostudies/api/v1/studies/S-BIAD1492/info").json
        assert {name: type(value) for name, value in answer.items()} == {n: type(v) for n, v in recorded.items()}
        assert set(answer["columns"][0]) == set(recorded["columns"][0])
        assert answer["relPath"] == "S-BIAD/492/S-BIAD1492"
        assert answer["released"] > 10**12  # milliseconds

    def test_folders_are_zipped_in_one_kind_of_storage_and_plain_in_the_other(self, doubles: Doubles) -> None:
        def told(accession: str) -> tuple[bool, str]:
            info = doubles.ask(f"/biostudies/api/v1/studies/{accession}/info").json
            return info["hasZippedFolders"], info["httpLink"].removeprefix("https://ftp.ebi.ac.uk/")

        assert told("S-BIAD90001") == (False, "pub/databases/biostudies/S-BIAD/001/S-BIAD90001")
        assert told("S-BIAD90002") == (True, "biostudies/fire/S-BIAD/002/S-BIAD90002")

    def test_the_table_of_files_gives_five_or_all_and_filters_by_column(self, doubles: Doubles) -> None:
        path = "/biostudies/api/v1/files/S-BIAD1492"
        assert len(doubles.ask(path).json["data"]) == 5
        whole = doubles.ask(f"{path}?length=-1").json
        assert len(whole["data"]) == whole["recordsTotal"] == 13
        low = doubles.ask(f"{path}?length=-1&columns[3][name]=SNR&columns[3][search][value]=low").json
        assert 0 < low["recordsFiltered"] < 13
        assert {row["SNR"] for row in low["data"]} == {"low"}
        assert {"path", "type", "size"} <= set(low["data"][0])

    def test_file_lists_are_those_recorded_and_others_are_not_there(self, doubles: Doubles) -> None:
        recorded = load("biostudies", "file-lists", "S-BIAD1492", "bbc024_images.json")
        assert doubles.ask("/biostudies/files/S-BIAD1492/bbc024_images.json").json == recorded
        assert doubles.ask("/biostudies/files/S-BIAD1043/HiTIPS_paper_data/fig_3/file_list_fig3.json").status == 404

    def test_files_come_with_ranges_or_from_the_ftp_host(self, doubles: Doubles) -> None:
        path = "/biostudies/files/S-BIAD90001/timelapse/measurements.csv"
        whole = doubles.ask(path)
        tag = whole.headers["ETag"]
        assert "Access-Control-Allow-Origin" not in whole.headers
        assert doubles.ask(path, Range="bytes=2-5").body == whole.body[2:6]
        assert doubles.ask(path, Range="bytes=-4").body == whole.body[-4:]
        assert doubles.ask(path, Range="bytes=900000-").status == 416
        assert doubles.ask(path, If_None_Match=tag).status == 304
        assert doubles.ask(path, If_Match='"other"').status == 412
        assert doubles.ask(path, "HEAD").status == 200
        doubles.control(biostudies={"bytes": "302"})
        moved = doubles.ask(path)
        assert moved.status == 302
        assert doubles.ask(moved.headers["Location"].removeprefix(doubles.url)).body == whole.body
        # The documents of the study itself are never sent on.
        assert doubles.ask("/biostudies/files/S-BIAD90001/S-BIAD90001.json").status == 200

    def test_a_refused_agent_gets_plain_text(self, doubles: Doubles) -> None:
        path = "/biostudies/api/v1/studies/S-BIAD1492"
        assert doubles.ask(path, User_Agent="libwww-perl/6").type == "text/plain"
        doubles.control(biostudies={"agent": "refused"})
        answer = doubles.ask(path)
        assert (answer.status, answer.type) == (403, "text/plain")

    def test_thumbnails_are_pictures_or_a_bare_status(self, doubles: Doubles) -> None:
        assert doubles.ask("/biostudies/thumbnail/S-BIAD90001/cells/overview=50%25.png").type == "image/png"
        assert doubles.ask("/biostudies/thumbnail/S-BIAD90001/none.png")[::2] == (404, b"")

    def test_a_list_can_be_very_long(self, doubles: Doubles) -> None:
        doubles.control(biostudies={"files": 100_000})
        assert len(doubles.ask("/biostudies/files/S-BIAD90004/many.json").json) == 100_000

    @pytest.mark.parametrize(
        ("path", "key"),
        [
            ("pub/databases/biostudies/S-BIAD/001/S-BIAD90001/Files/timelapse/stack-zt.ome.zarr", ".zattrs"),
            ("biostudies/fire/S-BIAD/002/S-BIAD90002/Files/well A1/cells-2d.ome.zarr.zip", ""),
            ("pub/databases/biostudies/S-BIAD/003/S-BIAD90003/Files/screen/plate-2x3.ome.zarr", ".zattrs"),
        ],
    )
    def test_invented_lists_lead_to_zarr(self, doubles: Doubles, path: str, key: str) -> None:
        whole = f"{path}/{key}".rstrip("/")
        bodies = [doubles.ask(f"/{root}/{whole}") for root in ("biostudies-ftp", "storage")]
        assert [one.status for one in bodies] == [200, 200]
        assert bodies[0].body == bodies[1].body
        assert bodies[0].body.startswith(b"{" if key else b"PK")


class TestBioImageArchive:
    """Quirks of API v2 and of the search."""

    def test_every_recorded_object_is_answered_as_it_is(self, doubles: Doubles) -> None:
        files = [one for one in sorted((RECORDED / "bia-api").glob("*/*/**/*.json")) if "views" not in one.parts]
        assert len(files) > 30
        for file in files:
            kind, body = file.relative_to(RECORDED / "bia-api").parts[1], json.loads(file.read_text())
            assert doubles.ask(f"/bia/{kind}/{body['uuid']}").json == body

    def test_pages_go_by_uuid_and_need_a_size(self, doubles: Doubles) -> None:
        missing = doubles.ask("/bia/search/file_reference")
        assert missing.status == 422
        assert missing.json["detail"][0]["loc"] == ["query", "page_size"]
        whole = [one["uuid"] for one in doubles.ask("/bia/search/file_reference?page_size=1000").json]
        assert whole == sorted(whole)
        first = doubles.ask("/bia/search/file_reference?page_size=3").json
        rest = doubles.ask(f"/bia/search/file_reference?page_size=1000&start_from_uuid={first[-1]['uuid']}").json
        assert [one["uuid"] for one in [*first, *rest]] == whole

    def test_an_unknown_accession_is_null(self, doubles: Doubles) -> None:
        assert doubles.ask("/bia/search/study/accession?accession_id=S-BIAD0").json is None
        assert doubles.ask("/bia/search/study/accession?accession_id=S-BIAD1556").json["accession_id"] == "S-BIAD1556"
        assert (
            doubles.ask(f"/bia/study/{'0' * 8}-0000-0000-0000-{'0' * 12}").json["detail"].startswith("Could not find")
        )

    def test_children_are_linked_from_study_to_representation(self, doubles: Doubles) -> None:
        study = doubles.ask("/bia/search/study/accession?accession_id=S-BIAD1495").json
        (dataset,) = doubles.ask(f"/bia/study/{study['uuid']}/dataset?page_size=10").json
        images = doubles.ask(f"/bia/dataset/{dataset['uuid']}/image?page_size=10").json
        assert len(images) == doubles.ask(f"/bia/dataset/{dataset['uuid']}/stats").json["image_count"] == 5
        for image in images:
            (one,) = doubles.ask(f"/bia/image/{image['uuid']}/image_representation?page_size=10").json
            key = one["file_uri"][0].removeprefix("https://livingobjects.ebi.ac.uk/")
            assert doubles.ask(f"/storage/{key}/.zattrs").status == 200

    def test_too_many_requests_can_be_said_a_number_of_times(self, doubles: Doubles) -> None:
        doubles.control(fail={"bia": {"status": 429, "times": 1}})
        answers = [doubles.ask("/bia/search/study?page_size=1") for _ in range(2)]
        assert [one.status for one in answers] == [429, 200]
        assert answers[0].json == {"message": "Too Many Requests"}

    def test_addresses_can_be_those_of_the_old_host(self, doubles: Doubles) -> None:
        path = "/bia/search/image_representation?page_size=1000"
        assert b"uk1s3" not in doubles.ask(path).body
        doubles.control(bia={"host": "old"})
        assert b"https://uk1s3.embassy.ebi.ac.uk/bia-integrator-data/" in doubles.ask(path).body

    def test_any_origin_may_read_the_api_and_none_the_search(self, doubles: Doubles) -> None:
        origin = {"Origin": "https://example.org"}
        assert doubles.ask("/bia/search/study?page_size=1", **origin).headers["Access-Control-Allow-Origin"]
        assert "Access-Control-Allow-Origin" not in doubles.ask("/bia-search/search/fts?query=a", **origin).headers

    def test_hits_hold_the_recorded_documents(self, doubles: Doubles) -> None:
        answer = doubles.ask("/bia-search/website/browse/study?pagination.page_size=100").json
        recorded = load("bia-search", "bia-study-metadata.json")
        assert {hit["_source"]["accession_id"]: hit["_source"] for hit in answer["hits"]["hits"]} == recorded
        images = doubles.ask("/bia-search/website/browse/image?pagination.page_size=100").json["hits"]["hits"]
        sources = {hit["_source"]["uuid"]: hit["_source"] for hit in images}
        assert all(sources[name] == body for name, body in load("bia-search", "bia-image-metadata.json").items())

    def test_both_sets_of_routes_are_there_or_only_one(self, doubles: Doubles) -> None:
        old, new = "/bia-search/search/fts?query=cells", "/bia-search/website/browse/study?query=cells"
        assert doubles.ask(old).json == doubles.ask(new).json
        for setting, statuses in (("old", [200, 404]), ("new", [404, 200])):
            doubles.control(bia_search={"endpoints": setting})
            assert [doubles.ask(path).status for path in (old, new)] == statuses

    def test_keys_of_facets_are_lower_case_and_years_are_written_out(self, doubles: Doubles) -> None:
        facets = doubles.ask("/bia-search/website/browse/study").json["facets"]
        assert "homo sapiens" in [one["key"] for one in facets["scientific_name"]["buckets"]]
        assert "2025" in [one["key_as_string"] for one in facets["release_date"]["buckets"]]
        chosen = doubles.ask("/bia-search/website/browse/study?facet.organism=Homo sapiens&facet.year=2025").json
        assert 0 < chosen["hits"]["total"]["value"] < 5

    def test_totals_can_be_lower_bounds_and_hits_are_marked(self, doubles: Doubles) -> None:
        doubles.control(bia_search={"relation": "gte"})
        answer = doubles.ask("/bia-search/search/fts?query=puncta").json
        assert answer["hits"]["total"]["relation"] == "gte"
        assert "__HIT__Puncta__/HIT__" in answer["hits"]["hits"][0]["highlight"]["title"][0]

    def test_page_1001_is_not_understood(self, doubles: Doubles) -> None:
        assert doubles.ask("/bia-search/website/browse/study?pagination.page=1000").status == 200
        for wrong in ("pagination.page=1001", "pagination.page_size=101"):
            assert doubles.ask(f"/bia-search/website/browse/study?{wrong}").status == 422
