import { asArray, asObject, cleanText, isBioImageError, parseJson } from '../core';
import type { IDocuments } from '../stores';
import type { IAttributes } from './image';
import { cut } from './model';
import type { ICollection, ISeries } from './model';
import { omeImages } from './omexml';
import { checkDatasetPath } from './path';
import { record } from './versions';

const XML_KEY = 'OME/METADATA.ome.xml';

/** OME-XML larger than this is not looked into. */
const MAX_XML_BYTES = 8 * 1024 * 1024;
/** Images that are looked for by number, where nothing lists them; asked for in groups, all of one group at once. */
const MAX_PROBED = 256;
const PROBE_GROUP = 8;

function collection(
  attributes: IAttributes,
  series: readonly string[],
  more: readonly string[] = [],
  images: readonly IOmeSeries[] = []
): ICollection {
  const { version, notices } = attributes;
  const named = series.map((path, i): ISeries => {
    const { name = '', size } = images.at(i) ?? {};
    return { path, name: cleanText(name), ...(size && { size }) };
  });
  const first = new Map(named.map(({ path }, i) => [path, i] as const).reverse());
  const once = named.filter(({ path }, i) => first.get(path) === i);
  return { kind: 'collection', version, path: '', name: '', series: once, notices: [...notices, ...more] };
}

/** One `Image` of OME-XML; the order of the images is the order of the series (bioformats2raw, layout 3). */
type IOmeSeries = ReturnType<typeof omeImages>[number];

/** The images of the OME-XML, as far as it is there and can be read; names are a convenience. */
function describedImages(bytes: Uint8Array | null | undefined, notices: string[]): readonly IOmeSeries[] {
  if (!bytes || bytes.length > MAX_XML_BYTES) {
    return [];
  }
  try {
    return omeImages(bytes);
  } catch (error) {
    if (isBioImageError(error)) {
      notices.push(`The OME-XML cannot be read; the series have no names. ${error.message}`);
      return [];
    }
    throw error;
  }
}

/** `series` of the `OME` group (OME-Zarr 0.4, section 2.3.2), or `undefined` where it has none. */
function listedSeries(bytes: Uint8Array | null | undefined, key: string, zarrFormat: 2 | 3): string[] | undefined {
  if (!bytes) {
    return undefined;
  }
  const document = asObject(parseJson(bytes, key), key);
  const attributes =
    zarrFormat === 2
      ? document
      : asObject(asObject(document.attributes ?? {}, `${key}: attributes`).ome ?? {}, `${key}: ome`);
  return attributes.series === undefined
    ? undefined
    : asArray(attributes.series, `${key}: series`).map((path, i) => checkDatasetPath(path, `${key}: series[${i}]`));
}

/** Images 0, 1, 2 … up to the first that is not there. */
function probed(documents: IDocuments, zarrFormat: 2 | 3): { series: string[] } | { missing: string[] } {
  const keyOf = (index: number): string => `${index}/${zarrFormat === 2 ? '.zattrs' : 'zarr.json'}`;
  const series: string[] = [];
  for (let index = 0; index < MAX_PROBED; index++) {
    const found = documents.get(keyOf(index));
    if (found === undefined) {
      return {
        missing: Array.from({ length: PROBE_GROUP }, (_, i) => keyOf(index + i)).filter(key => !documents.has(key))
      };
    }
    if (found === null) {
      break;
    }
    series.push(String(index));
  }
  return { series };
}

/**
 * A bioformats2raw layout: the series as the `OME` group lists them, else as many as its OME-XML describes, else those
 * that are found by number; names and sizes from the OME-XML. Or the documents that are still needed.
 */
export function buildBioformats(
  attributes: IAttributes,
  documents: IDocuments
): { node: ICollection } | { missing: string[] } {
  const { zarrFormat, values } = attributes;
  const listKey = zarrFormat === 2 ? 'OME/.zattrs' : 'OME/zarr.json';
  const layout = values['bioformats2raw.layout'];
  const notes =
    layout === 3 ? [] : [`The layout ${String(layout).slice(0, 20)} of bioformats2raw is read like layout 3.`];
  const missing = [listKey, XML_KEY].filter(key => !documents.has(key));
  if (missing.length > 0) {
    return { missing };
  }
  const listed = listedSeries(documents.get(listKey), listKey, zarrFormat);
  const images = describedImages(documents.get(XML_KEY), notes);
  if (listed) {
    return { node: collection(attributes, listed, notes, images) };
  }
  const count = Math.min(images.length, MAX_PROBED);
  if (count > 0) {
    const series = Array.from({ length: count }, (_, i) => String(i));
    return { node: collection(attributes, series, notes, images) };
  }
  const found = probed(documents, zarrFormat);
  return 'missing' in found
    ? found
    : {
        node: collection(attributes, found.series, [
          ...notes,
          'The images were found by their numbers; nothing lists them.'
        ])
      };
}

/** A group of label images (`labels`, OME-Zarr 0.1 and later). */
export function buildLabels(attributes: IAttributes): ICollection {
  const series = asArray(attributes.values.labels, 'labels').map((path, i) => checkDatasetPath(path, `labels[${i}]`));
  return collection(attributes, series);
}

/** A scene (0.6): the images that its transformations lead from and to, in the order in which they are named. */
export function buildScene(attributes: IAttributes): ICollection {
  const scene = asObject(attributes.values.scene, 'scene');
  const listed = asArray(scene.coordinateTransformations ?? [], 'scene.coordinateTransformations');
  const paths = listed.flatMap((value, i) => {
    const { input, output } = asObject(value, `scene.coordinateTransformations[${i}]`);
    return [input, output].flatMap((end, k) => {
      const { path } = record(end);
      const where = `scene.coordinateTransformations[${i}].${k === 0 ? 'input' : 'output'}.path`;
      return path === undefined || path === '' || path === null ? [] : [checkDatasetPath(path, where)];
    });
  });
  return collection(attributes, paths, ['The images of this scene are shown one by one, not in their common space.']);
}

/** A collection of nodes, as a proposal for 1.0 has it. */
export function buildNodes(attributes: IAttributes): ICollection {
  const { nodes, name } = asObject(attributes.values.collection, 'collection');
  const listed = asArray(nodes, 'collection.nodes').map((value, i) => {
    const where = `collection.nodes[${i}]`;
    return checkDatasetPath(asObject(value, where).path, `${where}.path`);
  });
  return { ...collection(attributes, listed), name: typeof name === 'string' ? cut(name, 200) : '' };
}
