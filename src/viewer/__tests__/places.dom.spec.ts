import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { BioImageError } from '../../core';
import type { ISelection, ISessionTransport, IStoreInfo } from '../../entities';
import type { INode } from '../../ngff';
import type { IOpened } from '../../pixels';
import { MemoryStore } from '../../stores';
import { PreviewWidget } from '../preview';
import type { IPreviewHost, IStage, IStageOptions, OpenImage } from '../types';
import { FakePyramid } from './fakes';
import { plateDouble } from './platedouble';

const STORE = JSON.parse('{ "id": "files", "label": "Files", "kind": "folder", "prefixes": [], "prefer": "session", "absentIs403": false, "access": {} }') as IStoreInfo;

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

/** Waits for something that takes as long as it takes, such as loading a module. */
async function until(holds: () => unknown): Promise<void> {
  for (let tries = 0; !holds() && tries < 500; tries++) {
    await pause(10);
  }
}

/** A stage without a drawing, exact at once. */
class FakeStage {
  constructor(readonly options: IStageOptions) {
    this.state = { z: 2 };
  }
  readonly toolbar = new Widget();
  readonly controls = new Widget();
  readonly footer = new Widget();
  readonly changed: Signal<IStage, void> = new Signal<IStage, void>(this);
  readonly camera = { target: [0, 0] as const, zoom: 0 };
  readonly size = { width: 10, height: 10 };
  readonly exact = true;
  readonly damaged = 0;
  readonly failure = null;
  readonly selection: ISelection = { level: 0, z: 2 };
  state: ISelection;
  isDisposed = false;
  select(selection: ISelection): void {
    this.state = { ...this.state, ...selection };
  }
  start(): void {
    this.changed.emit();
  }
  stop(): void {
    // nothing is drawn
  }
  dispose(): void {
    [this.toolbar, this.controls, this.footer].forEach(widget => widget.dispose());
    this.isDisposed = true;
  }
}

const document2 = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A store with the metadata of wells; `fields` per well, 0: named but absent. */
function wells(fields: Record<string, number>): MemoryStore {
  const objects: [string, Uint8Array][] = Object.entries(fields).flatMap(([path, count]): [string, Uint8Array][] =>
    count === 0
      ? []
      : [
          [`${path}/.zgroup`, document2({ zarr_format: 2 })],
          [`${path}/.zattrs`, document2({ well: { version: '0.4', images: Array.from({ length: count }, (_, i) => ({ path: String(i) })) } })]
        ]
  );
  return new MemoryStore(new Map(objects));
}

interface ISetUp {
  node: INode;
  store?: MemoryStore;
  selection?: ISelection;
  transport?: Partial<ISessionTransport>;
  fail?: (key: string) => Error | undefined;
}

function setUp({ node, store = new MemoryStore(new Map()), selection, transport = {}, fail }: ISetUp) {
  const log: string[] = [];
  const stages: FakeStage[] = [];
  const pyramid = new FakePyramid();
  const host: IPreviewHost = {
    trans: nullTranslator.load('test'),
    resolve: uri => Promise.resolve({ uri, store: STORE, key: uri, direct: `https://far.example/${uri}` }),
    environment: () => ({
      transport: transport as ISessionTransport,
      decoder: { decode: () => Promise.resolve(new Uint8Array()), warm: () => undefined, dispose: () => void log.push('decoder disposed') }
    }),
    confirmHost: () => Promise.resolve(true),
    insert: (uri, view) => void log.push(`insert ${uri} ${JSON.stringify(view)}`),
    open: uri => void log.push(`open ${uri}`),
    copy: text => Promise.resolve(void log.push(`copy ${text}`)),
    copyLink: (uri, view) => Promise.resolve(void log.push(`link ${uri} ${JSON.stringify(view)}`)),
    login: () => void log.push('login')
  };
  const open: OpenImage = (target, view, _environment, events) => {
    log.push(`opened ${target.key} ${JSON.stringify(view.selection)}`);
    events.route?.('session', '');
    const error = fail?.(target.key);
    if (error) {
      return Promise.reject(error);
    }
    const isRoot = target.key === 'p.zarr';
    const here = isRoot ? node : pyramid.image;
    const opened: IOpened = {
      node: here,
      pyramid: here.kind === 'image' ? pyramid.real : undefined,
      route: 'session',
      place: target,
      pyramidOf: () => pyramid.real,
      labels: () => Promise.resolve({ labels: [], failed: [] }),
      store,
      done: Promise.resolve(),
      dispose: () => void log.push(`disposed ${target.key}`)
    };
    return Promise.resolve(opened);
  };
  const loadStage = () =>
    Promise.resolve({
      createStage: (options: IStageOptions): IStage => {
        stages.push(new FakeStage(options));
        return stages[stages.length - 1];
      }
    });
  const widget = new PreviewWidget({ uri: 'p.zarr', host, open, loadStage, selection });
  Widget.attach(widget, document.body);
  widgets.push(widget);
  const cell = (name: string): HTMLElement => widget.node.querySelector<HTMLElement>(`[role="gridcell"][aria-label^="${name}"]`)!;
  const button = (text: string): HTMLButtonElement | undefined =>
    Array.from(widget.node.querySelectorAll('button')).find(one => one.textContent === text);
  const crumbs = (): string => Array.from(widget.node.querySelectorAll('.jp-BioImagePreview-crumbList > li'), one => one.textContent).join(' › ');
  return { widget, log, stages, cell, button, crumbs };
}

