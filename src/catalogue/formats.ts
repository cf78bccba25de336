import { say } from '../core';
import type { Said } from '../core';

/**
 * What the name of a file says about viewing it. `zarr` is a folder, `zip` a Zarr in one archive file, `tiff` a TIFF file:
 * these can be opened as they lie there. `convertible` is an image of another format.
 */
export interface IFormat {
  readonly kind: 'zarr' | 'zip' | 'tiff' | 'convertible';
  /** Ending without the leading dot, lower case: `ome.zarr`, `ome.tiff`, `czi`. */
  readonly format: string;
  /** Why it cannot be viewed now, for people; only of `convertible` ones. */
  readonly reason?: Said;
}

/** Endings of files that programs such as bioformats2raw read as images, with the name people know the format by. */
const IMAGES: Readonly<Record<string, string>> = {
  tif: 'TIFF',
  tiff: 'TIFF',
  btf: 'BigTIFF',
  tf2: 'BigTIFF',
  tf8: 'BigTIFF',
  czi: 'Zeiss CZI',
  zvi: 'Zeiss ZVI',
  lsm: 'Zeiss LSM',
  nd2: 'Nikon ND2',
  lif: 'Leica LIF',
  lof: 'Leica LOF',
  xlef: 'Leica XLEF',
  scn: 'Leica SCN',
  oib: 'Olympus OIB',
  oif: 'Olympus OIF',
  oir: 'Olympus OIR',
  vsi: 'Olympus VSI',
  ims: 'Imaris',
  dv: 'DeltaVision',
  r3d: 'DeltaVision',
  stk: 'MetaMorph',
  sld: 'SlideBook',
  sldy: 'SlideBook',
  mvd2: 'Volocity',
  flex: 'Opera Flex',
  c01: 'Cellomics',
  xdce: 'InCell',
  mcd: 'Imaging mass cytometry',
  svs: 'Aperio SVS',
  qptiff: 'PerkinElmer QPTIFF',
  ndpi: 'Hamamatsu NDPI',
  ndpis: 'Hamamatsu NDPI',
  mrxs: 'MIRAX',
  bif: 'Ventana BIF',
  mrc: 'MRC',
  mrcs: 'MRC',
  rec: 'MRC',
  st: 'MRC',
  dm3: 'Gatan DM3',
  dm4: 'Gatan DM4',
  ser: 'FEI SER',
  nrrd: 'NRRD',
  nii: 'NIfTI',
  'nii.gz': 'NIfTI',
  dcm: 'DICOM',
  ics: 'ICS',
  klb: 'KLB',
  n5: 'N5',
  h5: 'HDF5',
  hdf5: 'HDF5',
  jp2: 'JPEG 2000',
  j2k: 'JPEG 2000',
  png: 'PNG',
  jpg: 'JPEG',
  jpeg: 'JPEG',
  bmp: 'BMP',
  gif: 'GIF'
};

/**
 * Endings of files that are opened as TIFF, whatever a microscope's maker calls them. The list of the preview is the same
 * (`pixels/containers`), for a file that is listed as one that can be viewed must open.
 */
const TIFF = new Set(['tif', 'tiff', 'btf', 'tf2', 'tf8', 'svs', 'ndpi', 'scn', 'qptiff']);

/** Zarr in one file: a zip of it, or the OME-Zarr zip of RFC 9. */
const ZIPPED = /\.((?:ome\.)?zarr\.zip|ozx)$/i;
const INSIDE = /\.zarr(\/|$)/i;
const ZARR = /\.((?:ome\.)?zarr)$/i;

/**
 * What a file or folder is by the ending of its name, whatever the case; `undefined` where it is no image. A bare name
 * such as `.zarr` is an ending without a name, and none.
 */
export function formatOf(path: string): IFormat | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const zipped = ZIPPED.exec(name)?.[1];
  if (zipped !== undefined) {
    return { kind: 'zip', format: zipped };
  }
  const zarr = ZARR.exec(name);
  if (zarr !== null && zarr.index > 0) {
    return { kind: 'zarr', format: zarr[1] };
  }
  return fileFormat(name);
}

function fileFormat(name: string): IFormat | undefined {
  const parts = name.split('.');
  const double = parts.slice(-2).join('.');
  const last = parts.length > 1 ? (parts.at(-1) ?? '') : '';
  const ending = parts.length > 2 && Object.hasOwn(IMAGES, double) ? double : last;
  if (!Object.hasOwn(IMAGES, ending)) {
    return undefined;
  }
  const isOme = parts.length > 2 && parts.at(-2) === 'ome';
  const format = isOme ? `ome.${ending}` : ending;
  if (TIFF.has(ending)) {
    return { kind: 'tiff', format };
  }
  return {
    kind: 'convertible',
    format,
    reason: conversionReason(isOme ? `OME-${IMAGES[ending]}` : IMAGES[ending])
  };
}

/** Why an image of another format is not shown: `name` is the format as people know it, or the archive's word for it. */
export function conversionReason(name: string): Said {
  return say`${name} has to be converted to OME-Zarr before it can be viewed.`;
}

/** Where a path goes through a Zarr, the path of that Zarr; else `undefined`. `a/b.zarr/0/.zarray` → `a/b.zarr`. */
export function zarrRoot(path: string): string | undefined {
  // Most files of most studies lie in no Zarr: their paths are not taken apart.
  if (!INSIDE.test(path)) {
    return undefined;
  }
  const parts = path.split('/');
  const at = parts.findIndex(part => ZARR.test(part) && !part.startsWith('.'));
  return at === -1 ? undefined : parts.slice(0, at + 1).join('/');
}
