import { deflateSync } from 'node:zlib';
import { changed, type Fault, type IReply } from './faultserver';

/**
 * How a fault is to show: `alert` instead of the image, with a cause and a next step; `marked` tiles in an image of which the
 * rest is drawn, with a message; `notice` beside a whole image; `drawn` where there is another way; `busy` while it lasts.
 */
export type Outcome = 'alert' | 'marked' | 'notice' | 'drawn' | 'busy';

/** One fault, and how it is to show. */
export interface IFault {
  fault: Fault;
  outcome: Outcome | readonly Outcome[];
  /** What the text must speak of. */
  says: RegExp;
  routes?: readonly ('direct' | 'session')[];
  /** Where it is not the good image itself that is opened. */
  path?: string;
}

export const LOGIN = '<!DOCTYPE html><html><body><form action="/login">Sign in</form></body></html>';
const DENIED = '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
const isChunk = (key: string): boolean => /^\d\/\d\/\d\/\d$/.test(key);
const chunks = (reply: ReturnType<Fault>, which = /./): Fault => (key, good) => (good && isChunk(key) && which.test(key) ? reply : {});
const group = (attributes: object): Fault => key => (key === '.zattrs' ? { body: JSON.stringify(attributes) } : key === '.zgroup' ? {} : { status: 404 });

type Multiscales = { multiscales: Record<string, unknown>[] };
const scale = (change: (one: Record<string, unknown>) => object): Fault =>
  changed('.zattrs', value => ({ ...value, multiscales: [change((value as unknown as Multiscales).multiscales[0])] }));

