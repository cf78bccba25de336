import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Documents of a folder and of what lies below it, by key. */
export type Recording = Map<string, Uint8Array>;

const DOCUMENTS = new Set(['zarr.json', '.zattrs', '.zarray', '.zgroup', '.zmetadata', 'METADATA.ome.xml']);

/** Folders below `root` that hold a group, relative to it; '' is `root` itself. */
export function groupsIn(root: string, folder = ''): string[] {
  const here = path.join(root, folder);
  const names = readdirSync(here).filter(name => statSync(path.join(here, name)).isDirectory());
  const isGroup = existsSync(path.join(here, '.zgroup')) || jsonOf(path.join(here, 'zarr.json'))?.node_type === 'group';
  return [...(isGroup ? [folder] : []), ...names.flatMap(name => groupsIn(root, path.posix.join(folder, name)))];
}

/** All documents below a folder, by their keys. */
export function recordingOf(folder: string, base = ''): Recording {
  const found: Recording = new Map();
  for (const name of readdirSync(folder)) {
    const place = path.join(folder, name);
    if (statSync(place).isDirectory()) {
      recordingOf(place, `${base}${name}/`).forEach((bytes, key) => found.set(key, bytes));
    } else if (DOCUMENTS.has(name)) {
      found.set(base + name, new Uint8Array(readFileSync(place))); // a Buffer would share what is cut from it
    }
  }
  return found;
}

/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument -- the expectation reads JSON in its own way, beside the readers under test */

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON of any form: no reader of ours looks at it here
type Loose = any;

function jsonOf(file: string): Loose {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** What a look into the JSON says of a group, in one line: kind, version and what it holds. */
export function expectationOf(folder: string): string {
  const v3 = jsonOf(path.join(folder, 'zarr.json'));
  const attributes = v3 ? v3.attributes : jsonOf(path.join(folder, '.zattrs'));
  const values = attributes?.ome ?? attributes ?? {};
  if (values.plate) {
    const { rows, columns, wells, field_count: count, acquisitions = [] } = values.plate;
    return `plate ${values.plate.version} ${rows.length}x${columns.length} wells ${wells.length} fields ${count} runs ${acquisitions.length}`;
  }
  if (values.well) {
    return `well ${values.well.version ?? (v3 ? '0.5' : '0.4')} fields ${values.well.images.length}`;
  }
  if (values.multiscales) {
    return imageOf(folder, values, v3 !== undefined);
  }
  if (values['bioformats2raw.layout']) {
    return `collection ${seriesOf(folder, v3 !== undefined)}`;
  }
  if (values.labels) {
    return `collection ${values.labels.join(' ')}`;
  }
  if (values.scene) {
    const ends = values.scene.coordinateTransformations.flatMap((step: Loose) => [step.input.path, step.output.path]);
    return `collection ${[...new Set(ends.filter((end: Loose) => end))].join(' ')}`;
  }
  return 'group';
}

function seriesOf(folder: string, isV3: boolean): string {
  const listed = isV3
    ? jsonOf(path.join(folder, 'OME', 'zarr.json'))?.attributes?.ome?.series
    : jsonOf(path.join(folder, 'OME', '.zattrs'))?.series;
  const xml = path.join(folder, 'OME', 'METADATA.ome.xml');
  const counted = existsSync(xml) ? (readFileSync(xml, 'utf8').match(/<Image[\s>]/g) ?? []).length : 0;
  const there = readdirSync(folder).filter(name => /^\d+$/.test(name)).length;
  return (listed ?? Array.from({ length: counted || there }, (_, i) => String(i))).join(' ');
}

/** Image: axes, sizes of all levels that were recorded, channels, and whether it is a label image. */
function imageOf(folder: string, values: Loose, isV3: boolean): string {
  const [multiscale] = values.multiscales;
  const version = values.version ?? multiscale.version ?? (isV3 ? '0.5' : '0.4');
  const arrays = multiscale.datasets
    .map(({ path: name }: Loose) => jsonOf(path.join(folder, name, isV3 ? 'zarr.json' : '.zarray')))
    .filter((array: Loose) => array !== undefined);
  if (arrays.length === 0) {
    return 'NOT_FOUND';
  }
  // Levels of another type are no pyramid of the first: labels averaged into floats have ids that exist nowhere.
  const levels = arrays.filter(
    ({ dtype, data_type: type }: Loose) => (dtype ?? type) === (arrays[0].dtype ?? arrays[0].data_type)
  );
  const named = multiscale.coordinateSystems
    ? multiscale.coordinateSystems.find(({ name }: Loose) => {
        const { output } = multiscale.datasets[0].coordinateTransformations[0];
        return name === (output.name ?? output);
      }).axes
    : (multiscale.axes ?? [...'tczyx'].slice(-arrays[0].shape.length));
  const names = named.map((axis: Loose) => axis.name ?? axis);
  const c = names.indexOf('c');
  const channels = c < 0 ? 1 : arrays[0].shape[c];
  const labels = (values.omero?.channels ?? [])
    .map(({ label }: Loose) => label)
    .filter((label: Loose) => label && !/^Channel \d+$/.test(label));
  const sizes = levels.map(({ shape }: Loose) => shape.join('x')).join(' ');
  const kind = values['image-label'] ? 'label' : 'image';
  return `${kind} ${version} ${names.join('')} ${sizes} channels ${channels}${labels.length === channels ? ` ${labels[0]}` : ''}`;
}
