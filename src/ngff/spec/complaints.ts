import { asObject, isBioImageError, parseJson, say } from '../../core';
import type { Said } from '../../core';
import type { IDocuments } from '../../stores';
import type { IComplaint } from '../model';
import { paragraphOf, record } from '../versions';
import type { IVersion, Part } from '../versions';
import { judge } from './judge';
import { inDocuments } from './lookup';
import type { IFinding, IMetadata } from './metadata';
import { findings } from './prose';

/** Complaints that are shown; one mistake in every well of a plate is told often enough. */
const MAX_COMPLAINTS = 200;

/** The part of the metadata that a segment of a pointer belongs to. */
const PARTS: ReadonlyMap<string, Part> = new Map(
  (
    [
      'axes',
      'bioformats2raw.layout',
      'coordinateTransformations',
      'image-label',
      'labels',
      'multiscales',
      'omero',
      'plate',
      'scene',
      'series',
      'well'
    ] as const
  ).map(part => [part, part])
);

/** The innermost part around a pointer: `/ome/multiscales/0/axes/1` is about axes. */
function partAt(pointer: string): Part | undefined {
  return pointer
    .split('/')
    .map(name => PARTS.get(name === 'coordinateSystems' ? 'axes' : name))
    .filter(part => part !== undefined)
    .at(-1);
}

/** The name of the place for a sentence: the last segment that is a word, with the number below it. */
function nameAt(pointer: string): Said {
  const [last = '', before = ''] = pointer.split('/').reverse();
  return pointer === '' ? say`The metadata` : /^\d+$/.test(last) ? say`Entry ${last} of "${before}"` : say`"${last}"`;
}

function sentence(version: IVersion, { pointer, text }: IFinding): Said {
  const part = partAt(pointer);
  const paragraph = part ? paragraphOf(version, part) : `OME-Zarr ${version.id}`;
  return String(text).endsWith('.')
    ? say`${nameAt(pointer)} ${text} (${paragraph})`
    : say`${nameAt(pointer)} ${text}. (${paragraph})`;
}

/** Attributes of the group and the document they stand in; `undefined` where there are none, or they cannot be read. */
function metadataOf(documents: IDocuments): { metadata: IMetadata; document: string; prefix: string } | undefined {
  const [v3, v2] = [documents.get('zarr.json'), documents.get('.zattrs')];
  try {
    if (v3) {
      const attributes = record(asObject(parseJson(v3, 'zarr.json'), 'zarr.json').attributes);
      const values = attributes.ome === undefined ? attributes : record(attributes.ome);
      return { metadata: { zarrFormat: 3, attributes, values }, document: 'zarr.json', prefix: '/attributes' };
    }
    const attributes = v2 ? record(parseJson(v2, '.zattrs')) : undefined;
    return (
      attributes && { metadata: { zarrFormat: 2, attributes, values: attributes }, document: '.zattrs', prefix: '' }
    );
  } catch (error) {
    if (isBioImageError(error)) {
      return undefined; // opening tells it
    }
    throw error;
  }
}

/**
 * What the specification of the version that the metadata names has against it: its schemas, its prose, and arrays among
 * `documents` that are named but not there or do not fit. Nothing is read. Empty for plain Zarr, for versions without
 * schemas, and where there is nothing to complain of.
 */
export async function complain(documents: IDocuments): Promise<IComplaint[]> {
  const found = metadataOf(documents);
  if (!found) {
    return [];
  }
  const { metadata, document, prefix } = found;
  const { rules, problems } = judge(metadata, false);
  if (!rules) {
    return [];
  }
  const beyond = await findings(metadata, rules, inDocuments(documents, metadata.zarrFormat));
  const said = [...problems, ...beyond].map(finding => ({
    pointer: `${document}#${prefix}${finding.pointer}`,
    rule: sentence(rules, finding)
  }));
  const once = new Map(said.map(complaint => [`${complaint.pointer} ${String(complaint.rule)}`, complaint]));
  return [...once.values()].slice(0, MAX_COMPLAINTS);
}
