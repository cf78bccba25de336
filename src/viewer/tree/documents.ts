import type { TranslationBundle } from '@jupyterlab/translation';
import { BioImageError, isBioImageError, localised, messageAndHint, parseJson, showUnseen } from '../../core';
import type { Route } from '../../pixels';
import { DirectStore, joinKey, SessionStore } from '../../stores';
import type { IReadableStore, IResolved, ISessionTransport } from '../../stores';
import { textOf } from './details';

/** Documents of metadata that may lie in a folder of Zarr. */
const NAMES = ['zarr.json', '.zattrs', '.zgroup', '.zarray'];
/** Characters of a document that is no JSON. */
const MAX_RAW = 4000;

/** Where the documents of a place are read from. */
export interface IDocumentsOptions {
  resolved: IResolved;
  transport?: ISessionTransport;
  route: Route | null;
  /** Document, and pointer into it, that a failure names; both relative to the place. */
  where?: string;
  trans: TranslationBundle;
}

/** The metadata that lie at a place, as text, with what a failure points at first. Never rejects: it tells what it could not read. */
export async function documentsElement(options: IDocumentsOptions): Promise<HTMLElement> {
  const { where = '', trans } = options;
  const node = document.createElement('div');
  node.className = 'jp-BioImageTree-documents';
  const [named, pointer] = /^([^#:]*)(?:#([^ ]*))?/.exec(where)?.slice(1) ?? [];
  const keys = NAMES.some(name => named?.endsWith(name)) ? [named, ...NAMES] : NAMES;
  const store = storeOf(options);
  const found = store ? await Promise.all([...new Set(keys)].map(key => read(store, key, trans))) : [];
  for (const { key, text } of found.flatMap(one => one ?? [])) {
    if (key === named && pointer) {
      const pointed = pointedAt(text, pointer);
      node.append(...(pointed === undefined ? [] : [section(`${key}#${pointer}`, textOf(pointed), true)]));
    }
    node.append(section(key, shown(text), key === named && !pointer));
  }
  if (!node.hasChildNodes()) {
    node.textContent = trans.__('No metadata could be read here.');
  }
  return node;
}

function storeOf({ resolved, transport, route }: IDocumentsOptions): IReadableStore | null {
  const { store, key, direct } = resolved;
  if (store && transport && route !== 'direct') {
    return new SessionStore(transport, store.id, key);
  }
  return direct === undefined ? null : new DirectStore(direct, { absentIs403: store?.absentIs403 });
}

async function read(store: IReadableStore, key: string, trans: TranslationBundle): Promise<{ key: string; text: string } | null> {
  try {
    const bytes = await store.get(joinKey(key));
    return bytes ? { key, text: new TextDecoder().decode(bytes) } : null;
  } catch (error) {
    if (!isBioImageError(error)) {
      throw error;
    }
    return { key, text: localised(trans, messageAndHint(error)) };
  }
}

/** JSON as it is read here, with its lines and indents; anything else as it stands. */
function shown(text: string): string {
  const value = parsed(text);
  return value === undefined ? text.slice(0, MAX_RAW).split('\n').map(showUnseen).join('\n') : textOf(value);
}

function parsed(text: string): unknown {
  try {
    return parseJson(new TextEncoder().encode(text), 'the document');
  } catch (error) {
    if (error instanceof BioImageError) {
      return undefined; // shown as it stands
    }
    throw error;
  }
}

/** What an RFC 6901 pointer leads to; `undefined` where it leads nowhere. */
export function pointedAt(text: string, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map(part => part.replace(/~1/g, '/').replace(/~0/g, '~'))
    .reduce<unknown>(
      (value, part) => (typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined),
      parsed(text)
    );
}

function section(title: string, text: string, isOpen: boolean): HTMLElement {
  const details = document.createElement('details');
  details.open = isOpen;
  const [summary, pre] = [document.createElement('summary'), document.createElement('pre')];
  pre.className = 'jp-BioImageTree-text';
  [summary.textContent, pre.textContent] = [showUnseen(title), text];
  details.append(summary, pre);
  return details;
}
