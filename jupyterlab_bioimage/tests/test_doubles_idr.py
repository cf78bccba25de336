"""Quirks of IDR, its search engine, of catalogues and of the storage; and what the doubles tell about themselves."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from .doubles import RECORDED, Doubles, load_recorded

API = "/idr/api/v0/m"
ENGINE = "/idr/searchengine/api/v1/resources"
STORAGE = "/storage/idr/zarr/v0.4/idr0062A/6001240.zarr"
ORIGIN = {"Origin": "https://example.org"}
CORS = "Access-Control-Allow-Origin"


class TestOmero:
    """Quirks of OMERO's interfaces."""

    def test_lists_have_meta_and_clamp_their_limit(self, doubles: Doubles) -> None:
        answer = doubles.ask(f"{API}/screens/?childCount=true&limit=5000").json
        assert answer["meta"] == {"offset": 0, "limit": 1000, "maxLimit": 1000, "totalCount": 88}
        assert len(answer["data"]) == 88
        recorded = load_recorded("idr", "omero-docs-samples", "list-screens.json")["data"][0]
        assert set(recorded) <= set(answer["data"][0])
        assert doubles.ask(f"{API}/projects/").json["meta"]["totalCount"] == 129
        assert "omero:childCount" not in doubles.ask(f"{API}/screens/").json["data"][0]
        assert "meta" not in doubles.ask(f"{API}/screens/102/").json

    def test_a_page_past_the_end_is_empty_and_unknown_parameters_change_nothing(self, doubles: Doubles) -> None:
        assert doubles.ask(f"{API}/screens/?offset=88").json["data"] == []
        assert doubles.ask(f"{API}/screens/?name=nothing").json["meta"]["totalCount"] == 88

    def test_keys_without_a_value_are_left_out(self, doubles: Doubles) -> None:
        project = doubles.ask(f"{API}/projects/?limit=1").json["data"][0]["@id"]
        dataset = doubles.ask(f"{API}/datasets/?project={project}").json["data"][0]["@id"]
        images = doubles.ask(f"{API}/datasets/{dataset}/images/?limit=9").json
        assert {"PhysicalSizeX" in one["Pixels"] for one in images["data"]} == {True, False}
        wells = doubles.ask(f"{API}/plates/4554/wells/").json["data"]
        assert {"WellSamples" in one for one in wells} == {True, False}
        one = doubles.ask(f"{API}/images/{images['data'][0]['@id']}/").json["data"]
        assert "Name" not in one["Pixels"]["Channels"][0]
        assert "Channels" not in images["data"][0]["Pixels"]

    def test_images_have_the_keys_of_the_manual(self, doubles: Doubles) -> None:
        manual = load_recorded("idr", "omero-docs-samples", "list-images.json")["data"][0]
        project = doubles.ask(f"{API}/projects/?limit=1").json["data"][0]
        dataset = doubles.ask(f"{API}/projects/{project['@id']}/datasets/").json["data"][0]
        images = doubles.ask(f"{API}/images/?dataset={dataset['@id']}&limit=6").json["data"]
        keys = {key for one in images for key in one}
        pixels = {key for one in images for key in one["Pixels"]}
        assert set(manual) <= keys
        assert set(manual["Pixels"]) - {"omero:sha1", "PhysicalSizeZ"} <= pixels

    def test_datasets_add_up_to_the_images_that_are_recorded(self, doubles: Doubles) -> None:
        rows = doubles.ask(f"{ENGINE}/container_images/").json["results"]["results"]
        recorded = {one["id"]: one["image count"] for one in rows if one["type"] == "project"}
        found = {}
        for number in recorded:
            sets: list[dict[str, Any]] = []
            total = 1
            while len(sets) < total:
                path = f"{API}/projects/{number}/datasets/?childCount=true&limit=1000&offset={len(sets)}"
                page = doubles.ask(path).json
                sets, total = [*sets, *page["data"]], page["meta"]["totalCount"]
            found[number] = sum(one["omero:childCount"] for one in sets)
            for one in (sets[0], sets[-1]):
                images = doubles.ask(f"{API}/datasets/{one['@id']}/images/?limit=1").json
                assert images["meta"]["totalCount"] == one["omero:childCount"]
        assert found == recorded

    def test_errors_are_json_below_a_route_and_html_elsewhere(self, doubles: Doubles) -> None:
        absent = doubles.ask(f"{API}/screens/999999/", **ORIGIN)
        assert (absent.status, set(absent.json)) == (404, {"message", "stacktrace"})
        unknown = doubles.ask("/idr/api/v0/m/nothing/", **ORIGIN)
        assert (unknown.status, unknown.type) == (404, "text/html")
        assert CORS not in absent.headers
        assert CORS not in unknown.headers
        assert doubles.ask(f"{API}/screens/", **ORIGIN).headers[CORS] == "*"

    def test_numbers_of_screens_and_projects_overlap(self, doubles: Doubles) -> None:
        path = "/idr/webclient/api/annotations/?type=map&screen=51&project=51&screen=102"
        found = doubles.ask(path).json["annotations"]
        parents = [(one["link"]["parent"]["class"], one["link"]["parent"]["id"]) for one in found]
        assert parents == [("ScreenI", 51), ("ScreenI", 102), ("ProjectI", 51)]
        recorded = load_recorded("idr", "omero", "annotations_screen_102_values.json")["values"]
        assert found[1]["values"] == recorded
        assert doubles.ask("/idr/webclient/api/annotations/?type=map&screen=x").status == 500

    def test_plates_of_one_screen_and_one_grid_are_the_recorded_ones(self, doubles: Doubles) -> None:
        recorded = load_recorded("idr", "omero", "plates_screen_102.json")["plates"]
        assert doubles.ask("/idr/webclient/api/plates/?id=102").json["plates"] == recorded
        grid = doubles.ask("/idr/webgateway/plate/4554/0/").json
        cells = [cell["id"] for row in grid["grid"] for cell in row if cell]
        assert cells == [cell["id"] for cell in load_recorded("idr", "omero", "plate_4554_wells.json")["wells"]]
        assert len(grid["rowlabels"]) == len(grid["grid"])
        other = doubles.ask("/idr/webgateway/plate/422/0/").json["grid"]
        assert None in [cell for row in other for cell in row]

    def test_thumbnails_have_one_size_only(self, doubles: Doubles) -> None:
        answer = doubles.ask("/idr/webclient/render_thumbnail/1/")
        assert (answer.status, answer.type, answer.body[:3]) == (200, "image/jpeg", b"\xff\xd8\xff")
        assert doubles.ask("/idr/webclient/render_thumbnail/1/200/").type == "text/html"
        many = doubles.ask("/idr/webgateway/get_thumbnails/?id=1&id=2").json
        assert set(many) == {"1", "2"}
        assert many["1"].startswith("data:image/jpeg;base64,")

    def test_pixels_and_downloads_are_closed(self, doubles: Doubles) -> None:
        assert doubles.ask("/idr/webgateway/render_image/1/0/0/")[::2] == (403, b"")
        login = doubles.ask("/idr/webgateway/archived_files/download/1/")
        assert (login.status, login.type) == (200, "text/html")
        degraded = doubles.ask("/idr/webclient/imgData/122770/").json
        assert set(degraded) == {"Exception", "id", "meta", "perms"}
        doubles.control(idr={"imgData": "whole"})
        assert doubles.ask("/idr/webclient/imgData/122770/").json == load_recorded(
            "idr", "omero", "imgData_122770.json"
        )
        assert doubles.ask("/idr/mapr/api/gene/").status == 302