const widgets: Widget[] = [];

beforeAll(() => {
  // jsdom has none of these; pictures are counted, not looked at
  const { ReadableStream } = jest.requireActual<typeof globalThis>('node:stream/web');
  globalThis.ReadableStream = ReadableStream;
  globalThis.createImageBitmap = () => Promise.resolve({ width: 4, height: 4, close: () => undefined });
  HTMLCanvasElement.prototype.getContext = (() => null) as typeof HTMLCanvasElement.prototype.getContext;
});

afterEach(() => widgets.splice(0).forEach(widget => widget.dispose()));

function plate(paths: readonly string[]): INode {
  return {
    kind: 'plate',
    version: '0.4',
    path: '',
    name: 'Plate <b>1</b>',
    rows: ['A', 'B'],
    columns: ['1', '2', '3'],
    wells: paths.map(path => {
      const [row, column] = [path.charCodeAt(0) - 65, Number(path[2]) - 1];
      return { name: path.replace('/', ''), path, row, column, conditions: path === 'B/2' ? [['compound', 'DMSO']] : [] };
    }),
    acquisitions: [],
    notices: []
  };
}

describe('A plate in a preview', () => {
  const node = plate(['A/1', 'A/3', 'B/2']);
  const store = wells({ 'A/1': 1, 'B/2': 2 });

  it('shows its wells as they are answered, through one request', async () => {
    const { answers, plate: route } = plateDouble();
    const { widget, cell } = setUp({ node, store, transport: { plate: route } });
    await until(() => answers.length);
    const [answer] = answers;
    expect(answer).toMatchObject({ path: 'p.zarr', view: { size: expect.any(Number) as number } });
    expect(widget.node.dataset).toMatchObject({ kind: 'plate', status: 'loading', pending: '3' });
    expect(Array.from(widget.node.querySelectorAll('[role="gridcell"]'), one => one.getAttribute('aria-label'))).toEqual(['A1', 'A3', 'B2']);
    expect(cell('A3').getAttribute('aria-colindex')).toBe('4'); // A2 is a gap
    await answer.head({ count: 3, channels: [{ index: 0, label: 'DAPI', color: '0000FF', window: [0, 9] }] });
    await answer.frame({ type: 'well', row: 0, column: 0, fields: 1 });
    await until(() => widget.node.dataset.pending === '2');
    expect(cell('A1').dataset.state).toBe('picture');
    expect(cell('B2').dataset.state).toBe('waiting');
    await answer.frame({ type: 'well', row: 0, column: 2, state: 'absent' });
    await answer.frame({ type: 'well', row: 1, column: 1, state: 'failed', code: 'BAD_CHUNK', message: 'damaged <i>here</i>' });
    await answer.end();
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.dataset).toMatchObject({ status: 'ready', pending: '0' });
    expect(cell('A3').getAttribute('aria-label')).toBe('A3, no image');
    expect(cell('B2').getAttribute('aria-label')).toBe('B2, could not be read');
    expect(cell('B2').title).toContain('damaged <i>here</i>');
    expect(cell('B2').title).toContain('compound: DMSO');
    expect(widget.node.textContent).toContain('3 of 3 wells');
    expect(answers).toHaveLength(1);
    expect(widget.node.querySelectorAll('canvas')).toHaveLength(1);
  });

  async function shown(more: Partial<ISetUp> = {}) {
    const double = plateDouble();
    const made = setUp({ node, store, transport: { plate: double.plate }, ...more });
    if (!more.selection?.well) {
      await until(() => double.answers.length);
      await answered(double.answers[0]);
      await until(() => made.widget.node.dataset.status === 'ready');
    }
    return { ...made, answers: double.answers };
  }

  async function answered(answer: ReturnType<typeof plateDouble>['answers'][number]): Promise<void> {
    await answer.head({ count: 3, channels: [0, 1].map(index => ({ index, label: `c${index}`, color: 'FFFFFF', window: [0, 9] as const })) });
    for (const [row, column] of [
      [0, 0],
      [0, 2],
      [1, 1]
    ]) {
      await answer.frame({ type: 'well', row, column });
    }
    await answer.end();
  }

  it('goes into a well of one field and back to the same cell without asking again', async () => {
    const { widget, cell, crumbs, button, answers, log, stages } = await shown();
    cell('A1').focus();
    cell('A1').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await until(() => widget.node.dataset.kind === 'image' && widget.node.dataset.status === 'ready');
    expect(crumbs()).toBe('Plate › A1 › field 1');
    expect(widget.state).toEqual({ z: 2, well: 'A1', field: 0 });
    expect(widget.shownUri).toBe('p.zarr/A/1/0');
    expect(widget.node.dataset.uri).toBe('p.zarr');
    expect(widget.resolved).toMatchObject({ key: 'p.zarr/A/1/0' });
    expect(log).toContain('opened p.zarr/A/1/0 {}');
    expect(widget.node.querySelector('canvas')).toBeNull(); // that of the plate is not the image's
    button('Back')!.click();
    await until(() => widget.node.dataset.kind === 'plate');
    expect(widget.node.dataset).toMatchObject({ kind: 'plate', status: 'ready' });
    expect(document.activeElement).toBe(cell('A1'));
    expect(crumbs()).toBe('');
    expect(widget.state).toEqual({});
    await pause(20);
    expect(answers).toHaveLength(1);
    expect(stages[0].isDisposed).toBe(true);
    expect(log).toContain('disposed p.zarr/A/1/0');
    expect(log).not.toContain('disposed p.zarr');
  });

  it('shows the fields of a well that has several, then one of them', async () => {
    const { widget, cell, crumbs, answers } = await shown();
    cell('B2').click();
    await until(() => answers.length > 1);
    expect(answers[1]).toMatchObject({ path: 'p.zarr', view: { well: 'B2' } });
    expect(widget.state).toEqual({ well: 'B2' });
    await answers[1].head({ count: 2 });
    await answers[1].frame({ type: 'field', field: 0 });
    await answers[1].frame({ type: 'field', field: 1 });
    await answers[1].end();
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.dataset).toMatchObject({ kind: 'plate', status: 'ready' });
    cell('field 2').click();
    await until(() => widget.node.dataset.kind === 'image' && widget.node.dataset.status === 'ready');
    expect(crumbs()).toBe('Plate › B2 › field 2');
    widget.node.querySelector('.jp-BioImagePreview-view')!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Backspace', bubbles: true }));
    expect(widget.state).toEqual({ well: 'B2' });
    expect(widget.node.dataset.status).toBe('ready');
    widget.node.querySelector<HTMLElement>('.jp-BioImagePreview-crumb')!.click();
    expect(widget.state).toEqual({});
    expect(answers).toHaveLength(2);
  });

  it('comes back to a field after a reload, and asks for no pictures of the plate until one goes there', async () => {
    const { widget, answers, log, button } = await shown({ selection: { well: 'B2', field: 1, z: 4 } });
    expect(widget.state).toMatchObject({ well: 'B2', field: 1, z: 4 });
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.state).toEqual({ z: 2, well: 'B2', field: 1 });
    expect(log).toContain('opened p.zarr/B/2/1 {"z":4}');
    expect(answers).toHaveLength(0);
    button('Back')!.click();
    await until(() => answers.length);
    expect(answers[0].view).toMatchObject({ well: 'B2' });
  });

  it('inserts code and links for the field that is shown', async () => {
    const { widget, stages, log } = await shown({ selection: { well: 'B2', field: 1 } });
    await until(() => widget.node.dataset.status === 'ready');
    const { host } = stages[0].options;
    host.insert(stages[0].options.uri, { z: 2 });
    await host.copyLink?.(stages[0].options.uri, { z: 2 });
    expect(log).toContain('insert p.zarr {"z":2,"well":"B2","field":1}');
    expect(log).toContain('link p.zarr {"z":2,"well":"B2","field":1}');
  });

  it('says why where a well cannot be opened, and leads back', async () => {
    const { widget, cell, button } = await shown();
    cell('A3').click(); // its metadata are not there
    await until(() => widget.node.dataset.status === 'failed');
    expect(widget.node.querySelector('[role="alert"]')?.textContent).toContain('Nothing was found here');
    button('Back')!.click();
    expect(widget.node.dataset).toMatchObject({ kind: 'plate', status: 'ready' });
  });

  it('asks once for new channels and contrast', async () => {
    const { widget, answers } = await shown();
    const [first, second] = widget.node.querySelectorAll<HTMLInputElement>('.jp-BioImagePreview-controls input[type="checkbox"]');
    expect([first.checked, second.checked]).toEqual([true, true]);
    second.click();
    await until(() => answers.length > 1);
    expect(answers).toHaveLength(2);
    expect(answers[1].view).toMatchObject({ c: [0], windows: [[0, 9]] });
    expect(widget.node.dataset.status).toBe('loading');
    await answered(answers[1]);
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.dataset.status).toBe('ready');
  });

  it('stops reading when it is closed', async () => {
    const { answers, plate: route } = plateDouble();
    const { widget, log } = setUp({ node, store, transport: { plate: route } });
    await until(() => answers.length);
    widget.dispose();
    expect(answers[0].signal.aborted).toBe(true);
    expect(log).toEqual(expect.arrayContaining(['disposed p.zarr', 'decoder disposed']));
  });

  it('keeps what is there when the rest breaks off, and tries again', async () => {
    const { answers, plate: route } = plateDouble();
    const { widget, cell, button } = setUp({ node, store, transport: { plate: route } });
    await until(() => answers.length);
    await answers[0].head({ count: 3 });
    await answers[0].frame({ type: 'well', row: 0, column: 0 });
    answers[0].fail(new BioImageError('UPSTREAM_DOWN', 'The connection broke off.'));
    await until(() => widget.node.textContent?.includes('The connection broke off.'));
    expect(widget.node.querySelector('[role="alert"]')).toBeNull();
    expect(cell('A1').dataset.state).toBe('picture');
    button('Try again')!.click();
    await until(() => answers.length > 1);
    await answered(answers[1]);
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.dataset.status).toBe('ready');
  });

  it('fails as a whole where nothing can be read', async () => {
    const { answers, plate: route } = plateDouble();
    const { widget } = setUp({ node, store, transport: { plate: route } });
    await until(() => answers.length);
    answers[0].fail(new BioImageError('SESSION_ENDED', 'Your session has ended.'));
    await until(() => widget.node.dataset.status === 'failed');
    expect(widget.node.querySelector('[role="alert"]')?.textContent).toContain('Sign in');
  });

  it('shows all of it where it has no such well', async () => {
    const { answers, plate: route } = plateDouble();
    const { widget } = setUp({ node, store, transport: { plate: route }, selection: { well: 'H12' } });
    await until(() => answers.length);
    expect(widget.node.dataset.kind).toBe('plate');
    expect(widget.state).toEqual({});
  });
});

