import { headOf, importsOf, locationOf, partOf } from '../python';
import { literal } from '../quote';
import type { IPackage, ISnippetInput, ISnippetTemplate } from '../template';

const PACKAGES: readonly IPackage[] = [{ module: 'ome_zarr', install: 'ome-zarr>=0.11' }];

/** The image through ome-zarr-py: `node` has the metadata too, `node.data` all levels. */
export const pythonOmeZarr: ISnippetTemplate = {
  id: 'python-ome-zarr',
  // eslint-disable-next-line jupyter/no-untranslated-string -- a name of packages; nothing to translate
  label: 'Python: ome-zarr-py',
  rank: 200,
  language: 'python',
  packages: PACKAGES,
  // it reads OME-Zarr in folders; an array without OME metadata is none
  fits: ({ packing, version }) => packing === undefined && version !== '',
  render(input: ISnippetInput): string {
    // It brings what it needs for http by itself.
    const packages = PACKAGES;
    const part = partOf(input);
    return [
      ...headOf(input, packages),
      `location = ${literal('python', locationOf(input.access))}`,
      `level = ${literal('python', input.level)}`,
      ...part.variables,
      '',
      ...importsOf(
        ['import dask.array as da', 'from ome_zarr.io import parse_url', 'from ome_zarr.reader import Reader'],
        packages
      ),
      '',
      'node = next(iter(Reader(parse_url(location))()))',
      'image = node.data[level]',
      ...part.lines,
      'image'
    ].join('\n');
  }
};
