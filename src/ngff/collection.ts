import { asArray, asObject, parseJson } from '../core';
import type { IDocuments } from '../stores';
import type { IAttributes } from './image';
import type { ICollection } from './model';
import { checkDatasetPath } from './path';

/** OME-XML larger than this is not looked into. */
const MAX_XML_BYTES = 8 * 1024 * 1024;
/** Images that are looked for by number, where nothing lists them; asked for in groups, all of one group at once. */
const MAX_PROBED = 256;
const PROBE_GROUP = 8;

function collection(attributes: IAttributes, series: readonly string[], more: readonly string[] = []): ICollection {
  const { version, notices } = attributes;
  const named = series.map(path => ({ path, name: '' }));
  return { kind: 'collection', version, path: '', name: '', series: named, notices: [...notices, ...more] };
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

/**
 * Number of images in an OME-XML document. Only the opening tags are counted: no entity, no DTD and no markup of it is
 * followed, and their order is the order of the series (bioformats2raw, layout 3).
 */
function countImages(bytes: Uint8Array | null | undefined): number {
  if (!bytes || bytes.length > MAX_XML_BYTES) {
    return 0;
  }
  const text = new TextDecoder('utf-8').decode(bytes);
  return text.match(/<(?:\w{1,20}:)?Image[\s>]/g)?.length ?? 0;
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
 * that are found by number. Or the documents that are still needed.
 */
export function buildBioformats(
  attributes: IAttributes,
  documents: IDocuments
): { node: ICollection } | { missing: string[] } {
  const { zarrFormat, values } = attributes;
  const listKey = zarrFormat === 2 ? 'OME/.zattrs' : 'OME/zarr.json';
  const xmlKey = 'OME/METADATA.ome.xml';
  const layout = values['bioformats2raw.layout'];
  const notes =
    layout === 3 ? [] : [`The layout ${String(layout).slice(0, 20)} of bioformats2raw is read like layout 3.`];
  if (!documents.has(listKey)) {
    return { missing: [listKey] };
  }
  const listed = listedSeries(documents.get(listKey), listKey, zarrFormat);
  if (listed) {
    return { node: collection(attributes, listed, notes) };
  }
  if (!documents.has(xmlKey)) {
    return { missing: [xmlKey] };
  }
  const count = Math.min(countImages(documents.get(xmlKey)), MAX_PROBED);
  if (count > 0) {
    const series = Array.from({ length: count }, (_, i) => String(i));
    return { node: collection(attributes, series, notes) };
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
  return collection(attributes, [...new Set(series)]);
}
