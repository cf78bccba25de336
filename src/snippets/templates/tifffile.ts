import { headOf, importsOf, locationOf, packagesFor, partOf } from '../python';
import { literal } from '../quote';
import type { IPackage, ISnippetInput, ISnippetTemplate } from '../template';

const PACKAGES: readonly IPackage[] = [
  { module: 'tifffile', install: 'tifffile' },
  { module: 'zarr', install: 'zarr>=3' },
  { module: 'dask', install: 'dask[array]' },
  // compressed files need it, and tifffile says so only when the first pixel is read
  { module: 'imagecodecs', install: 'imagecodecs' }
];

/** Names that tifffile gives to axes whose meaning the file does not tell, and the samples of a pixel. */
const RENAMED = '{"s": "c", "q": "z", "i": "z"}';

/** Numbers of a palette as its colours: of 16 bits each, unless the writer took the low half of these. */
const PALETTE = [
  'colors = tiff.series[series].keyframe.colormap.T',
  'colors = (colors >> (8 if colors.max() > 255 else 0)).astype("uint8")',
  'image = image.map_blocks(lambda block: colors[block.astype("uint8")], dtype="uint8", new_axis=image.ndim, chunks=(*image.chunks, (3,)))',
  'names.append("c")'
];

/** Lines for a file of a set, which another file beside it describes: that one is opened, or its text handed on. */
function describing(input: ISnippetInput): { variables: string[]; imports: string[]; lines: string[]; option: string } {
  const name = input.packing?.kind === 'tiff' ? input.packing.describedBy : undefined;
  // tifffile finds the other files of a set in a folder only
  if (name === undefined || input.access.kind !== 'file') {
    return { variables: [], imports: [], lines: [], option: '' };
  }
  const beside = 'pathlib.Path(location).parent / described';
  const isTiff = /\.tiff?$/i.test(name);
  return {
    variables: [`described = ${literal('python', name)}`],
    imports: ['import pathlib'],
    lines: [isTiff ? `location = ${beside}` : `omexml = (${beside}).read_text(encoding="utf-8")`],
    option: isTiff ? '' : ', omexml=omexml'
  };
}

/**
 * One level of one image of a TIFF file through tifffile, as a lazy dask array. tifffile leaves out axes of length 1 and may
 * order the others differently, so they are put in the order of the preview.
 */
export const pythonTifffile: ISnippetTemplate = {
  id: 'python-tifffile',
  // eslint-disable-next-line jupyter/no-untranslated-string -- a name of packages; nothing to translate
  label: 'Python: tifffile and dask',
  rank: 150,
  language: 'python',
  packages: PACKAGES,
  fits: ({ packing }) => packing?.kind === 'tiff',
  render(input: ISnippetInput): string {
    const packages = packagesFor(PACKAGES, input.access);
    const part = partOf(input);
    const isFile = input.access.kind === 'file';
    const imports = ['import dask.array as da', 'import imagecodecs', 'import tifffile', 'import zarr'];
    const set = describing(input);
    return [
      ...headOf(input, packages),
      `location = ${literal('python', locationOf(input.access))}`,
      ...set.variables,
      `series = ${literal('python', input.packing?.kind === 'tiff' ? input.packing.series : 0)}`,
      `level = ${literal('python', input.level)}`,
      `axes = ${literal('python', input.axes)}`,
      `shape = ${literal('python', input.shape)}`,
      ...part.variables,
      '',
      ...importsOf(isFile ? [...set.imports, ...imports] : ['import fsspec', ...imports], packages),
      '',
      ...set.lines,
      // Micro-Manager's own index joins the positions into one series; the preview's images are those of the OME-XML
      `tiff = tifffile.TiffFile(${isFile ? 'location' : 'fsspec.open(location).open()'}, is_mmstack=False${set.option})`,
      'image = da.from_zarr(zarr.open_array(tiff.series[series].aszarr(level=level), mode="r"))',
      `names = [${RENAMED}.get(name, name) for name in tiff.series[series].levels[level].axes.lower()]`,
      ...(input.packing?.kind === 'tiff' && input.packing.palette === true ? PALETTE : []),
      'image = image.transpose([names.index(axis) for axis in axes if axis in names])',
      'image = image[tuple(slice(None) if axis in names else None for axis in axes)]',
      // a file of a set that does not describe the set holds a part of the image only
      'if list(image.shape) != shape:',
      '    raise ValueError(f"tifffile finds {image.shape} in this file; open the file that describes the whole set")',
      ...part.lines,
      'image'
    ].join('\n');
  }
};
