import { headOf, importsOf, locationOf, packagesFor, partOf } from '../python';
import { literal } from '../quote';
import type { IPackage, ISnippetInput, ISnippetTemplate } from '../template';

const PACKAGES: readonly IPackage[] = [
  { module: 'zarr', install: 'zarr>=3' },
  { module: 'dask', install: 'dask[array]' }
];

/** Stores that answer 403 for what does not exist: without this, a chunk that was never written would be an error. */
const ABSENT_IS_403 = [
  'class PublicFiles(HTTPFileSystem):',
  '    # This store answers 403 where there is nothing.',
  '    def _raise_not_found_for_status(self, response, url):',
  '        if response.status == 403:',
  '            raise FileNotFoundError(url)',
  '        super()._raise_not_found_for_status(response, url)',
  '',
  'store = zarr.storage.FsspecStore(PublicFiles(asynchronous=True), path=location, read_only=True)'
];

/** What the store needs beside zarr. */
function importOf({ access, packing }: ISnippetInput): string[] {
  return packing === undefined && access.kind !== 'file' && access.absentIs403 === true
    ? ['from fsspec.implementations.http import HTTPFileSystem']
    : [];
}

/** The store, named by its class: a path given as text could be taken for a URL or an archive. */
function storeOf({ access, packing }: ISnippetInput): string[] {
  if (packing?.kind === 'zip') {
    return [
      access.kind === 'file'
        ? 'store = zarr.storage.ZipStore(location, mode="r")'
        : 'store = zarr.storage.FsspecStore.from_url("zip::" + location, read_only=True)'
    ];
  }
  if (access.kind === 'file') {
    return ['store = zarr.storage.LocalStore(location, read_only=True)'];
  }
  return access.absentIs403 === true
    ? ABSENT_IS_403
    : ['store = zarr.storage.FsspecStore.from_url(location, read_only=True)'];
}

/** The level's array below what is opened: the image's folder, or the root of the archive that it lies in. */
function levelPathOf({ levelPath, packing }: ISnippetInput): string {
  return packing?.kind === 'zip' && packing.inside !== '' ? [packing.inside, levelPath].filter(part => part !== '').join('/') : levelPath;
}

/** The array of the level itself through zarr 3, as a lazy dask array. */
export const pythonDask: ISnippetTemplate = {
  id: 'python-dask',
  // eslint-disable-next-line jupyter/no-untranslated-string -- a name of packages; nothing to translate
  label: 'Python: zarr and dask',
  rank: 100,
  language: 'python',
  packages: PACKAGES,
  fits: ({ zarrFormat }) => zarrFormat !== 0,
  render(input: ISnippetInput): string {
    const packages = packagesFor(PACKAGES, input.access);
    const part = partOf(input);
    return [
      ...headOf(input, packages),
      `location = ${literal('python', locationOf(input.access))}`,
      `level_path = ${literal('python', levelPathOf(input))}`,
      ...part.variables,
      '',
      ...importsOf(['import dask.array as da', 'import zarr', ...importOf(input)], packages),
      '',
      ...storeOf(input),
      `image = da.from_zarr(zarr.open_array(store, path=level_path, mode="r", zarr_format=${input.zarrFormat}))`,
      ...part.lines,
      'image'
    ].join('\n');
  }
};
