import { say } from '../../core';
import { nullTranslator } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { IArrayPlane } from '../../entities';
import type { IComplaint, IImage, ILabelInfo } from '../../ngff';
import { Controls } from '../controls/controls';
import { Complaints } from '../stage/complaints';
import { Footer } from '../stage/footer';
import { LabelModel } from '../stage/labelmodel';
import { ViewModel } from '../stage/model';
import type { IPreviewHost } from '../types';
import { FakePyramid } from './fakes';

const trans = nullTranslator.load('test');
const view = document.createElement('div');
const shown: Widget[] = [];

afterEach(() => shown.splice(0).forEach(widget => widget.dispose()));

const named = (...labels: string[]): { label: string }[] => labels.map(label => ({ label }));

const settle = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 30));

/** The controls of an image, in the page. */
async function controlsOf(image: IImage, parts: { labels?: LabelModel; alone?: boolean; complaints?: Complaints; showAxes?: (plane: IArrayPlane) => void } = {}) {
  const pyramid = { ...new FakePyramid(), image } as unknown as FakePyramid['real'];
  const { labels, alone = false, complaints, showAxes } = parts;
  const stage = { model: new ViewModel(image), labels: labels && { model: labels, alone }, complaints, autoContrast: () => undefined };
  const controls = new Controls(stage, { pyramid, view, host: { trans } as IPreviewHost, route: 'Files', uri: 'u', showAxes });
  shown.push(controls);
  Widget.attach(controls, document.body);
  MessageLoop.flush();
  await settle();
  const byName = <T extends Element>(name: string): T => controls.node.querySelector<T>(`[aria-label="${name}"]`)!;
  return { controls, byName };
}

/** Changes an input as a person does: React listens to the event, behind the native setter. */
async function change(input: HTMLInputElement | HTMLSelectElement, value: string): Promise<void> {
  const prototype = input instanceof HTMLInputElement ? HTMLInputElement.prototype : HTMLSelectElement.prototype;
  Object.getOwnPropertyDescriptor(prototype, 'value')!.set!.call(input, value);
  input.dispatchEvent(new Event(input instanceof HTMLInputElement ? 'input' : 'change', { bubbles: true }));
  await settle();
}

const INFO: ILabelInfo = { colors: new Map([['7', [255, 0, 0, 255]]]), properties: new Map([['7', [['area', '33']]]]) };

describe('label controls', () => {
  it('are not there without labels, and come when these are found', async () => {
    const labels = new LabelModel();
    const { controls, byName } = await controlsOf(new FakePyramid().image, { labels });
    expect(controls.node.textContent).not.toContain('Labels');
    labels.fill([{ name: 'nuclei', info: INFO, notices: [say`by size`] }], [{ name: 'cells', cause: say`no axes` }]);
    await settle();
    expect(controls.node.textContent).toContain('Labels cells could not be opened: no axes');
    expect(controls.node.textContent).toContain('by size');
    expect(byName('nuclei opacity')).toBeNull();
    Array.from(controls.node.querySelectorAll('label')).find(node => node.textContent === 'nuclei')!.querySelector('input')!.click();
    await settle();
    await change(byName('nuclei opacity'), '0.25');
    byName<HTMLInputElement>('nuclei: Outlines only').click();
    expect(labels.items[0]).toMatchObject({ shown: true, opacity: 0.25, outline: true });
  });

  it('show one id, with its colour and properties, and all again', async () => {
    const labels = new LabelModel(['nuclei']);
    labels.fill([{ name: 'nuclei', info: INFO, notices: [] }], []);
    const { controls, byName } = await controlsOf(new FakePyramid().image, { labels });
    const input = byName<HTMLInputElement>('nuclei: show only this id');
    await change(input, '7');
    expect(labels.items[0].isolated).toBe('7');
    expect(controls.node.textContent).toContain('area33');
    expect(controls.node.querySelector<HTMLElement>('.jp-BioImagePreview-swatch')!.style.background).toContain('255, 0, 0');
    await change(input, '7x');
    expect(input.getAttribute('aria-invalid')).toBe('true');
    expect(labels.items[0].isolated).toBe('7');
    labels.isolate('nuclei', '-3'); // from under the pointer
    await settle();
    expect(input.value).toBe('-3');
    byName<HTMLButtonElement>('nuclei: show all ids').click();
    await settle();
    expect(labels.items[0].isolated).toBeNull();
  });

  it('of labels alone leave out what has no image under it', async () => {
    const labels = new LabelModel(['']);
    labels.fill([{ name: '', title: trans.__('nuclei'), notices: [] }], [], { opacity: 1 });
    const { byName } = await controlsOf(new FakePyramid({ imageLabel: true }).image, { labels, alone: true });
    expect(byName('nuclei opacity')).toBeNull();
    expect(byName('nuclei: Outlines only')).not.toBeNull();
  });
});

