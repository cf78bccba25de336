import { asObject, BioImageError, parseJson, say } from '../core';
import type { Said } from '../core';
import type { IDocuments } from '../stores';
import { parseArray } from './exact';
import { refuseExtensions } from './extensions';
import { buildGroupV2, buildGroupV3 } from './group';
import { buildBareImage } from './image';
import type { IAttributes } from './image';
import { kindOf } from './kinds';
import type { Built } from './kinds';
import { locating } from './located';
import { cut } from './model';
import { rulesOf } from './versions';
import type { Json } from './versions';

function attributesOf(values: Json, zarrFormat: 2 | 3, root: string, notices: readonly Said[]): IAttributes {
  const { version: name, declared, known, rules } = rulesOf(values, zarrFormat);
  const version = cut(name, 40);
  const said = [...notices];
  if (!declared && values['bioformats2raw.layout'] === undefined && values.labels === undefined) {
    said.push(say`The OME-Zarr version is not named; it is read as ${version}.`);
  } else if (!known) {
    said.push(say`OME-Zarr ${version} is not known here; what can be understood is shown.`);
  } else if (rules.id.endsWith('-dev')) {
    said.push(say`OME-Zarr ${version} is in development; it is read as it stands today.`);
  }
  return { zarrFormat, version, rules, values, root, notices: said };
}

/** UNSUPPORTED for another format than Zarr v3, and for an extension that has to be known. */
function checkV3(document: Record<string, unknown>): void {
  const format = document.zarr_format ?? 3;
  if (format !== 3) {
    const name = JSON.stringify(format).slice(0, 20);
    throw new BioImageError('UNSUPPORTED', say`This format is not supported: zarr_format ${name}.`, {
      where: 'zarr.json'
    });
  }
  refuseExtensions(document, 'zarr.json');
}

/** What `zarr.json` of the root says: a group with OME metadata, an array, or nothing that can be shown. */
function readRootV3(bytes: Uint8Array, notices: readonly Said[]): { attributes?: IAttributes; array?: boolean } {
  const document = asObject(parseJson(bytes, 'zarr.json'), 'zarr.json');
  checkV3(document);
  const all = asObject(document.attributes ?? {}, 'zarr.json: attributes');
  const values = all.ome === undefined ? all : asObject(all.ome, 'zarr.json: ome');
  if (kindOf(values, all.ome !== undefined)) {
    const said = all.ome === undefined ? [...notices, say`The OME-Zarr metadata does not stand under "ome".`] : notices;
    const root = all.ome === undefined ? 'zarr.json#/attributes' : 'zarr.json#/attributes/ome';
    return { attributes: attributesOf(values, 3, root, said) };
  }
  return { array: document.node_type === 'array' };
}

function readRootV2(bytes: Uint8Array, notices: readonly Said[]): IAttributes | undefined {
  const values = asObject(parseJson(bytes, '.zattrs'), '.zattrs');
  return kindOf(values, false) ? attributesOf(values, 2, '.zattrs#', notices) : undefined;
}

function build(attributes: IAttributes, documents: IDocuments): Built {
  const kind = kindOf(attributes.values, true);
  if (!kind) {
    throw new BioImageError('INTERNAL', say`Something went wrong here.`, { where: 'kind' });
  }
  return kind.build(attributes, documents);
}

/** No OME metadata in either format: a bare array, a plain group, or nothing at all. */
function buildPlain(documents: IDocuments, root: IRoot): Built {
  const v3 = documents.get('zarr.json');
  if (v3 && root.array) {
    return { node: buildBareImage(parseArray('', v3, 'zarr.json'), '') };
  }
  if (root.v3) {
    return { node: buildGroupV3(documents) };
  }
  const missing = ['.zarray', '.zgroup'].filter(key => !documents.has(key));
  if (missing.length > 0) {
    return { missing };
  }
  const array = documents.get('.zarray');
  if (array) {
    return { node: buildBareImage(parseArray('', array, '.zarray'), '') };
  }
  if (documents.get('.zgroup') || documents.get('.zattrs')) {
    return buildGroupV2(documents);
  }
  throw new BioImageError('NOT_FOUND', say`There is nothing at this address: neither a Zarr group nor a Zarr array.`);
}

/** What the root documents say, as far as they are there. */
interface IRoot {
  readonly attributes?: IAttributes;
  /** `zarr.json` is that of a bare array. */
  readonly array?: boolean;
  /** There is a v3 node of any kind. */
  readonly v3: boolean;
  readonly missing: readonly string[];
}

function readRoot(documents: IDocuments): IRoot {
  const missing = (keys: readonly string[]): string[] => keys.filter(key => !documents.has(key));
  if (!documents.has('zarr.json')) {
    return { v3: false, missing: missing(['zarr.json', '.zattrs']) };
  }
  const bytes = documents.get('zarr.json');
  const both = bytes && (documents.get('.zattrs') ?? documents.get('.zgroup') ?? documents.get('.zarray'));
  const v3 = bytes
    ? readRootV3(bytes, both ? [say`Zarr v2 and v3 metadata lie side by side; v3 is read.`] : [])
    : undefined;
  if (v3?.attributes ?? v3?.array) {
    return { ...v3, v3: true, missing: [] };
  }
  const v2 = documents.get('.zattrs');
  const beside = v3 ? [say`Zarr v2 and v3 metadata lie side by side; v2 is read, for it has the image.`] : [];
  const attributes = v2 ? readRootV2(v2, beside) : undefined;
  return { ...(attributes && { attributes }), v3: v3 !== undefined, missing: missing(['.zattrs']) };
}

/** The attributes that decide what the node is, where the documents at hand have them. */
export function rootAttributes(documents: IDocuments): IAttributes | undefined {
  return readRoot(documents).attributes;
}

/**
 * From the documents at hand (keys relative to the node; `null` = absent) to the node, or to the keys of what is still
 * needed. Pure. Where both Zarr formats are there, v3 is read and the fact noted. Lenient: what a picture does not depend
 * on is repaired or left out with a notice. Throws BAD_METADATA with document and
 * JSON pointer, UNSUPPORTED, TOO_LARGE, NOT_FOUND.
 */
export function buildNode(documents: IDocuments): Built {
  const root = locating('', () => readRoot(documents));
  return locating(root.attributes?.root ?? '', () => {
    if (root.attributes) {
      return build(root.attributes, documents);
    }
    return root.missing.length > 0 ? { missing: [...root.missing] } : buildPlain(documents, root);
  });
}
