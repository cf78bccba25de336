import { say } from '../../core';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import type { ISelection, ISessionTransport, IStoreInfo } from '../../entities';
import type { INode } from '../../ngff';
import type { ILabelImages, IOpened } from '../../pixels';
import { MemoryStore } from '../../stores';
import { PreviewWidget } from '../preview';
import type { IPreviewHost, IStage, IStageOptions, OpenImage } from '../types';
import { FakePyramid } from './fakes';

const STORE = JSON.parse('{ "id": "files", "label": "Files", "kind": "folder", "prefixes": [], "prefer": "session", "absentIs403": false, "access": {} }') as IStoreInfo;

export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

/** Waits for something that takes as long as it takes, such as loading a module. */
export async function until(holds: () => unknown): Promise<void> {
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

const documentOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A store with the metadata of wells; `fields` per well, 0: named but absent. */
export function wells(fields: Record<string, number>): MemoryStore {
  const objects: [string, Uint8Array][] = Object.entries(fields).flatMap(([path, count]): [string, Uint8Array][] =>
    count === 0
      ? []
      : [
          [`${path}/.zgroup`, documentOf({ zarr_format: 2 })],
          [`${path}/.zattrs`, documentOf({ well: { version: '0.4', images: Array.from({ length: count }, (_, i) => ({ path: String(i) })) } })]
        ]
  );
  return new MemoryStore(new Map(objects));
}

export interface ISetUp {
  node: INode;
  store?: MemoryStore;
  selection?: ISelection;
  transport?: Partial<ISessionTransport>;
  fail?: (key: string) => Error | undefined;
  labels?: ILabelImages;
}

// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- what it gives is listed in its last line
export function setUp({ node, store = new MemoryStore(new Map()), selection, transport = {}, fail, labels = { labels: [], failed: [] } }: ISetUp) {
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
    events.route?.('session', say``);
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
      labels: () => Promise.resolve(labels),
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

/** What jsdom lacks: pictures are counted, not looked at. For `beforeAll`. */
export async function prepare(): Promise<void> {
  const { ReadableStream } = jest.requireActual<typeof globalThis>('node:stream/web');
  globalThis.ReadableStream = ReadableStream;
  globalThis.createImageBitmap = () => Promise.resolve({ width: 4, height: 4, close: () => undefined });
  HTMLCanvasElement.prototype.getContext = (() => null) as typeof HTMLCanvasElement.prototype.getContext;
  await Promise.all([import('../plate'), import('../collection'), import('../tree'), import('../../ngff')]);
}

/** For `afterEach`. */
export function closeAll(): void {
  widgets.splice(0).forEach(widget => widget.dispose());
}
