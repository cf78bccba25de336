import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { BioImageError, say, throwIfAborted } from '../../core';
import type { ISelection } from '../../entities';
import type { INode } from '../../ngff';
import type { IOpened } from '../../pixels';
import type { IStoreInfo } from '../../stores';
import { PreviewWidget } from '../preview';
import type { IPreviewHost, IStage, IStageOptions, OpenImage } from '../types';
import { FakePyramid } from './fakes';

/** A stage without a drawing: the test says what it would show. */
class FakeStage {
  constructor(readonly options: IStageOptions) {}
  readonly toolbar = new Widget();
  readonly controls = new Widget();
  readonly footer = new Widget();
  readonly changed: Signal<IStage, void> = new Signal<IStage, void>(this);
  readonly camera = { target: [0, 0] as const, zoom: 0 };
  readonly size = { width: 10, height: 10 };
  exact = false;
  damaged = 0;
  failure: BioImageError | null = null;
  selection = { level: 1, z: 3 };
  state = { z: 3 };
  calls: string[] = [];
  isDisposed = false;
  select(selection: ISelection): void {
    this.calls.push(`select ${JSON.stringify(selection)}`);
  }
  start(): void {
    this.calls.push('start');
  }
  stop(): void {
    this.calls.push('stop');
  }
  dispose(): void {
    this.isDisposed = true;
    this.calls.push('dispose');
  }
  show(change: Partial<Pick<FakeStage, 'exact' | 'damaged' | 'failure'>>): void {
    Object.assign(this, change);
    this.changed.emit();
  }
}

interface IControls {
  node?: INode;
  fail?: Error;
  direct?: string;
  agree?: boolean;
  stage?: () => Promise<void>;
  selection?: object;
  title?: string;
}

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** So long at least, in steps: on a busy machine a chain of timers needs as many turns of the loop as it has links. */
async function settled(ms = 0): Promise<void> {
  for (let passed = 0; passed < ms; passed += 3) {
    await pause(3);
  }
}

function setUp(controls: IControls = {}) {
  const pyramid = new FakePyramid();
  const log: string[] = [];
  const stages: FakeStage[] = [];
  const signals: AbortSignal[] = [];
  const host: IPreviewHost = {
    resolve: async uri => ({ uri, store: controls.direct ? null : STORE, key: 'a.zarr', direct: controls.direct }),
    environment: () => ({ decoder: { decode: async () => new Uint8Array(), warm: () => undefined, dispose: () => void log.push('decoder disposed') } }),
    confirmHost: async name => {
      log.push(`confirm ${name}`);
      return controls.agree ?? true;
    },
    insert: uri => void log.push(`insert ${uri}`),
    open: uri => void log.push(`open ${uri}`),
    copy: async text => void log.push(`copy ${text}`),
    trans: nullTranslator.load('test')
  };
  const open: OpenImage = async (_target, _view, _environment, _events, signal) => {
    log.push('open');
    signals.push(signal);
    await pause(5);
    throwIfAborted(signal);
    if (controls.fail) {
      throw controls.fail;
    }
    const node = controls.node ?? pyramid.image;
    const opened: IOpened = {
      node,
      pyramid: node.kind === 'image' ? pyramid.real : undefined,
      route: 'session',
      place: { uri: 'memory', store: null, key: '' },
      pyramidOf: () => pyramid.real,
      labels: () => Promise.resolve({ labels: [], failed: [] }),
      store: { name: 'memory', get: async () => undefined, getRange: async () => undefined },
      done: Promise.resolve(),
      dispose: () => void log.push('disposed')
    };
    return opened;
  };
  const loadStage = async () => {
    log.push('load stage');
    await controls.stage?.();
    return {
      createStage: (options: IStageOptions): IStage => {
        stages.push(new FakeStage(options));
        return stages[stages.length - 1];
      }
    };
  };
  const widget = new PreviewWidget({ uri: 'folder/a b.zarr', host, open, loadStage, selection: controls.selection, title: controls.title });
  Widget.attach(widget, document.body);
  widgets.push(widget);
  return { widget, log, stages, pyramid, signals, controls };
}

