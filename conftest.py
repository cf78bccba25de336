"""Fixtures of every Python test: a real Jupyter server with the extension, and one Ceph RGW per session."""

pytest_plugins = ("pytest_jupyter.jupyter_server", "jupyterlab_bioimage.tests.fixtures")
