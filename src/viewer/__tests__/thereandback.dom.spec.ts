import type { IPlate } from '../../ngff';
import { plateDouble } from './platedouble';
import { closeAll, pause, prepare, setUp, until, wells } from './placesbench';

beforeAll(prepare, 60_000); // the code under test is compiled meanwhile
afterEach(closeAll);

const PLACES = { 'A/1': 1, 'A/2': 3, 'B/1': 2 };
const isFull = process.env.BIOIMAGE_CAMPAIGN === 'full';
const SEEDS = isFull ? [1, 2, 3, 4, 5, 6] : [1];

const node: IPlate = {
  kind: 'plate',
  version: '0.4',
  path: '',
  name: '',
  rows: ['A', 'B'],
  columns: ['1', '2'],
  wells: Object.keys(PLACES).map(path => ({ name: path.replace('/', ''), path, row: path.charCodeAt(0) - 65, column: Number(path[2]) - 1, conditions: [] })),
  acquisitions: [],
  notices: []
};

/** Small generator with a fixed seed (xorshift). */
function random(seed: number): (count: number) => number {
  let state = seed;
  return count => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % count;
  };
}

/** Answers every request for pictures, each at its own time. */
function answering(next: (count: number) => number): ReturnType<typeof plateDouble>['plate'] {
  const { answers, plate } = plateDouble();
  return async (...asked) => {
    const stream = await plate(...asked);
    const answer = answers[answers.length - 1];
    const { well } = answer.view;
    void (async () => {
      await pause(next(4) * 5);
      const fields = well === undefined ? 0 : PLACES[`${well[0]}/${well[1]}` as keyof typeof PLACES];
      await answer.head({ count: well === undefined ? 3 : fields });
      for (const { row, column } of well === undefined ? node.wells : []) {
        await answer.frame({ type: 'well', row, column });
      }
      for (let field = 0; field < fields; field++) {
        await answer.frame({ type: 'field', field });
      }
      await answer.end();
    })().catch(() => undefined); // nobody wants it any more
    return stream;
  };
}

describe('Going into a plate and back, faster than anything opens', () => {
  it.each(SEEDS)('never leaves an empty preview (%i)', async seed => {
    const next = random(seed * 7919);
    const { widget, button } = setUp({ node, store: wells(PLACES), transport: { plate: answering(next) } });
    const press = (key: string) => widget.node.querySelector('.jp-BioImagePreview-view, [role="grid"]')?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    for (let step = 0; step < 60; step++) {
      const cells = widget.node.querySelectorAll<HTMLElement>('[role="gridcell"]');
      const moves = [
        () => cells[next(Math.max(1, cells.length))]?.click(),
        () => button('Back')?.click(),
        () => press('Backspace'),
        () => void (button('Back')?.click(), button('Back')?.click()),
        () => widget.node.querySelector<HTMLElement>('.jp-BioImagePreview-crumb')?.click(),
        () => widget.select({ well: ['A1', 'A2', 'B1'][next(3)], field: next(2) }),
        () => void (widget.hide(), widget.show())
      ];
      moves[next(moves.length)]();
      await [() => undefined, () => Promise.resolve(), () => pause(0), () => pause(next(30))][next(4)]();
    }
    await until(() => widget.node.dataset.status === 'ready');
    const { well, field } = widget.state;
    const shown = widget.node.querySelector(field === undefined ? '[role="grid"]' : '.jp-BioImagePreview-view');
    expect([widget.node.dataset.status, widget.node.dataset.kind, shown === null]).toEqual(['ready', field === undefined ? 'plate' : 'image', false]);
    expect(Array.from(widget.node.querySelectorAll('[role="gridcell"]'), one => one.getAttribute('aria-label'))).toHaveLength(
      field !== undefined ? 0 : well === undefined ? 3 : PLACES[`${well[0]}/${well[1]}` as keyof typeof PLACES]
    );
    // and all the way out, from wherever that was
    for (let i = 0; i < 3; i++) {
      button('Back')?.click();
    }
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.state).toEqual({});
    expect(widget.node.querySelectorAll('[role="gridcell"]')).toHaveLength(3);
    await pause(20); // what was left is taken down a moment later, and must take nothing along
    const parts = Array.from(widget.node.children, one => one.className.match(/toolbar|Plate|controls|footer/)?.[0]);
    expect(parts.filter(part => part !== undefined)).toEqual(['toolbar', 'Plate', 'controls', 'footer']);
  });
});
