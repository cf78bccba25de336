"""A Ceph RADOS Gateway for the tests: S3-compatible storage as the image archives run it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "rgw.sh"
TOOLS = ("radosgw", "ceph-mon", "ceph-osd", "ceph", "radosgw-admin")
#: Keys that clients get wrong; all of them exist in the bucket ``open``.
ODD_KEYS = ("a b/ü+%20&=?#", "dir/.zattrs", "pct%2Fkey", "a;b'c\"d$e{f}", "😀/שלום", "x#123", "．．/y", "e\u0301", "~x")
BODY = bytes(range(256)) * 400


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, the second followed by another free one."""
    with ExitStack() as stack:
        while True:
            sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
            ports: list[int] = [sock.getsockname()[1] for sock in sockets]
            try:
                stack.enter_context(socket.create_server(("127.0.0.1", ports[-1] + 1)))
            except OSError:
                continue
            return ports


@dataclass(frozen=True)
class Gateway:
    """``open``: objects and listing public. ``get``: objects only, so a missing one is 403. ``closed``: nothing.
    ``acl``: listing by ACL, one object public, one private."""

    url: str
    s3: Any  # boto3 client with credentials


def _policy(bucket: str, actions: dict[str, str]) -> str:
    statements = [
        {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{bucket}{path}"}
        for action, path in actions.items()
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def fill(s3: Any) -> None:
    for bucket in ("open", "get", "closed"):
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="image.zarr/0/0", Body=BODY)
        s3.put_object(Bucket=bucket, Key="image.zarr/.zattrs", Body=b"{}")
    s3.create_bucket(Bucket="acl", ACL="public-read")
    s3.put_object(Bucket="acl", Key="public", Body=b"public", ACL="public-read")
    s3.put_object(Bucket="acl", Key="private", Body=b"private")
    s3.put_bucket_policy(Bucket="open", Policy=_policy("open", {"s3:GetObject": "/*", "s3:ListBucket": ""}))
    s3.put_bucket_policy(Bucket="get", Policy=_policy("get", {"s3:GetObject": "/*"}))
    for key in ODD_KEYS:
        s3.put_object(Bucket="open", Key=key, Body=key.encode())
    for number in range(1205):
        s3.put_object(Bucket="open", Key=f"many/{number:05}", Body=b"x")


@pytest.fixture(scope="session")
def rgw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One gateway per test session; skips the test with a reason where Ceph is not installed."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"Ceph is not installed (no {', '.join(missing)})")
    boto3 = pytest.importorskip("boto3")
    from botocore.config import Config

    folder = tmp_path_factory.mktemp("rgw") / "ceph"
    port, monitor = free_ports(2)
    command = [str(SCRIPT), "start", str(folder), str(port), str(monitor)]
    started = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert started.returncode == 0, started.stderr
    try:
        url = started.stdout.strip()
        s3 = boto3.client(
            "s3",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="AKIDTEST",
            aws_secret_access_key="SECRETTEST",
            config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"),
        )
        fill(s3)
        yield Gateway(url, s3)
        s3.close()
    finally:
        subprocess.run([str(SCRIPT), "stop", str(folder)], check=True, timeout=60)