const STORE = JSON.parse('{ "id": "files", "label": "Files", "kind": "folder", "prefixes": [], "prefer": "session", "absentIs403": false, "access": {} }') as IStoreInfo;
const widgets: Widget[] = [];

afterEach(() => widgets.splice(0).forEach(widget => widget.dispose()));

describe('PreviewWidget', () => {
  it('is loading with the address verbatim before anything is known', () => {
    const { widget } = setUp();
    expect(widget.node.classList).toContain('jp-BioImagePreview');
    expect(widget.node.dataset).toMatchObject({ status: 'loading', uri: 'folder/a b.zarr' });
    expect(widget.image).toBeNull();
  });

  it('goes to ready when the drawing is exact, and back whenever it is not', async () => {
    const { widget, stages } = setUp();
    await settled(30);
    expect(widget.node.dataset).toMatchObject({ status: 'loading', kind: 'image', pending: '0' });
    expect(stages[0].calls).toEqual(['start']);
    stages[0].show({ exact: true });
    expect(widget.node.dataset.status).toBe('ready');
    stages[0].show({ exact: false });
    expect(widget.node.dataset.status).toBe('loading');
    stages[0].show({ exact: true, damaged: 2 });
    expect(widget.node.dataset).toMatchObject({ status: 'ready', damaged: '2' });
    stages[0].show({ damaged: 0 });
    expect(widget.node.dataset.damaged).toBeUndefined();
  });

  it('counts outstanding reads', async () => {
    const { widget, pyramid } = setUp();
    await settled(30);
    void pyramid.levels[0].tileAt(0, 0, { t: 0, z: 0, c: 0 });
    expect(widget.node.dataset.pending).toBe('1');
    await settled(50);
    expect(widget.node.dataset.pending).toBe('0');
  });

  it('puts tools, view, controls and footer in this order', async () => {
    const { widget, stages } = setUp();
    await settled(30);
    const { toolbar, controls, footer } = stages[0];
    const view = widget.node.querySelector('.jp-BioImagePreview-view');
    const [waiting, heard] = ['.jp-BioImagePreview-waiting', '[role="status"]'].map(name => widget.node.querySelector(`:scope > ${name}`));
    expect(Array.from(widget.node.children)).toEqual([toolbar.node, view, controls.node, footer.node, waiting, heard]);
  });

  it('shows a failure with its cause and the next step, and opens again', async () => {
    const { widget, log, controls } = setUp({ fail: new BioImageError('NOT_FOUND', say`No image <b>here</b>.`, { hint: say`Check the address.` }) });
    await settled(30);
    const alert = widget.node.querySelector('[role="alert"]')!;
    expect(widget.node.dataset.status).toBe('failed');
    expect(alert.textContent).toContain('No image <b>here</b>.');
    expect(alert.textContent).toContain('Check the address.');
    expect(alert.querySelector('b')).toBeNull();
    const buttons = Array.from(alert.querySelectorAll('button'));
    const [retry, copy] = [buttons[0], buttons[buttons.length - 1]];
    copy.click();
    expect(log.some(line => line.startsWith('copy NOT_FOUND: No image <b>here</b>.\naddress: folder/a b.zarr'))).toBe(true);
    controls.fail = undefined;
    retry.click();
    expect(widget.node.dataset.status).toBe('loading');
    expect(widget.node.querySelector('[role="alert"]')).toBeNull();
    await settled(30);
    expect(widget.image).not.toBeNull();
    expect(log.filter(line => line === 'open')).toHaveLength(2);
  });

  it('says so when the drawing code cannot be fetched, and fetches it again', async () => {
    let broken = true;
    const { widget, stages } = setUp({
      stage: async () => {
        if (broken) {
          throw new Error('chunk 12 failed');
        }
      }
    });
    await settled(30);
    expect(widget.node.dataset.status).toBe('failed');
    broken = false;
    widget.retry();
    await settled(30);
    expect(stages).toHaveLength(1);
    expect(widget.node.dataset.status).toBe('loading');
  });

  it('fails when the drawing does', async () => {
    const { widget, stages } = setUp();
    await settled(30);
    stages[0].show({ failure: new BioImageError('UNSUPPORTED', say`no WebGL 2`) });
    expect(widget.node.dataset.status).toBe('failed');
    expect(widget.node.querySelector('[role="alert"]')?.textContent).toContain('no WebGL 2');
  });

  it('shows another view when asked, now or once it is open', async () => {
    const { widget, stages } = setUp({ selection: { z: 1, t: 2 } });
    widget.select({ z: 5 });
    await settled(30);
    expect(stages[0].options.selection).toEqual({ z: 5, t: 2 });
    widget.select({ c: [1] });
    expect(stages[0].calls).toEqual(['start', 'select {"c":[1]}']);
  });

  it('is called as where it was found', async () => {
    const given = 'Cells, \u202ethree';
    const { widget, stages } = setUp({ title: given });
    await settled(30);
    expect(widget.node.getAttribute('aria-label')).toContain('Cells, ⟨U+202E⟩three');
    expect(stages[0].options.name).toBe(given);
  });

  it('reads from an unlisted host only after it is confirmed', async () => {
    const refused = setUp({ direct: 'https://elsewhere.example/a.zarr', agree: false });
    await settled(30);
    expect(refused.log).toEqual(['confirm elsewhere.example']);
    expect(refused.widget.node.dataset.status).toBe('failed');
    const agreed = setUp({ direct: 'https://elsewhere.example/a.zarr' });
    await settled(30);
    expect(agreed.log.slice(0, 2)).toEqual(['confirm elsewhere.example', 'open']);
  });

  it('gives the drawing context back when hidden and takes one when shown', async () => {
    const { widget, stages } = setUp();
    await settled(30);
    widget.hide();
    widget.show();
    expect(stages[0].calls).toEqual(['start', 'stop', 'start']);
  });

  it('opens only when it is seen', async () => {
    const { widget, log } = setUp();
    widget.hide();
    await settled(30);
    expect(log).toEqual(['open']); // it was visible at first; no drawing code without a viewer
    widget.show();
    await settled(30);
    expect(log).toEqual(['open', 'load stage']);
  });

  it('ends everything when it is closed', async () => {
    const { widget, log, stages, signals } = setUp();
    await settled(30);
    widget.dispose();
    expect(signals[0].aborted).toBe(true);
    expect(stages[0].calls).toContain('dispose');
    expect(log).toEqual(expect.arrayContaining(['disposed', 'decoder disposed']));
  });

  it('closed while it opens leaves nothing behind and shows no failure', async () => {
    const { widget, log, stages } = setUp();
    while (!log.includes('open')) {
      await settled(1);
    }
    widget.dispose();
    await settled(30);
    expect(stages).toHaveLength(0);
    expect(log).toContain('decoder disposed');
  });

  it('tells its view: with the level for code, without it for the next reload', async () => {
    const { widget, stages } = setUp({ selection: { z: 1 } });
    expect(widget.selection).toEqual({ z: 1 });
    await settled(30);
    expect(stages[0].options.selection).toEqual({ z: 1 });
    expect(widget.selection).toEqual({ level: 1, z: 3 });
    expect(widget.state).toEqual({ z: 3 });
  });

  it('announces changes of the view, not each of them', async () => {
    const { widget, stages } = setUp();
    await settled(400);
    let count = 0;
    widget.changed.connect(() => count++);
    for (let i = 0; i < 20; i++) {
      stages[0].show({});
    }
    await settled(400);
    expect(count).toBe(1);
  });
});