class TestSearchEngine:
    """Quirks of the search engine."""

    def test_recorded_hits_are_answered(self, doubles: Doubles) -> None:
        answer = doubles.ask(f"{ENGINE}/image/search/?key=Gene Symbol&value=ade8").json["results"]
        recorded = load_recorded("idr", "searchengine", "search_gene_ade8.json")["results"]["results"]
        assert answer["results"] == recorded
        assert (answer["size"], answer["total_pages"]) == (41, 1)

    def test_no_hit_is_a_list_and_not_an_object(self, doubles: Doubles) -> None:
        assert doubles.ask(f"{ENGINE}/image/search/?key=Gene Symbol&value=nothing").json["results"] == []

    def test_errors_come_with_status_200(self, doubles: Doubles) -> None:
        for path in ("image/search/?key=Organism", "image/search/?key=Organism&value=a&operator=like"):
            answer = doubles.ask(f"{ENGINE}/{path}")
            assert (answer.status, list(answer.json)) == (200, ["Error"])
        assert "Error" in doubles.ask(f"{ENGINE}/submitquery/", "POST", {"query_details": {}}).json

    def test_unknown_resources_are_plain_text(self, doubles: Doubles) -> None:
        answer = doubles.ask(f"{ENGINE}/movie/search/?key=a&value=b")
        assert (answer.status, answer.type) == (404, "text/plain")

    def test_bookmarks_lead_through_all_pages(self, doubles: Doubles) -> None:
        one = {"name": "Organism", "value": "Danio rerio", "operator": "equals", "resource": "image"}
        query: dict[str, object] = {"resource": "image", "query_details": {"and_filters": [one]}}
        seen, pages = 0, 0
        while pages < 100:
            results = doubles.ask(f"{ENGINE}/submitquery/", "POST", query).json["results"]
            seen, pages = seen + len(results["results"]), pages + 1
            if results["pagination"]["next_page"] is None:
                break
            query["bookmark"] = results["bookmark"]
        assert (seen, pages) == (61_512, 62)

    def test_some_values_have_more_images_than_anybody_can_list(self, doubles: Doubles) -> None:
        answer = doubles.ask(f"{ENGINE}/image/search/?key=Organism&value=Homo sapiens").json["results"]
        assert (answer["total_pages"], len(answer["results"])) == (13_338, 1000)
        genes = doubles.ask(f"{ENGINE}/image/searchvaluesusingkey/?key=Gene Symbol").json["data"]
        assert len(genes) == 49_753

    def test_values_are_completed_most_images_first(self, doubles: Doubles) -> None:
        answer = doubles.ask(f"{ENGINE}/all/searchvalues/?value=ade8").json
        assert {"Key", "Value", "Number of images", "data_source"} == set(answer["data"][0])
        counts = [one["Number of images"] for one in doubles.ask(f"{ENGINE}/image/searchvalues/?value=ab").json["data"]]
        assert counts == sorted(counts, reverse=True)

    def test_all_containers_come_in_one_answer(self, doubles: Doubles) -> None:
        rows = doubles.ask(f"{ENGINE}/container_images/?data_source=idr").json["results"]["results"]
        assert sum(one["image count"] for one in rows) == 14_084_893
        assert doubles.ask(f"{ENGINE}/submitquery/containers/", "POST", {}).json["results"]["results"] == rows


