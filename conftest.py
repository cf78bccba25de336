"""Plugins of every Python test; the fixtures are in jupyterlab_bioimage/tests/conftest.py."""

pytest_plugins = ("pytest_jupyter.jupyter_server",)
