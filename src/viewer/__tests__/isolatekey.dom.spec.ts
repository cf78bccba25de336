import type { Footer } from '../stage/footer';
import type { Planes } from '../stage/planes';
import { Pointer } from '../stage/pointer';
import type { Stage } from '../stage/stage';
import { FakePyramid } from './fakes';

let pointer: Pointer | null = null;

afterEach(() => {
  pointer?.dispose();
  document.body.replaceChildren();
});

/** A preview with a checkbox and a text beside the view, another text outside, and what the key `i` has done. */
function setUp() {
  document.body.innerHTML = `<div class="jp-BioImagePreview"><div id="view" tabindex="0"></div><input id="tick" type="checkbox"><input id="text" type="text"></div>
    <button id="outside"></button><div id="code" contenteditable="true"></div>`;
  const view = document.getElementById('view')!;
  let count = 0;
  const footer = { showPixel: () => undefined } as unknown as Footer;
  const stage = JSON.parse('{ "camera": { "target": [0, 0], "zoom": 0 }, "size": { "width": 9, "height": 9 }, "level": 0 }') as Stage;
  Object.assign(stage, { isolate: () => count++, model: { visible: [], plane: { t: 0, z: 0 }, channels: [] }, labels: { readAt: () => [] }, viewpoint: { unit: 1 } });
  Object.assign(stage.model, { image: new FakePyramid().image });
  pointer = new Pointer(view, stage, { oversize: () => null } as unknown as Planes, new FakePyramid().real, footer);
  const press = (id: string, more: KeyboardEventInit = {}): number => {
    const before = count;
    document.getElementById(id)!.dispatchEvent(new KeyboardEvent('keydown', { key: 'i', bubbles: true, cancelable: true, ...more }));
    return count - before;
  };
  const point = (over: boolean): void => void view.dispatchEvent(new MouseEvent(over ? 'pointermove' : 'pointerleave', { bubbles: over }));
  return { press, point };
}

describe('the key of one label', () => {
  it('counts once in the view, and beside it in what takes no letters', () => {
    const { press } = setUp();
    expect([press('view'), press('tick'), press('text'), press('outside')]).toEqual([1, 1, 0, 0]);
  });

  it('counts wherever the focus is while the pointer is over the image, but not in a text', () => {
    const { press, point } = setUp();
    point(true);
    expect([press('view'), press('tick'), press('outside'), press('text'), press('code')]).toEqual([1, 1, 1, 0, 0]);
    expect(press('outside', { ctrlKey: true })).toBe(0);
    point(false);
    expect(press('outside')).toBe(0);
    point(true);
    pointer!.leave(); // taken from the screen
    expect(press('outside')).toBe(0);
  });

  it('ends with the view', () => {
    const { press, point } = setUp();
    point(true);
    pointer!.dispose();
    expect([press('view'), press('outside')]).toEqual([0, 0]);
  });
});