describe('A collection in a preview', () => {
  const node: INode = {
    kind: 'collection',
    version: '0.5',
    path: '',
    name: '',
    series: [
      { path: '0', name: 'First <b>one</b>', size: { x: 30, y: 20, z: 5, c: 1, t: 1 } },
      { path: '1', name: '' }
    ],
    notices: ['There is nothing at /0; what lies above it is shown.']
  };

  it('shows the first image beside the list, and another one when it is chosen', async () => {
    const { widget, log, stages } = setUp({ node });
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.dataset).toMatchObject({ kind: 'collection', uri: 'p.zarr' });
    const options = widget.node.querySelectorAll<HTMLElement>('[role="option"]');
    expect(Array.from(options, one => one.getAttribute('aria-selected'))).toEqual(['true', 'false']);
    expect(options[0].textContent).toContain('First <b>one</b>');
    expect(options[0].textContent).toContain('30 × 20, 5 planes');
    expect(widget.node.textContent).toContain('There is nothing at /0');
    expect(widget.shownUri).toBe('p.zarr/0');
    options[0].focus();
    options[0].dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
    expect(document.activeElement).toBe(options[1]);
    options[1].dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await until(() => stages.length > 1 && widget.node.dataset.status === 'ready');
    expect(widget.state).toEqual({ z: 2, inside: '1' });
    expect(Array.from(options, one => one.getAttribute('aria-selected'))).toEqual(['false', 'true']);
    expect(options[1].isConnected).toBe(true);
    stages[1].options.host.insert('', { z: 2 });
    expect(log).toContain('insert p.zarr/1 {"z":2}');
  });

  it('comes back to the chosen image after a reload', async () => {
    const { widget } = setUp({ node, selection: { inside: '1' } });
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.shownUri).toBe('p.zarr/1');
  });

  it('tells a broken image beside the list, from which another one can be chosen', async () => {
    const { widget } = setUp({ node, fail: key => (key === 'p.zarr/0' ? new BioImageError('BAD_METADATA', 'No axes.', { where: '0/.zattrs' }) : undefined) });
    await until(() => widget.node.dataset.status === 'failed');
    expect(widget.node.querySelector('[role="alert"]')?.textContent).toContain('No axes.');
    widget.node.querySelectorAll<HTMLElement>('[role="option"]')[1].click();
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.dataset).toMatchObject({ kind: 'collection', status: 'ready' });
  });

  it('of a thousand images is there at once', async () => {
    const series = Array.from({ length: 1000 }, (_, i) => ({ path: String(i), name: `image ${i}` }));
    const { widget } = setUp({ node: { ...node, series } });
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.querySelectorAll('[role="option"]')).toHaveLength(1000);
  });

  it('without images says so', async () => {
    const { widget } = setUp({ node: { ...node, series: [] } });
    await until(() => widget.node.querySelector('[role="alert"]'));
    expect(widget.node.querySelector('[role="alert"]')?.textContent).toContain('names no images');
  });
});

