import { asArray, asObject, cleanText, isBioImageError, parseJson, say } from '../core';
import type { Said } from '../core';
import type { IDocuments } from '../stores';
import { readEach } from './each';
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

/** Series that are null are left out; the others keep the place that the images of the OME-XML refer to. */
function collection(
  attributes: IAttributes,
  series: readonly (string | null)[],
  more: readonly Said[] = [],
  images: readonly IOmeSeries[] = []
): ICollection {
  const { version, notices } = attributes;
  const named = series.flatMap((path, i): ISeries[] => {
    const { name = '', size } = images.at(i) ?? {};
    return path === null ? [] : [{ path, name: cleanText(name), ...(size && { size }) }];
  });
  const first = new Map(named.map(({ path }, i) => [path, i] as const).reverse());
  const once = named.filter(({ path }, i) => first.get(path) === i);
  return { kind: 'collection', version, path: '', name: '', series: once, notices: [...notices, ...more] };
}

/** One `Image` of OME-XML; the order of the images is the order of the series (bioformats2raw, layout 3). */
type IOmeSeries = ReturnType<typeof omeImages>[number];

/** The images of the OME-XML, as far as it is there and can be read; names are a convenience. */
function describedImages(bytes: Uint8Array | null | undefined, notices: Said[]): readonly IOmeSeries[] {
  if (!bytes || bytes.length > MAX_XML_BYTES) {
    return [];
  }
  try {
    return omeImages(bytes);
  } catch (error) {
    if (isBioImageError(error)) {
      notices.push(say`The OME-XML cannot be read; the series have no names. ${error.said.message}`);
      return [];
    }
    throw error;
  }
}

/** `series` of the `OME` group (OME-Zarr 0.4, section 2.3.2), or `undefined` where it has none. */
function listedSeries(
  bytes: Uint8Array | null | undefined,
  key: string,
  zarrFormat: 2 | 3,
  notices: Said[]
): (string | null)[] | undefined {
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
    : readEach(asArray(attributes.series, `${key}: series`), say`series of the OME group`, notices, (path, i) =>
        checkDatasetPath(path, `${key}: series[${i}]`)
      );
}

/** Images 0, 1, 2 … up to the first that is not there. */
function probed(
  documents: IDocuments,
  zarrFormat: 2 | 3,
  notices: Said[]
): { series: string[] } | { missing: string[] } {
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
  if (series.length === MAX_PROBED) {
    notices.push(say`Only the first ${MAX_PROBED} images were looked for; there may be more.`);
  }
  return { series };
}

/** As JSON, so that a text is told from a number. */
function layoutText(layout: unknown): string {
  return cut(JSON.stringify(layout), 20);
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
  const notes = layout === 3 ? [] : [say`The layout ${layoutText(layout)} of bioformats2raw is read like layout 3.`];
  const missing = [listKey, XML_KEY].filter(key => !documents.has(key));
  if (missing.length > 0) {
    return { missing };
  }
  const listed = listedSeries(documents.get(listKey), listKey, zarrFormat, notes);
  const images = describedImages(documents.get(XML_KEY), notes);
  if (listed) {
    return { node: collection(attributes, listed, notes, images) };
  }
  const count = Math.min(images.length, MAX_PROBED);
  if (images.length > count) {
    notes.push(say`Only the first ${count} of ${images.length} images are shown.`);
  }
  if (count > 0) {
    const series = Array.from({ length: count }, (_, i) => String(i));
    return { node: collection(attributes, series, notes, images) };
  }
  const found = probed(documents, zarrFormat, notes);
  return 'missing' in found
    ? found
    : {
        node: collection(attributes, found.series, [
          ...notes,
          say`The images were found by their numbers; nothing lists them.`
        ])
      };
}

/** A group of label images (`labels`, OME-Zarr 0.1 and later). */
export function buildLabels(attributes: IAttributes): ICollection {
  const notices: Said[] = [];
  const listed = asArray(attributes.values.labels, 'labels');
  const series = readEach(listed, say`labels`, notices, (path, i) => checkDatasetPath(path, `labels[${i}]`));
  return collection(attributes, series, notices);
}

/** A scene (0.6): the images that its transformations lead from and to, in the order in which they are named. */
export function buildScene(attributes: IAttributes): ICollection {
  const scene = asObject(attributes.values.scene, 'scene');
  const listed = asArray(scene.coordinateTransformations ?? [], 'scene.coordinateTransformations');
  const notices = [say`The images of this scene are shown one by one, not in their common space.`];
  const read = (value: unknown, i: number): string[] => {
    const { input, output } = asObject(value, `scene.coordinateTransformations[${i}]`);
    return [input, output].flatMap((end, k) => {
      const { path } = record(end);
      const where = `scene.coordinateTransformations[${i}].${k === 0 ? 'input' : 'output'}.path`;
      return path === undefined || path === '' || path === null ? [] : [checkDatasetPath(path, where)];
    });
  };
  const paths = readEach(listed, say`transformations of the scene`, notices, read).flatMap(ends => ends ?? []);
  return collection(attributes, paths, notices);
}

/** A collection of nodes, as a proposal for 1.0 has it. */
export function buildNodes(attributes: IAttributes): ICollection {
  const { nodes, name } = asObject(attributes.values.collection, 'collection');
  const notices: Said[] = [];
  const listed = readEach(asArray(nodes, 'collection.nodes'), say`nodes of the collection`, notices, (value, i) => {
    const where = `collection.nodes[${i}]`;
    return checkDatasetPath(asObject(value, where).path, `${where}.path`);
  });
  return { ...collection(attributes, listed, notices), name: typeof name === 'string' ? cut(name, 200) : '' };
}
