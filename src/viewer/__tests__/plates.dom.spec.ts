import { nullTranslator } from '@jupyterlab/translation';
import { BioImageError, say } from '../../core';
import type { INode, IWell } from '../../ngff';
import { CellBoard } from '../plate/board';
import { wellBoard } from '../plate/cells';
import { plateDouble } from './platedouble';
import type { ISetUp } from './placesbench';
import { closeAll, pause, prepare, setUp, until, wells } from './placesbench';

beforeAll(prepare, 60_000); // the code under test is compiled meanwhile
afterEach(closeAll);

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

const channel = (index: number) => ({ index, label: `c${index}`, color: 'FFFFFF', window: [0, 9] as const });

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
    await answer.head({ count: 3, channels: [channel(0)] });
    await answer.frame({ type: 'well', row: 0, column: 0, fields: 1 });
    await until(() => widget.node.dataset.pending === '2');
    expect(cell('A1').dataset.state).toBe('picture');
    expect(cell('B2').dataset.state).toBe('waiting');
    await answer.frame({ type: 'well', row: 0, column: 2, state: 'absent' });
    await answer.frame({ type: 'well', row: 1, column: 1, state: 'failed', code: 'BAD_CHUNK', message: say`damaged <i>here</i>` });
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

  it('says of a well that parts of its picture could not be read', async () => {
    const { answers, plate: route } = plateDouble();
    const { widget, cell } = setUp({ node, store, transport: { plate: route } });
    await until(() => answers.length);
    const [answer] = answers;
    await answer.head({ count: 3, channels: [channel(0)] });
    await answer.frame({ type: 'well', row: 0, column: 0, code: 'BAD_CHUNK', message: say`a chunk is damaged` });
    await answer.frame({ type: 'well', row: 0, column: 2 });
    await answer.frame({ type: 'well', row: 1, column: 1 });
    await answer.end();
    await until(() => widget.node.dataset.status === 'ready');
    expect(cell('A1').dataset.state).toBe('picture');
    expect(cell('A1').getAttribute('aria-label')).toBe('A1, parts could not be read');
    expect(cell('A1').title).toContain('shown; parts could not be read: a chunk is damaged');
    expect(cell('A3').getAttribute('aria-label')).toBe('A3');
    expect(widget.node.textContent).toContain('1 shown in part');
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
    await answer.head({ count: 3, channels: [0, 1].map(channel) });
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
    expect(Array.from(widget.node.children, one => one.className.match(/toolbar|Plate|controls|footer/)?.[0])).toEqual(['toolbar', 'Plate', 'controls', 'footer']);
    expect(document.activeElement).toBe(cell('A1'));
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
    const boxes = () => widget.node.querySelectorAll<HTMLInputElement>('.jp-BioImagePreview-controls input[type="checkbox"]');
    await until(() => boxes().length === 2); // drawn in a turn of its own, which may come after the status
    const [first, second] = boxes();
    expect([first.checked, second.checked]).toEqual([true, true]);
    second.click();
    await until(() => answers.length > 1);
    expect(answers).toHaveLength(2);
    expect(answers[1].view).toMatchObject({ c: [0], windows: [[0, 9]] });
    await until(() => widget.node.dataset.status === 'loading');
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
    answers[0].fail(new BioImageError('UPSTREAM_DOWN', say`The connection broke off.`));
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
    answers[0].fail(new BioImageError('SESSION_ENDED', say`Your session has ended.`));
    await until(() => widget.node.dataset.status === 'failed');
    expect(widget.node.querySelector('[role="alert"]')?.textContent).toContain('Sign in');
  });

  it('says so where it names no wells, and where a well names no fields', async () => {
    const said = (from: HTMLElement): string | null | undefined => from.querySelector<HTMLElement>('.jp-BioImagePlate-empty:not([hidden])')?.textContent;
    const { answers, plate: route } = plateDouble();
    const { widget } = setUp({ node: plate([]), store, transport: { plate: route } });
    await until(() => answers.length);
    expect(said(widget.node)).toContain('This plate names no wells.');
    expect(widget.node.textContent).not.toMatch(/0 of 0|Point at a picture/);
    const bare = new CellBoard({ board: wellBoard(JSON.parse('{ "fields": [] }') as IWell, String), label: '', empty: 'No fields.', trans: nullTranslator.load('test'), open: () => undefined, look: () => undefined });
    expect(said(bare.node)).toBe('No fields.');
    bare.dispose();
    const { widget: full } = await shown();
    expect(said(full.node)).toBeUndefined();
  });

  it('shows all of it where it has no such well', async () => {
    const { answers, plate: route } = plateDouble();
    const { widget } = setUp({ node, store, transport: { plate: route }, selection: { well: 'H12' } });
    await until(() => answers.length);
    expect(widget.node.dataset.kind).toBe('plate');
    expect(widget.state).toEqual({});
  });
});
