import type { IRewrite } from './source';

/** An address without its scheme: `host/path`, the host in lower case, no slash at the end. */
type Place = string;

/** Documents inside an image whose address stands for the image: what some tables list instead of it. */
const DOCUMENT = /(?<=.)\/(\.zattrs|\.zgroup|\.zarray|\.zmetadata|zarr\.json|OME\/METADATA\.ome\.xml)$/;

/** Moves may follow one another: an internal host, then a bucket with another name. More than this many are a circle. */
const MAX_MOVES = 4;

/** `https://Host/a//b/` → `host/a/b`; '' where it is no address of the web. */
function placeOf(address: string): Place {
  const [, host, path] = /^https?:\/\/([^/?#]*)([^?#]*)/i.exec(address) ?? ['', '', ''];
  return host.toLowerCase().replace(/:443$/, '') + path.replace(/\/{2,}/g, '/').replace(/\/$/, '');
}

const hostOf = (place: Place): string => place.split('/', 1)[0];

/** What remains of `place` below `prefix`, '' or with its leading slash; `null` where it is not below it. */
function below(place: Place, prefix: Place): string | null {
  const rest = place.slice(prefix.length);
  return prefix !== '' && place.startsWith(prefix) && (rest === '' || rest.startsWith('/')) ? rest : null;
}

/**
 * What remains of an address of the web or of a bucket below a prefix of whole segments, without a leading slash; `null`
 * where it is not below it.
 */
export function prefixedBy(address: string, prefix: string): string | null {
  const plain = (text: string): Place => (/^s3:/i.test(text) ? text.replace(/\/+$/, '') : placeOf(text));
  return below(plain(address), plain(prefix))?.slice(1) ?? null;
}

/** The moves, longest prefix first; `guesses` has besides them what is only likely. */
function movesOf(rewrites: readonly IRewrite[]): Record<'given' | 'guesses', { from: Place; to: Place }[]> {
  const given = rewrites
    .map(({ from, to }) => ({ from: placeOf(from), to: placeOf(to) }))
    .filter(({ to }) => to !== '');
  // Lists were corrected by exchanging the host alone, though the bucket had got another name as well: the new host with
  // the old path means the same as the old host.
  const halfway = given
    .map(({ from, to }) => ({ from: hostOf(to) + from.slice(hostOf(from).length), to }))
    .filter(({ from, to }) => from !== hostOf(from) && below(from, to) === null && below(to, from) === null);
  const longest = (a: { from: Place }, b: { from: Place }): number => b.from.length - a.from.length;
  return { given: [...given].sort(longest), guesses: [...given, ...halfway].sort(longest) };
}

/** The same object by its path-style address: `bucket.host/key` → `host/bucket/key`, for the hosts of the table. */
function inPathStyle(place: Place, hosts: ReadonlySet<string>): Place {
  const host = hostOf(place);
  for (let dot = host.indexOf('.'); dot > 0; dot = host.indexOf('.', dot + 1)) {
    const endpoint = host.slice(dot + 1);
    if (hosts.has(endpoint)) {
      return `${endpoint}/${host.slice(0, dot)}${place.slice(host.length)}`;
    }
  }
  return place;
}

/** Hosts that the table speaks of, on either side. */
function hostsOf(rewrites: readonly IRewrite[]): Set<string> {
  return new Set(
    rewrites.flatMap(({ from, to }) => [hostOf(placeOf(from)), hostOf(placeOf(to))]).filter(host => host !== '')
  );
}

/**
 * The address at which an image is now, as far as the table of moves tells; nothing is asked of anybody.
 *
 * The longest prefix of whole segments decides, virtual-host names of the table's hosts (`bucket.host`) count as paths, as
 * does `s3://host/bucket/key` with such a host in place of a bucket. Slashes at the end and doubled ones are dropped, blanks
 * are encoded, the address of a metadata document becomes that of its image; `/0` at the end is a series and stays.
 * `formerUri` is the address as it was given, there exactly where something has moved. Whatever is no address of the web or
 * carries a query comes back as it is.
 */
export function rewritten(uri: string, rewrites: readonly IRewrite[]): { uri: string; formerUri?: string } {
  const hosts = hostsOf(rewrites);
  const [, bucket, key = ''] = /^s3:\/\/([^/?#]+)([^?#]*)(\?anonymous=true)?$/i.exec(uri.trim()) ?? [];
  const address = bucket !== undefined && hosts.has(bucket.toLowerCase()) ? `https://${bucket}${key}` : uri.trim();
  if (!/^https?:\/\/[^?#]*$/i.test(address)) {
    return { uri };
  }
  const scheme = /^http:/i.test(address) ? 'http' : 'https';
  const start = inPathStyle(placeOf(address).replace(DOCUMENT, ''), hosts);
  const { given, guesses } = movesOf(rewrites);
  let place = start;
  let moves = guesses;
  for (let count = 0; count < MAX_MOVES; count++) {
    const move = moves.find(({ from }) => below(place, from) !== null);
    // Where the table has named a new bucket nothing is guessed any more; another name of the host says nothing about it.
    moves = move?.from.includes('/') ? given : moves;
    const next = move === undefined ? place : inPathStyle(move.to + (below(place, move.from) ?? ''), hosts);
    if (next === place) {
      break;
    }
    place = next;
  }
  const encoded = place.replace(/\s/g, encodeURIComponent);
  // Storage that has moved is read over https only.
  return place === start ? { uri: `${scheme}://${encoded}` } : { uri: `https://${encoded}`, formerUri: uri };
}
