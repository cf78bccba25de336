import { asObject, invalid, isBioImageError, parseJson, say } from '../core';
import type { Said } from '../core';
import type { IDocuments } from '../stores';
import { readArray } from './array';
import type { IArray } from './array';
import type { IGroup } from './model';
import { checkDatasetPath } from './path';
import { record } from './versions';
import type { Json } from './versions';

/** Members that are shown; a tree of more is searched elsewhere. */
const MAX_MEMBERS = 10_000;

type Members = NonNullable<IGroup['members']>;
type Member = Members[number];

/** The array, where its document can be read; a member that cannot be opened is shown all the same. */
function arrayOf(path: string, document: unknown): IArray | undefined {
  try {
    return readArray(path, document);
  } catch (error) {
    if (isBioImageError(error)) {
      return undefined;
    }
    throw error;
  }
}

/** Whether metadata may name this member; others are counted. */
function isInside(path: string): boolean {
  try {
    checkDatasetPath(path, 'consolidated metadata');
    return true;
  } catch (error) {
    if (isBioImageError(error)) {
      return false;
    }
    throw error;
  }
}

/** Members in the order of their paths, so that a folder stands before what lies in it. */
function membersOf(found: ReadonlyMap<string, () => Member>, notices: Said[]): Members {
  const inside = [...found.keys()].filter(isInside).sort();
  if (inside.length < found.size) {
    notices.push(say`${found.size - inside.length} members are left out: their paths do not lie in the group.`);
  }
  if (inside.length > MAX_MEMBERS) {
    notices.push(say`Only the first ${MAX_MEMBERS} of ${inside.length} members are listed.`);
  }
  return inside.slice(0, MAX_MEMBERS).flatMap(path => found.get(path)?.() ?? []);
}

function arrayMember(path: string, document: unknown): Member {
  const array = arrayOf(path, document);
  return { path, type: 'array', ...(array && { array }) };
}

function group(zarrFormat: 2 | 3, attributes: Json, members: ReadonlyMap<string, () => Member> | undefined): IGroup {
  const notices = [say`This is a plain Zarr group without OME-Zarr metadata.`];
  const listed = members && membersOf(members, notices);
  return {
    kind: 'group',
    version: '',
    zarrFormat,
    path: '',
    name: '',
    attributes,
    ...(listed && { members: listed }),
    notices
  };
}

/** A v3 group; its `zarr.json` may hold the documents of all members (`consolidated_metadata`, zarr-python 3). */
export function buildGroupV3(documents: IDocuments): IGroup {
  const bytes = documents.get('zarr.json');
  const document = bytes ? asObject(parseJson(bytes, 'zarr.json'), 'zarr.json') : {};
  if (document.node_type !== 'group') {
    throw invalid('zarr.json: node_type', say`is neither group nor array`);
  }
  const consolidated = record(document.consolidated_metadata);
  const listed = consolidated.metadata === undefined ? undefined : Object.entries(record(consolidated.metadata));
  const members = listed?.map(([path, member]): [string, () => Member] => [
    path,
    () => (record(member).node_type === 'array' ? arrayMember(path, member) : { path, type: 'group' })
  ]);
  return group(3, record(document.attributes), members && new Map(members));
}

/** `a/b` of `a/b/.zarray`; '' for a document of the group itself. */
function parentOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')));
}

/**
 * A v2 group; `.zmetadata` holds the documents of all members by their keys (zarr-python 2). It is asked for here only,
 * for an image needs none of it.
 */
export function buildGroupV2(documents: IDocuments): { node: IGroup } | { missing: string[] } {
  if (!documents.has('.zmetadata')) {
    return { missing: ['.zmetadata'] };
  }
  const own = documents.get('.zattrs');
  const attributes = own ? record(parseJson(own, '.zattrs')) : {};
  const bytes = documents.get('.zmetadata');
  const { metadata } = bytes ? entriesOf(bytes) : {};
  if (metadata === undefined) {
    return { node: group(2, attributes, undefined) };
  }
  const members = new Map<string, () => Member>();
  for (const [key, document] of Object.entries(record(metadata))) {
    const path = parentOf(key);
    if (path !== '' && key.endsWith('/.zarray')) {
      members.set(path, () => arrayMember(path, document));
    } else if (path !== '' && key.endsWith('/.zgroup') && !members.has(path)) {
      members.set(path, () => ({ path, type: 'group' }));
    }
  }
  return { node: group(2, attributes, members) };
}

/** The document; what is wrong with it costs the list of members only. */
function entriesOf(bytes: Uint8Array): Json {
  try {
    return record(parseJson(bytes, '.zmetadata'));
  } catch (error) {
    if (isBioImageError(error)) {
      return {};
    }
    throw error;
  }
}
