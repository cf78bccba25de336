import { BioImageError, say } from '../../../core';
import { prefixedBy } from '../../moved';
import type { IListedStore } from '../../source';

/** The store of the session's own files, whose paths are those of the file browser. */
const FILES = 'files';

/** A file in a store. */
export interface IPlace {
  readonly store: string;
  /** '/'-separated, without a slash at either end. */
  readonly key: string;
}

/** `a/./b/../c` → `a/c`; `null` where it would leave the root. Backslashes are those of paths written elsewhere. */
function inside(path: string): string | null {
  const kept: string[] = [];
  for (const part of path.replaceAll('\\', '/').split('/')) {
    if (part === '..') {
      if (kept.pop() === undefined) {
        return null;
      }
    } else if (part !== '' && part !== '.') {
      kept.push(part);
    }
  }
  return kept.join('/');
}

/** The file in a store that an address names; throws NOT_FOUND where no store of the session answers for it. */
export function placeOf(address: string, stores: readonly IListedStore[]): IPlace {
  const named = /^store:([^/]*)\/(.*)$/s.exec(address);
  const [store, path] = named === null ? answering(address, stores) : [named[1], named[2]];
  const key = inside(path);
  if (key === null || key === '' || !stores.some(({ id }) => id === store)) {
    throw new BioImageError('NOT_FOUND', say`No store of this session answers for the address of this catalogue.`, {
      where: address,
      hint: say`An address works only where a store of this session answers for it. Put the file into your own files, or ask the operator of this service to add the store.`
    });
  }
  return { store, key };
}

/** A plain path is one of the session's own files; of an address of the web the store with the longest prefix. */
function answering(address: string, stores: readonly IListedStore[]): [store: string, path: string] {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(address)) {
    return [FILES, address];
  }
  let best: [string, string] = ['', ''];
  let longest = 0;
  for (const { id, prefixes = [] } of stores) {
    for (const prefix of prefixes) {
      const rest = prefixedBy(address, prefix);
      if (rest !== null && prefix.length > longest) {
        longest = prefix.length;
        best = [id, decoded(rest)];
      }
    }
  }
  return best;
}

function decoded(path: string): string {
  // A broken sequence stands for itself: no object has this name, which is what the person is told.
  return path.replace(/(?:%[0-9a-f]{2})+/gi, part => {
    return new TextDecoder().decode(Uint8Array.from(part.slice(1).split('%'), byte => parseInt(byte, 16)));
  });
}

/** The address of what a row of a catalogue at `place` means by a path of its own; `null` where it would leave the store. */
export function relativeUri(path: string, { store, key }: IPlace): string | null {
  const folder = path.startsWith('/') ? '' : key.slice(0, key.lastIndexOf('/') + 1);
  const found = inside(folder + path);
  if (found === null || found === '') {
    return null;
  }
  // A path with a colon could be taken for a scheme, and is written out.
  return store === FILES && !found.includes(':') ? found : `store:${store}/${found}`;
}
