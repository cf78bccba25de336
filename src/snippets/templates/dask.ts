import { headOf, importsOf, locationOf, packagesFor, partOf } from '../python';
import { literal } from '../quote';
import type { IPackage, ISnippetInput, ISnippetTemplate } from '../template';

const PACKAGES: readonly IPackage[] = [
  { module: 'zarr', install: 'zarr>=3' },
  { module: 'dask', install: 'dask[array]' }
];

/** The array of the level itself through zarr 3, as a lazy dask array. */
export const pythonDask: ISnippetTemplate = {
  id: 'python-dask',
  // eslint-disable-next-line jupyter/no-untranslated-string -- a name of packages; nothing to translate
  label: 'Python: zarr and dask',
  rank: 100,
  language: 'python',
  packages: PACKAGES,
  render(input: ISnippetInput): string {
    const packages = packagesFor(PACKAGES, input.access);
    const part = partOf(input);
    // A store is named by its class: a path given as text could be taken for a URL or an archive.
    const store =
      input.access.kind === 'file'
        ? 'zarr.storage.LocalStore(location, read_only=True)'
        : 'zarr.storage.FsspecStore.from_url(location, read_only=True)';
    return [
      ...headOf(input, packages),
      `location = ${literal('python', locationOf(input.access))}`,
      `level_path = ${literal('python', input.levelPath)}`,
      ...part.variables,
      '',
      ...importsOf(['import dask.array as da', 'import zarr'], packages),
      '',
      `store = ${store}`,
      `image = da.from_zarr(zarr.open_array(store, path=level_path, mode="r", zarr_format=${input.zarrFormat}))`,
      ...part.lines,
      'image'
    ].join('\n');
  }
};
