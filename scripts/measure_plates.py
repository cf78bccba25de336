"""What a plate costs the server: ``python scripts/measure_plates.py PLATE…`` prints one line a plate.

PLATE is a folder with an OME-Zarr plate, or the http address of one. A Jupyter server is started for each, asked once
for its stores (so that a child is warm, as with the panel open), then for the pictures of all wells.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

TOKEN = "measure"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def start(place: str, port: int, home: str) -> subprocess.Popen[bytes]:
    """A server whose only further store is the plate's parent folder or address."""
    web = place.startswith("http")
    store = {"id": "plates", "label": "Plates", ("url" if web else "root"): os.path.dirname(place.rstrip("/"))}
    environment = os.environ | {
        "BIOIMAGE_STORES": json.dumps([store]),
        "JUPYTER_CONFIG_DIR": home,
        "JUPYTER_DATA_DIR": home,
    }
    arguments = [f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={home}"]
    command = [sys.executable, "-m", "jupyter_server", "--ServerApp.jpserver_extensions={'jupyterlab_bioimage': True}"]
    return subprocess.Popen(
        [*command, "--allow-root", "--no-browser", *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def ask(port: int, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", "/bioimage/" + path, headers={"Authorization": f"token {TOKEN}"})
    return connection.getresponse()


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            if ask(port, "stores").read():
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def peak(pid: int) -> int:
    """Largest resident size so far in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def reads_of(pid: int) -> tuple[int, int]:
    """System calls and bytes that the process has read so far, from anywhere."""
    values = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(values["syscr"]), int(values["rchar"])


def cpu(pid: int) -> float:
    """Seconds of processor time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
    return [int(child) for child in found]


def frames(answer: http.client.HTTPResponse) -> list[tuple[float, dict[str, Any], int]]:
    """When each frame was there, its header, bytes of its body."""
    found = []
    while True:
        (length,) = struct.unpack("<I", answer.read(4))
        header = json.loads(answer.read(length))
        body = answer.read(header.get("bytes", 0))
        found.append((time.perf_counter(), header, len(body)))
        if "end" in header:
            return found


def measure(place: str, size: int, view: str) -> str:
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        server = start(place, port, home)
        try:
            wait_for(port)
            time.sleep(1.5)  # the child starts
            before, idle = reads_of(server.pid), peak(server.pid)
            used = sum(map(cpu, [server.pid, *children_of(server.pid)]))
            name = os.path.basename(place.rstrip("/"))
            begun = time.perf_counter()
            answer = ask(port, f"stores/plates/plate?path={quote(name)}&size={size}&view={quote(view)}")
            if answer.status != 200:
                raise SystemExit(answer.read().decode())
            got = frames(answer)
            calls, read = (after - first for after, first in zip(reads_of(server.pid), before, strict=True))
            children = children_of(server.pid)
            used = sum(map(cpu, [server.pid, *children])) - used
            times = [at - begun for at, header, _ in got if header.get("state") == "picture"]
            states = [header.get("state") for _, header, _ in got]
            return "\t".join(
                [
                    name,
                    f"{states.count('picture')}/{states.count('absent')}/{states.count('failed')}",
                    f"{got[0][0] - begun:.2f}",
                    f"{times[0]:.2f}" if times else "-",
                    f"{got[-1][0] - begun:.2f}",
                    f"{used:.1f}",
                    f"{sum(size for _, _, size in got) / 1024:.0f}",
                    f"{calls}",
                    f"{read / 2**20:.0f}",
                    f"{idle / 2**20:.0f}",
                    f"{peak(server.pid) / 2**20:.0f}",
                    "+".join(f"{peak(pid) / 2**20:.0f}" for pid in children),
                ]
            )
        finally:
            server.terminate()
            server.wait(20)


HEAD = (
    "plate\tpictures/absent/failed\thead s\tfirst s\tlast s\tCPU s\tKiB sent\tread calls\tMiB read\t"
    "server idle MiB\tserver peak MiB\tchildren peak MiB"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plates", nargs="+")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--view", default="")
    options = parser.parse_args()
    print(HEAD)
    for place in options.plates:
        place = place if urlsplit(place).scheme else str(Path(place).resolve())
        print(measure(place, options.size, options.view), flush=True)


if __name__ == "__main__":
    main()