describe('A group in a preview', () => {
  const group = (members?: { path: string; type: 'group' | 'array' }[]): INode => ({
    kind: 'group',
    version: '',
    zarrFormat: 3,
    path: '',
    name: '',
    attributes: { author: '<img src=x onerror=alert(1)>', n: 3 },
    members,
    notices: []
  });

  it('is a tree of the members that its metadata name', async () => {
    const { widget, log } = setUp({ node: group([{ path: 'a', type: 'group' }, { path: 'a/b', type: 'array' }, { path: 'c', type: 'array' }]) });
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.dataset.kind).toBe('collection');
    const items = (): string[] => Array.from(widget.node.querySelectorAll('[role="treeitem"]'), one => `${one.getAttribute('aria-level')} ${one.children[1].textContent}`);
    expect(items()).toEqual(['1 a', '1 c']);
    expect(widget.node.textContent).toContain('<img src=x onerror=alert(1)>');
    expect(widget.node.querySelector('img')).toBeNull();
    const key = (name: string): void => void document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));
    widget.node.querySelector<HTMLElement>('[role="treeitem"]')!.focus();
    key('ArrowRight');
    await until(() => items().length === 3);
    expect(items()).toEqual(['1 a', '2 b', '1 c']);
    key('End');
    key('Enter');
    await until(() => log.includes('opened p.zarr/c {}'));
    await until(() => widget.node.dataset.status === 'ready' && widget.node.dataset.kind === 'image');
    expect(widget.state).toEqual({ z: 2, inside: 'c' });
  });

  it('lists page by page where its metadata do not name them', async () => {
    const asked: string[] = [];
    const list: ISessionTransport['list'] = (_, prefix, cursor) => {
      asked.push(`${prefix} ${cursor ?? ''}`);
      const entry = (name: string) => ({ name, kind: 'zarr' as const });
      return Promise.resolve(cursor ? { items: [entry('z')] } : { items: [entry('x'), { name: 'zarr.json', kind: 'file' as const }], cursor: 'more' });
    };
    const { widget, button } = setUp({ node: group(), transport: { list } });
    await until(() => widget.node.dataset.status === 'ready');
    expect(Array.from(widget.node.querySelectorAll('[role="treeitem"]'), one => one.children[1].textContent)).toEqual(['x']);
    button('More')!.click();
    await until(() => widget.node.querySelectorAll('[role="treeitem"]').length === 2);
    expect(asked).toEqual(['p.zarr ', 'p.zarr more']);
  });

  it('says so where nothing tells what lies in it', async () => {
    const { widget } = setUp({ node: group() });
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.textContent).toContain('cannot be listed');
  });
});