/** Faults of a store, its metadata and its chunks. */
export const FAULTS: Record<string, IFault> = {
  'no-such-key': { fault: () => ({ status: 404 }), outcome: 'alert', says: /nothing at this address/i },
  'access-denied': { fault: () => ({ status: 403, body: DENIED, headers: { 'Content-Type': 'application/xml' } }), outcome: 'alert', says: /public|denied|refus|allow/i },
  unauthorized: { fault: () => ({ status: 401, headers: { 'WWW-Authenticate': 'Basic' } }), outcome: 'alert', says: /sign|public|denied|refus|allow/i },
  'redirect-to-login': { fault: (key): IReply => (key === 'login' ? { body: LOGIN, headers: { 'Content-Type': 'text/html' } } : { status: 302, headers: { Location: '/redirect-to-login/login' } }), outcome: 'alert', says: /./ },
  'too-many-redirects': { fault: key => ({ status: 302, headers: { Location: `/too-many-redirects/${key}` } }), outcome: 'alert', says: /./ },
  'login-page-200': { fault: () => ({ body: LOGIN, headers: { 'Content-Type': 'text/html' } }), outcome: 'alert', says: /page|HTML|JSON/i },
  'server-error': { fault: () => ({ status: 500 }), outcome: 'alert', says: /./ },
  'no-cors': { fault: (_key, good) => ({ closed: true, ...(good ? {} : { status: 404 }) }), outcome: 'drawn', says: /session/i, routes: ['direct'] },
  'metadata-cut': { fault: (key, good) => (key === '.zattrs' ? { body: good!.subarray(0, good!.length / 2) } : {}), outcome: 'alert', says: /JSON/i },
  'metadata-reset': { fault: key => (key === '.zattrs' ? { reset: true } : {}), outcome: 'alert', says: /./ },
  'bad-json': { fault: key => (key === '.zattrs' ? { body: '{"multiscales": [}' } : {}), outcome: 'alert', says: /JSON/i },
  'no-pyramid': { fault: changed('.zattrs', () => ({ multiscales: [] })), outcome: 'alert', says: /multiscales/i },
  'axes-do-not-fit': { fault: scale(one => ({ ...one, axes: [{ name: 'y', type: 'space' }, { name: 'x', type: 'space' }] })), outcome: 'alert', says: /axes|dimension/i },
  'negative-scale': { fault: scale(one => ({ ...one, datasets: [{ path: '0', coordinateTransformations: [{ type: 'scale', scale: [1, 0, 0] }] }] })), outcome: ['alert', 'notice', 'drawn'], says: /scale|./ },
  'wrong-dtype': { fault: changed('0/.zarray', value => ({ ...value, dtype: '<M8[ns]' })), outcome: 'alert', says: /M8|type/ },
  'unknown-codec': { fault: changed('0/.zarray', value => ({ ...value, compressor: { id: 'nonesuch' } })), outcome: 'alert', says: /nonesuch/ },
  'hostile-path': { fault: scale(one => ({ ...one, datasets: [{ path: '../../../etc/passwd', coordinateTransformations: [{ type: 'scale', scale: [1, 1, 1] }] }] })), outcome: 'alert', says: /path/i },
  'missing-level': { fault: key => (key.startsWith('1/') ? { status: 404 } : {}), outcome: ['alert', 'notice'], says: /1/ },
  'empty-array': { fault: (key, good) => (/^\d\/\.zarray$/.test(key) ? { body: JSON.stringify({ ...(JSON.parse(String(good)) as object), shape: [2, 0, 0] }) } : {}), outcome: ['alert', 'notice', 'drawn'], says: /shape|empty|no pixel|0 × 0/i },
  'huge-chunk': { fault: changed('0/.zarray', value => ({ ...value, shape: [2, 60000, 60000], chunks: [1, 60000, 60000] })), outcome: 'alert', says: /GB|GiB|large|MiB|MB/i },
  'unknown-version': { fault: scale(one => ({ ...one, version: '9.9' })), outcome: ['alert', 'notice', 'drawn'], says: /9\.9|version|./i },
  'damaged-chunk': { fault: chunks({ body: 'this is no compressed chunk' }, /^\d\/0\/0\/0$/), outcome: 'marked', says: /./ },
  'short-chunk': { fault: chunks({ body: deflateSync(Buffer.alloc(100)) }, /^\d\/0\/0\/0$/), outcome: 'marked', says: /./ },
  'long-chunk': { fault: chunks({ body: deflateSync(Buffer.alloc(20_000)) }, /^\d\/0\/0\/0$/), outcome: 'marked', says: /./ },
  'denied-chunk': { fault: chunks({ status: 403, body: DENIED }, /^\d\/0\/0\/0$/), outcome: 'marked', says: /./ },
  'login-page-chunk': { fault: chunks({ body: LOGIN, headers: { 'Content-Type': 'text/html' } }, /^\d\/0\/0\/0$/), outcome: 'marked', says: /./ },
  'reset-chunk': { fault: chunks({ reset: true }, /^\d\/0\/0\/0$/), outcome: 'marked', says: /./ },
  'absent-chunk': { fault: chunks({ status: 404 }, /^\d\/0\/0\/0$/), outcome: 'drawn', says: /./ },
  'slow-chunk': { fault: chunks({ hang: true }, /^\d\/0\/0\/0$/), outcome: 'busy', says: /reading|left|./i },
  'bad-zip': { fault: () => ({ body: 'PK this is no archive' }), outcome: 'alert', says: /zip|archive/i, path: 'x.zarr.zip' },
  'bad-tiff': { fault: () => ({ body: 'II*\0 and nothing behind it that would be a directory' }), outcome: 'alert', says: /TIFF/i, path: 'x.ome.tif' },
  'not-a-tiff': { fault: () => ({ body: 'plain text' }), outcome: 'alert', says: /TIFF/i, path: 'x.tif' },
  'plate-without-wells': { fault: group({ plate: { version: '0.4', rows: [{ name: 'A' }], columns: [{ name: '1' }], wells: [] } }), outcome: ['alert', 'notice'], says: /names no wells/ },
  'plate-with-absent-wells': { fault: group({ plate: { version: '0.4', rows: [{ name: 'A' }], columns: [{ name: '1' }], wells: [{ path: 'A/1', rowIndex: 0, columnIndex: 0 }] } }), outcome: ['alert', 'notice', 'drawn'], says: /well|A1/i },
  'well-without-fields': { fault: group({ well: { version: '0.4', images: [] } }), outcome: ['alert', 'notice', 'drawn'], says: /names no fields/ },
  'labels-broken': { fault: key => (key === 'labels/.zattrs' ? { body: '{"labels": ["gone"]}' } : key.startsWith('labels/') ? { status: 404 } : {}), outcome: ['notice', 'drawn'], says: /label|./i }
};
