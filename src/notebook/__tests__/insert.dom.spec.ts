import { Notification } from '@jupyterlab/apputils';
import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';
import { NotebookModel } from '@jupyterlab/notebook';
import { NBTestUtils } from '@jupyterlab/notebook/lib/testutils';
import { nullTranslator } from '@jupyterlab/translation';

import type { IInsertionServices } from '..';
import { insertCode } from '..';

const CODE = 'image = 1';

/** What the code needs of a notebook's panel. */
class FakePanel {
  readonly id = 'notebook-1';
  readonly isDisposed = false;
  readonly revealed = Promise.resolve();
  readonly content: Notebook;
  readonly context;

  constructor(options: { readOnly?: boolean; writable?: boolean } = {}) {
    this.content = NBTestUtils.createNotebook();
    const model = new NotebookModel();
    model.fromJSON({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {},
      cells: [{ id: 'a', cell_type: 'code', source: 'mine', metadata: {}, outputs: [], execution_count: null }]
    });
    this.content.model = model;
    model.readOnly = options.readOnly ?? false;
    this.context = { model, ready: Promise.resolve(), contentsModel: { writable: options.writable ?? true } };
  }

  get sources(): string[] {
    return [...(this.content.model?.cells ?? [])].map(cell => cell.sharedModel.getSource());
  }
}

/** An application with what a test gives it, and a record of what was done with it. */
class Bench {
  readonly copied: string[] = [];
  readonly activated: string[] = [];
  readonly created: unknown[] = [];
  readonly opened: unknown[] = [];

  constructor(
    private readonly open: FakePanel | null,
    private readonly languages: Record<string, string> = { r: 'R', python3: 'python' },
    private readonly made: FakePanel | undefined = undefined
  ) {}

  get services(): IInsertionServices {
    const kernelspecs = Object.fromEntries(Object.entries(this.languages).map(([name, language]) => [name, { name, language }]));
    const fake = {
      app: {
        commands: { hasCommand: () => false },
        serviceManager: { kernelspecs: { ready: Promise.resolve(), specs: { default: Object.keys(kernelspecs)[0] ?? '', kernelspecs } } },
        shell: { activateById: (id: string) => this.activated.push(id) }
      },
      trans: nullTranslator.load('test'),
      notebooks: { currentWidget: this.open as unknown as NotebookPanel | null },
      consoles: null,
      editors: null,
      documents: {
        newUntitled: (options: unknown) => {
          this.created.push(options);
          return Promise.resolve({ path: 'here/Untitled.ipynb' });
        },
        openOrReveal: (...args: unknown[]) => {
          this.opened.push(args);
          return this.made;
        }
      },
      fileBrowser: { model: { path: 'here' } },
      copy: (text: string) => {
        this.copied.push(text);
        return Promise.resolve();
      }
    };
    // Only what is used of each service is there.
    return fake as unknown as IInsertionServices;
  }
}

describe('insertion', () => {
  const said = (): string[] => Notification.manager.notifications.map(one => one.message);
  beforeEach(() => Notification.manager.dismiss());

  it('goes into the open notebook, which gets the focus', async () => {
    const panel = new FakePanel();
    const bench = new Bench(panel);
    await insertCode(CODE, 'notebook', bench.services);
    expect([panel.sources, bench.activated, bench.copied, said()]).toEqual([['mine', CODE], ['notebook-1'], [], []]);
  });

  it.each([[{ readOnly: true }], [{ writable: false }]])('leaves a notebook alone that is %j', async options => {
    const panel = new FakePanel(options);
    const bench = new Bench(panel);
    await insertCode(CODE, 'notebook', bench.services);
    expect([panel.sources, bench.copied, bench.created]).toEqual([['mine'], [CODE], []]);
    expect(said()).toEqual(['The notebook is read-only. The code was copied to the clipboard instead.']);
  });

  it('makes a notebook with a kernel for Python where none is open', async () => {
    const made = new FakePanel();
    const bench = new Bench(null, undefined, made);
    await insertCode(CODE, 'notebook', bench.services);
    expect(bench.created).toEqual([{ type: 'notebook', path: 'here' }]);
    expect(bench.opened).toEqual([['here/Untitled.ipynb', 'Notebook', { name: 'python3' }]]);
    expect(made.sources).toEqual(['mine', CODE]);
  });

  it('makes no notebook where no kernel fits, and says so', async () => {
    const bench = new Bench(null, { r: 'R' });
    await insertCode(CODE, 'notebook', bench.services);
    expect([bench.created, bench.copied]).toEqual([[], [CODE]]);
    expect(said()[0]).toContain('There is no kernel for Python here.');
  });

  it('copies where the new notebook opens in another page', async () => {
    const bench = new Bench(null);
    await insertCode(CODE, 'notebook', bench.services);
    expect(bench.copied).toEqual([CODE]);
  });

  it.each([
    ['console', 'No console is open.'],
    ['editor', 'No file is open in an editor.']
  ] as const)('copies where there is no %s', async (target, words) => {
    const bench = new Bench(null);
    await insertCode(CODE, target, bench.services);
    expect(bench.copied).toEqual([CODE]);
    expect(said()[0]).toContain(words);
  });
});
