"""A real JupyterHub with configurable-http-proxy for the end-to-end test; everything in a temporary folder."""

import os
import sys
from pathlib import Path

from traitlets.config import get_config

c = get_config()
folder = Path(os.environ["BIOIMAGE_HUB_FOLDER"])
ports = [int(port) for port in os.environ["BIOIMAGE_HUB_PORTS"].split(",")]

c.JupyterHub.bind_url = f"http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{ports[1]}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{ports[2]}"
c.ConfigurableHTTPProxy.command = [os.environ["BIOIMAGE_HUB_PROXY"]]
c.ConfigurableHTTPProxy.pid_file = str(folder / "proxy.pid")
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret_file = str(folder / "cookie_secret")

c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = os.environ["BIOIMAGE_HUB_PASSWORD"]
c.Authenticator.allow_all = True

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(folder / "home" / "{username}")
c.Spawner.cmd = [str(Path(sys.executable).parent / "jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"
c.Spawner.environment = {
    "BIOIMAGE_STORES": os.environ["BIOIMAGE_STORES"],
    "PATH": os.environ["PATH"],
    **{name: os.environ[name] for name in ("BIOIMAGE_SERVICES",) if name in os.environ},
}
# As Binder hubs set it: any origin. Our routes must not depend on it.
c.Spawner.args = [
    "--ServerApp.allow_origin=*",
    "--LabApp.expose_app_in_browser=True",
    *(["--allow-root"] if os.geteuid() == 0 else []),
]
c.Spawner.start_timeout = 90
c.Spawner.http_timeout = 90
