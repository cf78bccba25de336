"""Texts that keep their template."""

from __future__ import annotations

from jupyterlab_bioimage.errors import BioImageError
from jupyterlab_bioimage.said import say
from jupyterlab_bioimage.services.fields import unsupported


def test_a_text_reads_as_its_sentence_and_travels_as_template_and_arguments() -> None:
    text = say("%1 of 100 %%: %2", 7, say("level %1", "a%1"))
    assert text == "7 of 100 %: level a%1"
    assert text.wire() == {"text": "%1 of 100 %%: %2", "args": [7, {"text": "level %1", "args": ["a%1"]}]}


def test_an_error_says_both_of_its_texts() -> None:
    error = BioImageError("TOO_LARGE", say("Too large to preview (%1 MiB).", 7))
    assert error.message == "Too large to preview (7 MiB)."
    assert error.said["message"] == {"text": "Too large to preview (%1 MiB).", "args": [7]}
    assert error.said["hint"] == {"text": error.hint, "args": []}


def test_a_text_that_is_cut_is_plain() -> None:
    assert "message" not in BioImageError("INTERNAL", say("%1", "x" * 300)).said


def test_names_from_documents_are_plain_characters() -> None:
    assert unsupported(say("codec %1", "<b>\nz")).message == "This format is not supported: codec bz."
