import type { ISnippetTemplate } from '../template';
import { pythonDask } from './dask';
import { pythonOmeZarr } from './omezarr';
import { pythonTifffile } from './tifffile';

/** The built-in templates, the preferred one first: one file and one line each. */
export const TEMPLATES: readonly ISnippetTemplate[] = [pythonDask, pythonTifffile, pythonOmeZarr];
