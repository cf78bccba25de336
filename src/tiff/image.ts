import { cleanText, say } from '../core';
import type { Said } from '../core';
import { ITEM_BYTES, placeLevels, readChannels, type IArray, type IAxis, type IImage, type IPlace } from '../ngff';
import { schemeOf } from './compression';
import type { ITiffDocument } from './decode/spec';
import type { IFormat } from './format';
import { formatOfPlane, type IChannelHint, type IPlan } from './plan';
import { layoutOf, locateUnit } from './units';

/** What is shown of a pixel: numbers of a palette as its colours, unless they are measurements. */
function shownOf(plan: IPlan, format: IFormat): Pick<IFormat, 'samples' | 'dtype'> & { readonly coloured: boolean } {
  const coloured = format.palette && plan.measured !== true;
  return coloured
    ? { samples: 3, dtype: 'uint8', coloured }
    : { samples: format.samples, dtype: format.dtype, coloured };
}

/** Axes in the order of the array; `key` says what an index along it means. */
type Key = 't' | 'p' | 'c' | 'z' | 'y' | 'x' | 's';

interface IAxesOf {
  readonly keys: readonly Key[];
  readonly axes: IAxis[];
  readonly at: IImage['at'];
}

const TYPES: Readonly<Record<Key, IAxis['type']>> = {
  t: 'time',
  p: 'other',
  c: 'channel',
  z: 'space',
  y: 'space',
  x: 'space',
  s: 'channel'
};

/**
 * Axes of an image: t, c, z as far as there is more than one plane along them, y, x, and the samples of a pixel last where
 * they are interleaved. Samples with planes of their own count as channels. Where there are both, samples are the channels
 * and the planes' own channel axis is one that is chosen apart.
 */
function axesOf(plan: IPlan): IAxesOf {
  const [{ planar }] = plan.formats;
  const { samples } = shownOf(plan, plan.formats[0]);
  const interleaved = samples > 1 && !planar;
  const channels = plan.planes.c * (planar ? samples : 1);
  const keys: Key[] = [
    ...(plan.planes.t > 1 ? (['t'] as const) : []),
    ...(channels > 1 ? ([interleaved ? 'p' : 'c'] as const) : []),
    ...(plan.planes.z > 1 ? (['z'] as const) : []),
    'y',
    'x',
    ...(interleaved ? (['s'] as const) : [])
  ];
  const names: Readonly<Record<Key, string>> = { t: 't', p: 'image channel', c: 'c', z: 'z', y: 'y', x: 'x', s: 'c' };
  const unit = (key: Key): string | undefined =>
    key === 't' || key === 'z' || key === 'y' || key === 'x' ? plan.physical[key]?.unit : undefined;
  const axes = keys.map((key): IAxis => {
    const name = unit(key);
    return { name: names[key], type: TYPES[key], ...(name && { unit: name }) };
  });
  const position = (key: Key): number | undefined => (keys.includes(key) ? keys.indexOf(key) : undefined);
  const [t, c, z] = [position('t'), position('c') ?? position('s'), position('z')];
  return {
    keys,
    axes,
    at: {
      ...(t !== undefined && { t }),
      ...(c !== undefined && { c }),
      ...(z !== undefined && { z }),
      y: keys.indexOf('y'),
      x: keys.indexOf('x')
    }
  };
}

function arrayOf(plan: IPlan, level: number, { keys }: IAxesOf): IArray {
  const format = plan.formats[level];
  const layout = layoutOf(format);
  const { planar } = format;
  const { samples, dtype, coloured } = shownOf(plan, format);
  const unitSamples = planar ? 1 : samples;
  const sizes: Readonly<Record<Key, readonly [number, number]>> = {
    t: [plan.planes.t, 1],
    p: [plan.planes.c, 1],
    c: [plan.planes.c * (planar ? samples : 1), 1],
    z: [plan.planes.z, 1],
    y: [format.height, layout.rows],
    x: [format.width, layout.columns],
    s: [samples, samples]
  };
  const document: ITiffDocument = {
    dtype,
    rows: layout.rows,
    columns: layout.columns,
    samples: unitSamples,
    bits: format.bits
  };
  return {
    path: String(level),
    zarrFormat: 0,
    shape: keys.map(key => sizes[key][0]),
    chunks: keys.map(key => sizes[key][1]),
    dtype,
    fill: dtype === 'bool' ? false : dtype.endsWith('64') && !dtype.startsWith('f') ? 0n : 0,
    fillBytes: new Uint8Array(ITEM_BYTES[dtype]),
    dimensionNames: keys.map(key => (key === 's' ? 'c' : key === 'p' ? 'image channel' : key)),
    codecs: [...(coloured ? ['tiff.palette'] : []), `tiff.${format.compression}`],
    decodeDoc: { ...document },
    decodedBy: schemeOf(format.compression).by,
    objectKey: () => plan.key,
    async locate(chunk, _store, signal): Promise<IPlace | null> {
      const index = (key: Key): number => chunk[keys.indexOf(key)] ?? 0;
      const channel = index('c');
      const c = index('p') + (planar ? Math.floor(channel / samples) : channel);
      const page = await plan.page(level, { t: index('t'), c, z: index('z') }, signal);
      if (!page) {
        return null;
      }
      const own = formatOfPlane(page.directory, format);
      const unit = { row: index('y'), column: index('x'), sample: planar ? channel % samples : 0, coloured };
      return locateUnit(page.directory, own, layout, unit, page.shift, signal);
    }
  };
}