class TestCatalogues:
    """Tables."""

    @pytest.mark.parametrize("name", ["studies.tsv", "download_urls.tsv"])
    def test_tables_of_idr_are_the_recorded_ones(self, doubles: Doubles, name: str) -> None:
        answer = doubles.ask(f"/idr-tables/_data/{name}")
        assert (answer.type, answer.body) == ("text/plain", (RECORDED / "idr" / "website" / name).read_bytes())

    def test_catalogues_name_other_catalogues_and_have_blank_lines(self, doubles: Doubles) -> None:
        text = doubles.ask("/ngff-challenge/samples/ngff_samples.csv").body.decode()
        rows = list(csv.reader(io.StringIO(text)))
        assert [] in rows
        nested = [row[1] for row in rows if row and row[1].endswith(".csv")]
        names = [one.rpartition("/")[2] for one in nested]
        statuses = [doubles.ask(f"/ngff-challenge/samples/{name}").status for name in names]
        assert statuses == [200] * 7
        assert doubles.ask("/ngff-challenge/samples/idr0090_samples.csv").status == 404

    def test_stale_rows_lead_nowhere_and_their_new_place_does(self, doubles: Doubles) -> None:
        text = doubles.ask("/ngff-challenge/samples/ebi-ngff-challenge-samples.csv").body.decode()
        for row in csv.DictReader(io.StringIO(text)):
            key = row["url"].removeprefix("https://livingobjects.ebi.ac.uk/")
            assert doubles.ask(f"/storage/{key}/zarr.json").status == 404
            assert doubles.ask(f"/storage/bioimaging-01-pub/{key}/zarr.json").status == 200

    def test_cells_can_be_empty_and_addresses_odd(self, doubles: Doubles) -> None:
        rows = list(csv.DictReader(io.StringIO(doubles.ask("/ngff-samples/_data/table.csv").body.decode())))
        assert any(row["SizeX"] == "" for row in rows)
        assert any(row["File Path"].endswith("/") and " " in row["File Path"] for row in rows)
        for row in rows:
            key = row["File Path"].removeprefix("https://livingobjects.ebi.ac.uk/").rstrip("/")
            found = {doubles.ask(f"/storage/{key}/{name}").status for name in (".zattrs", "zarr.json")}
            assert (200 in found) == ("v0.1/4007801" not in key)


