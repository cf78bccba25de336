"""Where connections may lead, whatever names, addresses and the environment say; and listings that lie."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aiohttp.resolver import ThreadedResolver

from ..errors import BioImageError
from ..services.client import Upstream as Shared
from ..services.client import UpstreamClient
from ..services.guard import AddressDeniedError, AddressGuard
from ..services.http import HttpsStore
from ..services.listxml import parse_page
from ..services.store import Item
from ..services.storeconfig import parse_store
from .conftest import Ask
from .upstream import BODY, Exchange, Sink, Upstream

PRIVATE = [
    "169.254.169.254",
    "10.0.0.1",
    "127.0.0.1",
    "0.0.0.0",
    "100.64.0.1",
    "192.168.1.1",
    "224.0.0.1",
    "::1",
    "::ffff:169.254.169.254",
    "::ffff:127.0.0.1",
    "fd00:ec2::254",
    "fe80::1%eth0",
    "ff02::1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a9fe:a9fe",
    "2002:a00:1::",
    "2002:7f00:1::1",
    "2001:0:4136:e378::1",
    "fec0::1",
    "::7f00:1",
    "::ffff:0:7f00:1",
    "3fff::1",
    "5f00::1",
    "ff0e::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(AddressDeniedError):
        AddressGuard(443, ()).check(address, 443)


def test_public_addresses_and_named_ranges_are_let_through_on_the_one_port() -> None:
    config = parse_store({"id": "a", "url": "https://store.example.org", "addresses": ["10.1.0.0/16"]})
    guard = AddressGuard(443, config.networks)
    guard.check("93.184.216.34", 443)
    guard.check("2606:2800:220:1::1", 443)
    guard.check("10.1.2.3", 443)
    guard.check("::ffff:10.1.2.3", 443)
    guard.check("::ffff:93.184.216.34", 443)
    guard.check("64:ff9b::5db8:d822", 443)
    guard.check("64:ff9b::a01:203", 443)
    for address, port in (("10.2.0.1", 443), ("64:ff9b::a02:1", 443), ("93.184.216.34", 80), ("10.1.2.3", 8001)):
        with pytest.raises(AddressDeniedError):
            guard.check(address, port)


def names(answers: list[str]) -> Any:
    """A name service that gives these addresses for every name."""

    async def resolve(self: Any, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        return [
            {"hostname": host, "host": answer, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
            for answer in answers
        ]

    return resolve


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["127.0.0.1", "93.184.216.34"]])
async def test_a_name_that_leads_inside_is_refused_before_connecting(
    sink: Sink, monkeypatch: Any, answers: list[str]
) -> None:
    monkeypatch.setattr(ThreadedResolver, "resolve", names(answers))
    opened: list[Any] = []
    monkeypatch.setattr(AddressGuard, "open_socket", lambda self, info: opened.append(info))
    store = HttpsStore(parse_store({"id": "a", "url": f"http://rebind.example:{sink.port}"}), Shared())
    with pytest.raises(BioImageError) as caught:
        await store.read(Item("x"))
    assert caught.value.code == "STORE_DENIED"
    assert not opened, "not even the public one of its addresses is tried"
    await store.close()


async def test_the_last_gate_holds_even_if_the_name_was_not_looked_at(sink: Sink, monkeypatch: Any) -> None:
    """A literal address is never resolved: the socket itself is refused."""
    store = HttpsStore(parse_store({"id": "a", "url": f"http://127.0.0.1:{sink.port}"}), Shared())
    store.client._guard._networks = ()
    with pytest.raises(BioImageError):
        await store.read(Item("x"))
    await store.close()


async def test_a_name_that_does_not_exist_fails_soon(monkeypatch: Any) -> None:
    async def resolve(self: Any, host: str, port: int = 0, family: int = 0) -> Any:
        raise OSError("no such name")

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    store = HttpsStore(parse_store({"id": "a", "url": "https://nowhere.example"}), Shared())
    with pytest.raises(BioImageError) as caught:
        await store.read(Item("x"))
    assert caught.value.code == "UPSTREAM_DOWN"
    await store.close()


async def test_a_name_service_that_hangs_is_given_up(monkeypatch: Any) -> None:
    async def resolve(self: Any, host: str, port: int = 0, family: int = 0) -> Any:
        await asyncio.sleep(30)

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    monkeypatch.setattr("jupyterlab_bioimage.services.guard.LOOKUP", 0.05)
    store = HttpsStore(parse_store({"id": "a", "url": "https://slow.example"}), Shared())
    with pytest.raises(BioImageError) as caught:
        await store.read(Item("x"))
    assert caught.value.code == "UPSTREAM_DOWN"
    await store.close()


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(1))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    store = HttpsStore(parse_store({"id": "a", "url": f"https://localhost:{port}"}), Shared())
    with pytest.raises(BioImageError) as caught:
        await store.read(Item("x"))
    assert caught.value.code == "UPSTREAM_BAD"
    assert not any(seen), "nothing was asked before the certificate was judged"
    await store.close()
    server.close()


@pytest.mark.parametrize("path", ["@evil.example/x", ":81/x", "\\@evil.example/x"])
async def test_a_path_that_would_change_the_origin_is_refused(sink: Sink, monkeypatch: Any, path: str) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(AddressGuard, "check", lambda self, *address: asked.append(address))
    monkeypatch.setattr(ThreadedResolver, "resolve", names(["93.184.216.34"]))
    client = UpstreamClient(sink.url, parse_store({"id": "a", "url": sink.url}).networks, Shared())
    with pytest.raises((BioImageError, ValueError)):
        async with client.request("GET", path):
            pass
    assert not asked, "refused before any address was looked at"
    await client.close()


@pytest.fixture
def environment(monkeypatch: Any, sink: Sink) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, sink.url)


async def test_proxies_and_endpoints_of_the_environment_are_ignored(
    environment: None, ask: Ask, upstream: Upstream
) -> None:
    assert (await ask("stores/web/objects/x")).body == BODY
    assert (await ask("stores/bucket/objects/x")).body == BODY
    assert [exchange.target for exchange in upstream.requests] == ["/base/x", "/images/x"]


def page(inside: str, prolog: str = "<?xml version='1.0'?>") -> bytes:
    return f"{prolog}<ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>{inside}</ListBucketResult>".encode()


BOMB = "<!DOCTYPE l [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
LIES = {
    "empty": b"",
    "not XML": b"<html>",
    "JSON": b"{}",
    "other document": b"<Other/>",
    "document type": page("", "<!DOCTYPE x>"),
    "entity": page("<Contents><Key>&b;</Key></Contents>", BOMB),
    "external entity": page(
        "<Contents><Key>&x;</Key></Contents>", "<!DOCTYPE l [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    ),
    "document type in UTF-16": page("", "<!DOCTYPE x>").decode().encode("utf-16"),
    "unknown entity": page("<Contents><Key>&x;</Key></Contents>"),
    "deep": page("<a>" * 50 + "</a>" * 50),
    "long value": page(f"<Contents><Key>{'x' * 10_000}</Key></Contents>"),
    "cut": page("<Contents><Key>x</Key></Contents>")[:-10],
    "NUL": page("<Contents><Key>\0</Key></Contents>"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_listing_that_is_none_is_refused(ask: Ask, upstream: Upstream, lie: str) -> None:
    upstream.script = lambda exchange: exchange.send(200, {"Content-Type": "application/xml"}, LIES[lie])
    assert (await ask("stores/bucket/list")).code == "CATALOGUE_BAD"


async def test_a_repeated_token_ends_the_listing(ask: Ask, upstream: Upstream) -> None:
    answer = page("<IsTruncated>true</IsTruncated><NextContinuationToken>t&amp;/</NextContinuationToken>")
    upstream.script = lambda exchange: exchange.send(200, {}, answer)
    first = (await ask("stores/bucket/list")).json
    assert first == {"entries": [], "cursor": "t&/"}
    assert (await ask("stores/bucket/list?cursor=t%26%2F")).json["cursor"] is None
    assert "continuation-token=t%26%2F" in upstream.requests[1].target


def test_a_token_without_truncation_is_not_followed() -> None:
    assert parse_page(page("<NextContinuationToken>t</NextContinuationToken>")).token is None


async def test_names_are_decoded_once_and_only_plain_ones_are_shown(ask: Ask, upstream: Upstream) -> None:
    keys = ["a%2525", "b+c", "d%2Fe", "..", ".hidden", "x%0Ay", "%26amp;"]
    inside = "<EncodingType>url</EncodingType>" + "".join(
        f"<Contents><Key>{key.replace('&', '&amp;')}</Key><Size>1</Size></Contents>" for key in keys
    )
    inside += "<CommonPrefixes><Prefix>my.zarr/</Prefix></CommonPrefixes>"
    inside += "<CommonPrefixes><Prefix>elsewhere//</Prefix></CommonPrefixes>"

    async def script(exchange: Exchange) -> None:
        await exchange.send(200, {}, page(inside))

    upstream.script = script
    entries = (await ask("stores/bucket/list")).json["entries"]
    assert [(entry["name"], entry["kind"]) for entry in entries] == [
        ("&amp;", "file"),
        ("a%25", "file"),
        ("b c", "file"),
        ("my.zarr", "zarr"),
    ]


async def test_403_is_absence_only_where_the_operator_says_so(ask: Ask, upstream: Upstream) -> None:
    upstream.script = lambda exchange: exchange.send(403)
    assert (await ask("stores/bucket/objects/x")).code == "ABSENT"
    assert (await ask("stores/web/objects/x")).code == "UPSTREAM_DENIED"
    assert (await ask("stores/bucket/list")).code == "UPSTREAM_DENIED"