/** Size of a level's pixel in pixels of level 0: a whole number where one explains the sizes, which writers round. */
function ratio(full: number, reduced: number): number {
  const whole = Math.round(full / reduced);
  const explains = Math.floor(full / whole) === reduced || Math.ceil(full / whole) === reduced;
  return explains ? whole : full / reduced;
}

const COLOURS: readonly (readonly [string, string?])[] = [
  ['Red', 'FF0000'],
  ['Green', '00FF00'],
  ['Blue', '0000FF'],
  ['Alpha']
];

/** Names and colours of the samples of a colour picture. */
function colourHints(samples: number): IChannelHint[] {
  return COLOURS.slice(0, samples).map(([label, color]) => ({ label, ...(color && { color }) }));
}

/** Photometric 2 and, once decoded, 6 and palettes: red, green and blue. */
function isColour({ photometric }: IFormat, { samples, coloured }: ReturnType<typeof shownOf>): boolean {
  return coloured || ((photometric === 2 || photometric === 6) && (samples === 3 || samples === 4));
}

/** What is to be said of the colours. */
function colourNotices({ photometric, samples }: IFormat, coloured: boolean): Said[] {
  switch (photometric) {
    case 0:
      return [say`In this file 0 means white; values are shown as they are stored, 0 as black.`];
    case 3:
      return [
        coloured
          ? say`This file has a palette: its colours are shown, not their numbers.`
          : say`This file has a palette; the numbers of the colours are shown, not the colours.`
      ];
    case 5:
      return [say`The colours of this file are inks (CMYK); each is shown as a channel.`];
    case 8:
    case 9:
    case 10:
      return [say`The colours of this file are L*a*b*; each part is shown as a channel.`];
    case 32803:
      return [say`This file holds the raw mosaic of a camera.`];
    default:
      return samples > 4 ? [say`Each pixel of this file has ${samples} values; they are shown as channels.`] : [];
  }
}

/** Pixels are shown in the order in which they are stored. */
function turnNotices({ orientation }: IFormat): Said[] {
  return orientation > 1 && orientation <= 8
    ? [say`This file is meant to be turned or mirrored (orientation ${orientation}); it is shown as it is stored.`]
    : [];
}

/** Makes the image of a plan; nothing more is read for it. */
export function buildTiffImage(plan: IPlan): IImage {
  const [first] = plan.formats;
  const shown = shownOf(plan, first);
  const notices = [...plan.notices, ...colourNotices(first, shown.coloured), ...turnNotices(first)];
  const described = axesOf(plan);
  const { keys, axes, at } = described;
  const found = plan.formats.map((format, level) => {
    const scale = keys.map(key => {
      const size = key === 'x' || key === 'y' || key === 'z' || key === 't' ? (plan.physical[key]?.value ?? 1) : 1;
      const times =
        key === 'x' ? ratio(first.width, format.width) : key === 'y' ? ratio(first.height, format.height) : 1;
      return size * times;
    });
    const dataset = { path: String(level), transformations: [{ type: 'scale', scale }] };
    return { dataset, array: arrayOf(plan, level, described) };
  });
  const { levels } = placeLevels(found, { axes, at }, undefined, notices);
  const { shape } = levels[0].array;
  const size = (axis: number | undefined): number => (axis === undefined ? 1 : shape[axis]);
  const colour = isColour(first, shown);
  const hints = plan.channels.length > 0 ? plan.channels : colour ? colourHints(shown.samples) : [];
  const other = keys.indexOf('p');
  return {
    kind: 'image',
    version: '',
    zarrFormat: 0,
    ...(plan.describedBy !== undefined && { describedBy: plan.describedBy }),
    path: '',
    name: cleanText(plan.name),
    axes,
    at,
    others: other >= 0 ? [{ axis: other, index: 0 }] : [],
    levels,
    channels: readChannels(hints.length > 0 ? { channels: hints } : undefined, size(at.c), notices),
    defaults: { t: 0, z: Math.floor(size(at.z) / 2) },
    hasOmero: hints.length > 0,
    notices,
    imageLabel: false,
    rgb: colour && shown.dtype === 'uint8' && size(at.c) === shown.samples
  };
}
