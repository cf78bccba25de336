import type { Pyramid } from '../../pixels';
import { FakePyramid } from './fakes';
import { closeAll, prepare, setUp, until } from './placesbench';

beforeAll(prepare, 60_000); // the code under test is compiled meanwhile
afterEach(closeAll);

/** The pixels of labels, as far as their outstanding reads are told. */
function counting(): { pyramid: Pyramid; set(pending: number): void; readonly listeners: number } {
  const listeners = new Set<() => void>();
  const made = {
    pending: 0,
    onPending(listener: () => void) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    }
  };
  return {
    pyramid: made as unknown as Pyramid, // no pixels are read here
    set(pending) {
      made.pending = pending;
      listeners.forEach(listener => listener());
    },
    get listeners() {
      return listeners.size;
    }
  };
}

describe('The reads outstanding of a preview', () => {
  it('are those of the labels too, until it is closed', async () => {
    const [one, two] = [counting(), counting()];
    const { image } = new FakePyramid();
    const labels = [one, two].map(({ pyramid }, i) => ({ name: String(i), image, pyramid }));
    const { widget, stages } = setUp({ node: image, labels: { labels, failed: [] } });
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.dataset.pending).toBe('0');
    await stages[0].options.labels!();
    await stages[0].options.labels!(); // tried once more: each counts once
    one.set(3);
    two.set(2);
    await until(() => widget.node.dataset.pending === '5');
    expect(widget.node.dataset.pending).toBe('5');
    one.set(0);
    two.set(0);
    await until(() => widget.node.dataset.pending === '0');
    expect(widget.node.dataset.pending).toBe('0');
    expect([one.listeners, two.listeners]).toEqual([1, 1]);
    widget.dispose();
    expect([one.listeners, two.listeners]).toEqual([0, 0]);
  });
});