describe('a picture in colour', () => {
  it('has its parts, and neither tints nor contrast', async () => {
    const image = { ...new FakePyramid({ channels: named('R', 'G', 'B', 'A') }).image, rgb: true };
    const { controls } = await controlsOf(image);
    expect(controls.node.querySelector('legend')!.textContent).toBe('Colour');
    expect(controls.node.querySelectorAll('input[type="checkbox"]')).toHaveLength(4);
    expect(controls.node.querySelectorAll('input[type="color"], input[type="range"]')).toHaveLength(0);
    const { channels } = new ViewModel(image);
    expect(channels.map(({ color, range, alpha }) => [color, range, alpha ?? false])).toEqual([
      ['FF0000', [0, 255], false],
      ['00FF00', [0, 255], false],
      ['0000FF', [0, 255], false],
      ['FFFFFF', [0, 255], true]
    ]);
  });
});

describe('plane of an array', () => {
  const fake = new FakePyramid({ z: 3, t: 2, channels: [{}, {}] }).image;
  const { y, x } = fake.at;
  const image: IImage = { ...fake, version: '', at: { y, x }, others: [{ axis: 0, index: 1 }, { axis: 1, index: 0 }, { axis: 2, index: 2 }] };

  it('is chosen by its axes, which change places where one is chosen twice', async () => {
    const planes: IArrayPlane[] = [];
    const { controls } = await controlsOf(image, { showAxes: plane => void planes.push(plane) });
    const [down, right] = controls.node.querySelectorAll('select');
    expect(Array.from(down.options, option => option.textContent)).toEqual(['t (2)', 'c (2)', 'z (3)', 'y (1001)', 'x (1303)']);
    expect([down.value, right.value]).toEqual(['3', '4']);
    await change(down, '2');
    await change(down, '4');
    expect(planes).toEqual([
      { y: 2, x: 4, at: [1, 0, 2, 0, 0] },
      { y: 4, x: 3, at: [1, 0, 2, 0, 0] }
    ]);
  });

  it('says that the axes are a guess where the array names none', async () => {
    const guess = /does not name its axes/;
    const { array } = image.levels[0];
    const named = { ...image, levels: [{ ...image.levels[0], array: { ...array, dimensionNames: ['t', 'c', null, 'y', 'x'] } }] };
    const texts = await Promise.all([image, named].map(async one => (await controlsOf(one, { showAxes: () => undefined })).controls.node.textContent));
    expect(texts.map(text => guess.test(text))).toEqual([true, false]);
  });

  it('has an index along every other axis, and keeps the focus over the new stage', async () => {
    const planes: IArrayPlane[] = [];
    const { controls, byName } = await controlsOf(image, { showAxes: plane => void planes.push(plane) });
    const input = byName<HTMLInputElement>('Index along z');
    input.focus();
    await change(input, '7'); // beyond
    await change(input, '1');
    expect(planes).toEqual([{ y: 3, x: 4, at: [1, 0, 1, 0, 0] }]);
    controls.dispose();
    const again = await controlsOf(image, { showAxes: () => undefined });
    expect(document.activeElement).toBe(again.byName('Index along z'));
  });

  it('is not offered where the axes have a meaning', async () => {
    const { controls } = await controlsOf(image);
    expect(controls.node.textContent).not.toContain('Plane');
  });
});

describe('specification', () => {
  it('lists where the metadata deviate, and which rule says so', async () => {
    const found: IComplaint[] = [{ pointer: 'zarr.json#/attributes/ome', rule: say`axes must have names (0.5, 3.4)` }];
    let asked = 0;
    const complaints = new Complaints(async () => (asked++, found));
    const { controls } = await controlsOf(new FakePyramid().image, { complaints });
    const badge = (): HTMLElement | null => controls.node.querySelector('[data-testid="complaints"]');
    expect(badge()).toBeNull();
    complaints.start();
    complaints.start();
    await settle();
    expect(asked).toBe(1);
    expect(badge()!.textContent).toBe('11 deviation from the specification');
    expect(controls.node.querySelector('section')!.textContent).toContain('zarr.json#/attributes/omeaxes must have names (0.5, 3.4)');
  });

  it('is silent where nobody could judge', async () => {
    const complaints = new Complaints(() => Promise.reject(new Error('offline')));
    complaints.start();
    await settle();
    expect(complaints.items).toEqual([]);
  });
});

describe('footer', () => {
  it('names labels with what is known of them, and who decoded the image', () => {
    const { image } = new FakePyramid();
    const array = { ...image.levels[0].array, decodedBy: 'server' as const };
    const footer = new Footer({ image: { ...image, levels: [{ ...image.levels[0], array }] }, trans, copy: async () => undefined });
    shown.push(footer);
    const [n, m] = named('n', 'm');
    const labels = [
      { ...n, name: 'n', id: '9007199254740993', properties: [['area', '33']] as const },
      { ...m, name: 'm', id: null, properties: [] }
    ];
    footer.showPixel({ level: 0, index: { y: 0, x: 0 }, channels: [0], values: [1], labels }, []);
    expect(footer.node.querySelector('[data-testid="label-ids"]')!.textContent).toBe('n 9007199254740993 (area: 33)  m no data');
    expect(footer.node.querySelector<HTMLElement>('[data-testid="pixel-value"]')!.dataset.labels).toBe('{"n":"9007199254740993","m":null}');
    footer.setView('100', 0, [{ width: 1, height: 1 }]);
    expect(footer.node.textContent).toContain('100 % · decoded by the server');
    footer.showPixel({ level: 0, index: { y: 0, x: 0 }, channels: [0], unread: true }, []);
    expect(footer.node.textContent).toContain('not read');
  });
});
