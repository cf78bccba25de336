"""Reads images with numpy, numcodecs and tifffile alone, to compare what a preview shows with."""