class TestStorage:
    """The bucket server and the host it moved from."""

    def test_both_versions_are_there(self, doubles: Doubles) -> None:
        assert doubles.ask(f"{STORAGE}/.zattrs").json["multiscales"]
        labels = STORAGE.replace("v0.4", "v0.5").replace(".zarr", "_labels.zarr")
        assert doubles.ask(f"{labels}/zarr.json").json["zarr_format"] == 3

    def test_success_has_cors_headers_and_404_has_none(self, doubles: Doubles) -> None:
        assert doubles.ask(f"{STORAGE}/.zattrs", **ORIGIN).headers[CORS] == "*"
        absent = doubles.ask(f"{STORAGE}/zarr.json", **ORIGIN)
        assert (absent.status, absent.headers[CORS]) == (404, None)
        assert b"NoSuchKey" in absent.body

    @pytest.mark.parametrize("status", [403, 405])
    def test_a_preflight_is_refused(self, doubles: Doubles, status: int) -> None:
        doubles.control(storage={"preflight": status})
        asked = doubles.ask(f"{STORAGE}/.zattrs", "OPTIONS", Access_Control_Request_Headers="range", **ORIGIN)
        assert (asked.status, asked.headers[CORS]) == (status, None)

    def test_head_and_ranges_are_answered(self, doubles: Doubles) -> None:
        whole = doubles.ask(f"{STORAGE}/.zattrs").body
        head = doubles.ask(f"{STORAGE}/.zattrs", "HEAD")
        assert (head.status, int(head.headers["Content-Length"])) == (200, len(whole))
        part = doubles.ask(f"{STORAGE}/.zattrs", Range="bytes=0-9")
        assert (part.status, part.body, part.headers["Content-Range"]) == (206, whole[:10], f"bytes 0-9/{len(whole)}")
        assert doubles.ask(f"{STORAGE}/.zattrs", "PUT").status == 405

    def test_a_container_lies_around_the_image_that_records_name(self, doubles: Doubles) -> None:
        body = load_recorded("bia-search", "bia-image-metadata.json")["445cb17b-95dc-47a3-9efc-b7a1a066bb51"]
        (uri,) = body["representation"][0]["file_uri"]
        root = uri.replace("https://livingobjects.ebi.ac.uk", "/storage").removesuffix("/0")
        assert doubles.ask(f"{root}/.zattrs").json == {"bioformats2raw.layout": 3}
        assert doubles.ask(f"{root}/OME/.zattrs").json == {"series": ["0"]}
        assert doubles.ask(f"{root}/0/.zattrs").json["multiscales"]

    def test_a_bucket_can_be_named_by_the_host(self, doubles: Doubles) -> None:
        key = "phase1test/EMPIAR-10326-IM1.ome.zarr/zarr.json"
        plain = doubles.ask(f"/storage/bioimaging-01-pub/{key}").body
        assert doubles.ask(f"/storage/{key}", Host="bioimaging-01-pub.storage.example.org").body == plain

    def test_buckets_can_be_listed_or_not(self, doubles: Doubles) -> None:
        path = "/storage/idr/?list-type=2&delimiter=/&prefix=zarr/"
        assert b"<Prefix>zarr/v0.4/</Prefix>" in doubles.ask(path).body
        doubles.control(storage={"listing": False})
        assert doubles.ask(path).status == 403

    def test_the_old_host_is_gone_or_sends_on(self, doubles: Doubles) -> None:
        old = STORAGE.replace("/storage", "/old-storage") + "/.zattrs"
        assert doubles.ask(old).status == 410
        doubles.control(old_storage={"mode": "redirect"})
        moved = doubles.ask(old)
        assert (moved.status, moved.headers["Location"]) == (301, f"{doubles.url}{STORAGE}/.zattrs")
        assert doubles.ask("/old-storage/bia-idr/S-BIAD1891/a.zarr/.zattrs").status == 410

    def test_nothing_outside_the_samples_is_given(self, doubles: Doubles) -> None:
        for path in ("..%2f..%2fsamples.json", "%2e%2e/samples.json", "/etc/passwd", "0/.zarray/x"):
            assert doubles.ask(f"{STORAGE}/{path}").status in (404, 400)


class TestControl:
    """What the doubles tell and take."""

    def test_requests_are_recorded_since_the_last_setting(self, doubles: Doubles) -> None:
        doubles.ask("/bia/search/study?page_size=1")
        assert doubles.ask("/requests").json == {"requests": ["GET /bia/search/study?page_size=1"], "aborted": []}
        doubles.control()
        assert doubles.ask("/requests").json["requests"] == []

    def test_any_service_can_fail(self, doubles: Doubles) -> None:
        doubles.control(fail={"idr": 503, "biostudies": {"status": 200, "body": "<html></html>", "type": "text/html"}})
        assert doubles.ask(f"{API}/screens/").status == 503
        assert doubles.ask("/biostudies/api/v1/search").type == "text/html"
        assert doubles.ask("/bia/search/study?page_size=1").status == 200
