"""Find, preview and load public bioimages from inside JupyterLab: the server side.

Importing the package stays cheap, because kernels import it too; the server extension is imported when asked for.
"""

from typing import Any

from ._version import __version__

__all__ = ["__version__"]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyterlab-bioimage"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .extension import BioImageApp

    return [{"module": "jupyterlab_bioimage", "app": BioImageApp}]
