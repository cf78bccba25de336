import { isBioImageError, parseJsonExact, say } from '../core';
import type { Said } from '../core';
import type { IDocuments } from '../stores';
import { cut } from './model';
import type { ILabelInfo } from './model';
import { asText } from './plate';
import { record } from './versions';
import type { Json } from './versions';

/** Names and values of one id that are kept. */
const MAX_PROPERTIES = 32;

function items(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(record) : [];
}

/** An id as decimal text. Numbers beyond 2^53 come as text from an exact reading; floats that are whole count. */
function idOf(value: unknown): string | undefined {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? String(value) : undefined;
  }
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? String(BigInt(value)) : undefined;
}

/** Red, green, blue, alpha as whole numbers of a byte; three make an opaque colour. */
function colorOf(value: unknown): [number, number, number, number] | undefined {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [];
  const bytes = list.map(part =>
    typeof part === 'number' && Number.isFinite(part) ? Math.min(255, Math.max(0, Math.round(part))) : undefined
  );
  const [red, green, blue, alpha = 255] = bytes;
  const usable = (bytes.length === 3 || bytes.length === 4) && !bytes.includes(undefined);
  return usable && red !== undefined && green !== undefined && blue !== undefined
    ? [red, green, blue, alpha]
    : undefined;
}

/** Whether an id lost digits when it was read as a double. */
function isRounded(label: Json): boolean {
  return [...items(label.colors), ...items(label.properties)].some(entry => {
    const id = entry['label-value'];
    return typeof id === 'number' && !Number.isSafeInteger(id);
  });
}

/** `image-label` of the group's document once more, with whole numbers beyond 2^53 as text. */
function exactly(label: Json, documents: IDocuments, key: string): Json {
  const bytes = isRounded(label) ? documents.get(key) : undefined;
  if (!bytes) {
    return label;
  }
  try {
    const document = record(parseJsonExact(bytes, key));
    const attributes = key === 'zarr.json' ? record(document.attributes) : document;
    return record(record(attributes.ome)['image-label'] ?? attributes['image-label']);
  } catch (error) {
    if (isBioImageError(error)) {
      return label;
    }
    throw error;
  }
}

/**
 * Colours and properties of the ids of a label image (OME-Zarr 0.4, "image-label" metadata); of entries with the same id
 * the last one counts. What cannot be used is left out with a notice. `undefined` where nothing is said.
 */
export function readLabelInfo(
  value: unknown,
  documents: IDocuments,
  zarrFormat: 2 | 3,
  notices: Said[]
): ILabelInfo | undefined {
  const label = exactly(record(value), documents, zarrFormat === 3 ? 'zarr.json' : '.zattrs');
  const colors = new Map<string, readonly [number, number, number, number]>();
  const properties = new Map<string, readonly (readonly [string, string])[]>();
  let odd = 0;
  for (const { 'label-value': given, rgba } of items(label.colors)) {
    const [id, color] = [idOf(given), colorOf(rgba)];
    if (id !== undefined && color) {
      colors.set(id, color);
    } else if (id === undefined || rgba !== undefined) {
      odd += 1; // the colour itself may be missing
    }
  }
  for (const { 'label-value': given, ...rest } of items(label.properties)) {
    const id = idOf(given);
    if (id === undefined) {
      odd += 1;
      continue;
    }
    const entries = Object.entries(rest).filter(([, text]) => text !== null && text !== undefined);
    properties.set(
      id,
      entries.slice(0, MAX_PROPERTIES).map(([name, text]) => [cut(name, 80), asText(text)] as const)
    );
  }
  if (odd > 0) {
    notices.push(say`${odd} colours or properties of labels are not used: their id or colour is not valid.`);
  }
  return colors.size + properties.size > 0 ? { colors, properties } : undefined;
}
