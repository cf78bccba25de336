import { asObject, BioImageError, isBioImageError, parseJson, say } from '../core';
import { findings, inStore, judge } from '../ngff/spec';
import type { IFinding, IMetadata } from '../ngff/spec';
import { DirectStore, withRetry } from '../stores';
import type { IReadableStore } from '../stores';
import { FolderStore } from './folder';

const USAGE = 'validate [--strict] <path or URL>...';

/** What is printed for each place, one JSON object a line (the protocol of the specification's conformance suite). */
export interface IVerdict {
  readonly valid: boolean;
  readonly message: string;
  /** As it was given. */
  readonly path: string;
}

/** The place given is the one allowed root: a folder, or everything below a URL. */
export function storeAt(place: string): IReadableStore {
  return /^https?:\/\//i.test(place) ? withRetry(new DirectStore(place.replace(/\/+$/, ''))) : new FolderStore(place);
}

function isGroup(zarrFormat: 2 | 3, attributes: Record<string, unknown>): IMetadata {
  const { ome } = attributes;
  const values = ome === undefined ? attributes : asObject(ome, 'ome');
  return { zarrFormat, attributes, values };
}

/** The attributes of the group: those of v3 where there is a v3 group, else those of v2. */
async function readMetadata(store: IReadableStore): Promise<IMetadata> {
  const [v3, v2, group] = await Promise.all(['zarr.json', '.zattrs', '.zgroup'].map(key => store.get(key)));
  if (v3) {
    const document = asObject(parseJson(v3, 'zarr.json'), 'zarr.json');
    return isGroup(3, asObject(document.attributes ?? {}, 'zarr.json: attributes'));
  }
  if (!v2 && !group) {
    throw new BioImageError('NOT_FOUND', say`There is no Zarr group at this place.`);
  }
  return isGroup(2, v2 ? asObject(parseJson(v2, '.zattrs'), '.zattrs') : {});
}

/** Objections that are printed; the rest is counted. */
const MAX_PROBLEMS = 5;

/** Pointers are told from the part that has the version, as the specification writes them. */
function told({ pointer, text }: IFinding): string {
  const place = pointer.replace(/^\/ome(?=\/|$)/, '');
  return place === '' ? String(text) : `${place} ${String(text)}`;
}

function shorten(problems: readonly IFinding[]): string[] {
  const different = [...new Set(problems.map(told))];
  const rest = different.length - MAX_PROBLEMS;
  return rest > 0 ? [...different.slice(0, MAX_PROBLEMS), `and ${rest} more`] : different;
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

/**
 * Judges the group at the root of `store`. `valid` is what the schemas say; what the prose demands beyond them, and arrays
 * that are named but not there, are in `message`. Metadata that cannot be read is invalid; a store that fails is thrown.
 */
async function validateStore(store: IReadableStore, strict: boolean): Promise<Omit<IVerdict, 'path'>> {
  let metadata: IMetadata;
  try {
    metadata = await readMetadata(store);
  } catch (error) {
    if (
      isBioImageError(error) &&
      (error.code === 'BAD_METADATA' || error.code === 'NOT_FOUND' || error.code === 'TOO_LARGE')
    ) {
      return { valid: false, message: error.message };
    }
    throw error;
  }
  const { valid, what, rules, problems } = judge(metadata, strict);
  const beyond = (await findings(metadata, rules, inStore(store, metadata.zarrFormat))).map(told);
  const said = [
    sentence(valid ? `Valid ${String(what)}` : `Not valid ${String(what)}: ${shorten(problems).join('; ')}`),
    ...(beyond.length > 0 ? [sentence(`Beyond the schema: ${beyond.join('; ')}`)] : [])
  ];
  return { valid, message: said.join(' ') };
}

/**
 * `validate`: judges groups by the schemas of the OME-Zarr version they name, and prints one JSON object a line in the
 * order of the places.
 *
 * @returns the exit status: 0 where every place was judged, 1 where a store failed, 2 for wrong arguments
 */
export async function validate(
  args: readonly string[],
  print: (line: string) => void = line => console.log(line)
): Promise<number> {
  const places = args.filter(arg => !arg.startsWith('--'));
  const unknown = args.find(arg => arg.startsWith('--') && arg !== '--strict');
  if (places.length === 0 || unknown !== undefined) {
    console.error(unknown === undefined ? USAGE : `Not understood: ${unknown}. ${USAGE}`);
    return 2;
  }
  let status = 0;
  for (const path of places) {
    try {
      const verdict = await validateStore(storeAt(path), args.includes('--strict'));
      print(JSON.stringify({ valid: verdict.valid, message: verdict.message, path }));
    } catch (error) {
      if (!isBioImageError(error)) {
        throw error;
      }
      status = 1;
      print(JSON.stringify({ valid: false, message: `Not judged: ${error.message} ${error.hint}`, path }));
    }
  }
  return status;
}
