import { nullTranslator } from '@jupyterlab/translation';
import { BioImageError, ERROR_CODES, say, toBioImageError } from '../../core';
import type { IStoreInfo } from '../../entities';
import { alertElement } from '../alert';
import type { IRemedies } from '../failure';
import { failureActions, parentOf } from '../failure';
import { failureDetails, failureText } from '../failuretext';

/** Marks what went through it, so that a text that did not can be told. */
const marked = (text: string, ...args: unknown[]): string => `«${text.replace(/%(\d)/g, (_, n: string) => String(args[Number(n) - 1]))}»`;
const trans = { ...nullTranslator.load('test'), __: marked };

const store = JSON.parse('{ "id": "far", "label": "Far", "kind": "https", "prefixes": [], "prefer": "auto", "absentIs403": false, "access": {} }') as IStoreInfo;

function remedies(route: 'session' | 'direct', more: Partial<IRemedies> = {}): IRemedies {
  const done = (): void => undefined;
  return {
    uri: 'https://far.example/a/b.zarr',
    route,
    resolved: { uri: '', store, key: 'b.zarr', direct: 'https://far.example/a/b.zarr' },
    hasSession: true,
    selection: {},
    trans,
    retry: done,
    copyDetails: done,
    useRoute: done,
    insert: done,
    login: done,
    back: null,
    open: done,
    documents: done,
    ...more
  };
}

describe('every kind of failure', () => {
  const cases = ERROR_CODES.flatMap(code => (['session', 'direct'] as const).map(route => [code, route] as const));

  it.each(cases)('%s by the %s route has a title, a cause, a next step and buttons, all of them translated', (code, route) => {
    const text = failureText(new BioImageError(code, say``), route, trans, true);
    for (const part of [text.title, text.cause, text.next]) {
      expect(part).toMatch(/^«[^«»]{8,}»$/);
    }
    const actions = failureActions(new BioImageError(code, say``), remedies(route));
    expect(actions.length).toBeGreaterThanOrEqual(2);
    actions.forEach(({ label }) => expect(label).toMatch(/^«[^«»]{4,}»$/));
    const labels = actions.map(({ label }) => label);
    expect(new Set(labels).size).toBe(labels.length);
    const alert = alertElement({ ...text, actions });
    expect(alert.getAttribute('role')).toBe('alert');
    expect(alert.querySelectorAll('button')).toHaveLength(actions.length);
  });

  it.each(cases)('%s by the %s route never shows what an exception said', (code, route) => {
    const error = new BioImageError(code, code === 'INTERNAL' ? say`x is undefined` : say`A cause for people.`, { cause: new TypeError('secret of the machine') });
    const text = JSON.stringify(failureText(error, route, trans, true));
    expect(text).not.toMatch(/secret of the machine|x is undefined|undefined|TypeError/);
    expect(failureDetails(error, 'a', route)).toContain('secret of the machine');
  });
});

describe('a failure', () => {
  it('keeps the cause and the next step of the place that failed', () => {
    const error = new BioImageError('BAD_METADATA', say`The axes are wrong.`, { hint: say`Fix the axes.`, where: 'zarr.json#/attributes/ome' });
    expect(failureText(error, 'session', trans, true)).toMatchObject({ cause: '«The axes are wrong.» (zarr.json#/attributes/ome)', next: '«Fix the axes.»' });
  });

  it('of the server says in our words what can be done, but for what only the server knows', () => {
    const told = (code: 'NOT_FOUND' | 'UNSUPPORTED'): string =>
      failureText(new BioImageError(code, say`x`, { hint: say`Told by the server.`, id: '0123abcd' }), 'session', trans, true).next;
    expect(told('NOT_FOUND')).toContain('Check the address');
    expect(told('UNSUPPORTED')).toBe('«Told by the server.»');
  });

  it('of a store without CORS leads through the session, and one of the session directly to the store', () => {
    const labels = (route: 'session' | 'direct', more?: Partial<IRemedies>): string[] =>
      failureActions(new BioImageError('UPSTREAM_DOWN', say``), remedies(route, more)).map(({ label }) => label);
    expect(labels('direct')).toContain('«Open through the session»');
    expect(labels('session')).toContain('«Open directly from the store»');
    expect(labels('direct', { hasSession: false }).join()).not.toContain('session');
    expect(labels('session', { resolved: { uri: '', store, key: '' } }).join()).not.toContain('directly');
    expect(failureText(new BioImageError('UPSTREAM_DOWN', say``), 'direct', trans, true).cause).toContain('CORS');
  });

  it('of a device without a network says so', () => {
    expect(failureText(new BioImageError('UPSTREAM_DOWN', say`x`), 'direct', trans, false).next).toContain('offline');
    expect(failureText(new BioImageError('NOT_FOUND', say`x`), 'direct', trans, false).next).not.toContain('offline');
  });

  it('of our own code that could not be fetched asks for a reload', () => {
    const missing = Object.assign(new Error('Loading chunk 12 failed.'), { name: 'ChunkLoadError' });
    const text = failureText(toBioImageError(missing), 'session', trans, true);
    expect(text.next).toContain('reload');
    expect(text.cause).not.toContain('chunk 12');
  });

  it.each([
    ['SESSION_ENDED', '«Sign in»'],
    ['TOO_LARGE', '«Insert code anyway»'],
    ['UNSUPPORTED', '«Insert code anyway»'],
    ['BAD_METADATA', '«Show metadata»'],
    ['NOT_FOUND', '«Open the folder above»']
  ] as const)('of kind %s offers %s', (code, label) => {
    expect(failureActions(new BioImageError(code, say``), remedies('session')).map(action => action.label)).toContain(label);
  });
});

describe('parentOf', () => {
  it.each([
    ['https://far.example/a/b.zarr/0', 'https://far.example/a/b.zarr'],
    ['https://far.example/a/', null],
    ['s3://bucket/a/b', 's3://bucket/a'],
    ['store:files/a/b.zarr', 'store:files/a'],
    ['store:files/a', null],
    ['images/a.zarr/', 'images'],
    ['a.zarr', null]
  ])('of %s is %s', (uri, parent) => {
    expect(parentOf(uri)).toBe(parent);
  });
});
