import { BioImageError, say } from '../core';
import type { ISelection, IStoreInfo } from '../entities';
import type { IImage, ILevel } from '../ngff';
import { indexAtLevel, regionAtLevel } from '../ngff';
import type { ISnippetInput, SnippetAccess, SnippetSlice } from '../snippets';
import type { IResolved } from '../stores';

/** Characters of an image's name that go into a comment; `comment` cuts further. */
const TITLE = 200;

function encodeKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}

/** A key below a base; nothing is added to either where the other is empty. */
function joined(base: string, key: string): string {
  return base === '' || key === '' ? base || key : `${base.replace(/\/+$/, '')}/${key}`;
}

/** How the kernel reaches a key of a store: as this session reads it where the kernel can, else by its public address. */
function accessOf(store: IStoreInfo, key: string): SnippetAccess | null {
  const { root, endpoint, bucket, prefix = '', url } = store.access;
  const absent = store.absentIs403 ? { absentIs403: true } : {};
  if (root !== undefined) {
    return { kind: 'file', path: joined(root, key) };
  }
  if (endpoint !== undefined && bucket !== undefined) {
    return { kind: 's3', endpoint, bucket, key: joined(prefix, key), ...absent };
  }
  return url === undefined ? null : { kind: 'https', url: joined(url, encodeKey(key)), ...absent };
}

/** How code in a kernel of this session reaches an image, or the file that it is packed in. */
export function snippetAccess(resolved: IResolved): SnippetAccess {
  const access = resolved.store === null ? null : accessOf(resolved.store, resolved.key);
  if (access !== null) {
    return access;
  }
  if (resolved.direct === undefined) {
    throw new BioImageError('UNSUPPORTED', say`A kernel cannot reach this store.`);
  }
  return { kind: 'https', url: resolved.direct };
}

/** The level that a selection names or that is drawn; refused where the image has no such level. */
function levelOf(image: IImage, level: number): ILevel {
  const found = image.levels.at(level);
  if (found === undefined || level < 0) {
    throw new BioImageError('BAD_REQUEST', say`The image has no level ${level}.`, { where: 'level' });
  }
  return found;
}

/** Refuses an index that the image does not have: code that silently reads another plane would be wrong. */
function checked(image: IImage, axis: 't' | 'z' | 'c', index: number): number {
  const place = image.at[axis];
  const size = place === undefined ? 1 : image.levels[0].array.shape[place];
  if (index >= size) {
    throw new BioImageError('BAD_REQUEST', say`The image has no ${axis} ${index}.`, { where: axis });
  }
  return index;
}

/** An index at the level; refused where the level does not reach there, for nothing is drawn there either. */
function slice(image: IImage, level: ILevel, axis: number, index: number): SnippetSlice {
  const found = indexAtLevel(image, level.index, axis, index);
  if (found === null) {
    const { name } = image.axes[axis];
    throw new BioImageError('BAD_REQUEST', say`Level ${level.index} does not reach ${name} ${index}.`, { where: name });
  }
  return { index: found };
}

/** What the selection keeps of each axis, in pixels of the level. */
function slicesOf(image: IImage, level: ILevel, selection: ISelection): SnippetSlice[] {
  const slices: SnippetSlice[] = image.axes.map(() => null);
  for (const axis of ['t', 'z'] as const) {
    const place = image.at[axis];
    const index = selection[axis];
    if (index !== undefined) {
      checked(image, axis, index);
      if (place !== undefined) {
        slices[place] = slice(image, level, place, index);
      }
    }
  }
  // Absent means the visible channels; where all are visible in their order, nothing needs to be said.
  const visible = image.channels.filter(channel => channel.active).map(channel => channel.index);
  const channels = selection.c ?? (visible.length > 0 ? visible : image.channels.map(channel => channel.index));
  channels.forEach(channel => checked(image, 'c', channel));
  const isAll = channels.length === image.channels.length && channels.every((channel, place) => channel === place);
  if (image.at.c !== undefined && !isAll) {
    slices[image.at.c] = { list: channels };
  }
  for (const { axis, index } of image.others) {
    slices[axis] = slice(image, level, axis, index);
  }
  if (selection.region !== undefined) {
    const [y0, y1, x0, x1] = regionAtLevel(image, level.index, selection.region);
    if (y0 >= y1 || x0 >= x1) {
      throw new BioImageError('BAD_REQUEST', say`The region lies outside the image.`, { where: 'region' });
    }
    slices[image.at.y] = { start: y0, stop: y1 };
    slices[image.at.x] = { start: x0, stop: x1 };
  }
  return slices;
}

/** Everything a template says about a view of an image: `selection.level` pins the level, else `drawn` (0 if unknown). */
export function snippetInput(
  image: IImage,
  uri: string,
  access: SnippetAccess,
  selection: ISelection,
  drawn = 0
): ISnippetInput {
  const level = levelOf(image, selection.level ?? drawn);
  return {
    uri,
    title: (image.name || uri).slice(0, TITLE),
    access,
    zarrFormat: image.zarrFormat,
    version: image.version,
    axes: image.axes.map(({ name }) => name),
    level: level.index,
    levelPath: level.path,
    shape: level.array.shape,
    slices: slicesOf(image, level, selection),
    dtype: level.array.dtype
  };
}
