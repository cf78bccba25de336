import { nullTranslator } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { Controls } from '../controls/controls';
import { StageToolbar } from '../controls/toolbar';
import { Footer } from '../stage/footer';
import { ViewModel } from '../stage/model';
import { Overlay } from '../stage/overlay';
import type { IPreviewHost } from '../types';
import type { IFakeOptions } from './fakes';
import { FakePyramid } from './fakes';

const trans = nullTranslator.load('test');
const shown: Widget[] = [];

afterEach(() => shown.splice(0).forEach(widget => widget.dispose()));

function named(...labels: string[]): { label: string }[] {
  return labels.map(label => ({ label }));
}

async function attach(widget: Widget): Promise<void> {
  shown.push(widget);
  Widget.attach(widget, document.body);
  MessageLoop.flush();
  await new Promise(resolve => setTimeout(resolve, 20));
}

async function setUp(options: IFakeOptions) {
  const pyramid = new FakePyramid(options);
  const model = new ViewModel(pyramid.image);
  let auto = 0;
  const stage = { model, autoContrast: () => void auto++ };
  const host = { trans } as IPreviewHost;
  const controls = new Controls(stage, { pyramid: pyramid.real, host, route: 'Files', uri: 'folder/a.zarr' });
  await attach(controls);
  const find = <T extends Element>(selector: string): T | null => controls.node.querySelector<T>(selector);
  const names = () => Array.from(controls.node.querySelectorAll('input[type="range"]'), input => input.getAttribute('aria-label'));
  return { controls, model, find, names, auto: () => auto };
}

/** Changes an input as a person does: React listens to the event, behind the native setter. */
async function change(input: HTMLInputElement | HTMLSelectElement, value: string): Promise<void> {
  const prototype = input instanceof HTMLInputElement ? HTMLInputElement.prototype : HTMLSelectElement.prototype;
  Object.getOwnPropertyDescriptor(prototype, 'value')!.set!.call(input, value);
  input.dispatchEvent(new Event(input instanceof HTMLInputElement ? 'input' : 'change', { bubbles: true }));
  await new Promise(resolve => setTimeout(resolve, 20));
}

const WINDOW = { min: 0, max: 1000, start: 100, end: 500 };

describe('controls', () => {
  it('have sliders for z and t only where there are planes', async () => {
    expect((await setUp({ z: 5, t: 3 })).names()).toEqual(['Z', 'T']);
    expect((await setUp({ z: 5 })).names()).toEqual(['Z']);
    expect((await setUp({})).names()).toEqual([]);
  });

  it('move through z and tell the value from 0', async () => {
    const { find, model } = await setUp({ z: 5, unit: 'micrometer' });
    const slider = find<HTMLInputElement>('[aria-label="Z"]')!;
    expect(slider.getAttribute('aria-valuenow')).toBe('2');
    expect(slider.getAttribute('aria-valuetext')).toBe('2 of 4, 1 µm');
    await change(slider, '4');
    expect(model.plane.z).toBe(4);
    expect(slider.getAttribute('aria-valuenow')).toBe('4');
  });

  it('name a checkbox, a colour and two sliders after each channel', async () => {
    const { controls, find, names, model } = await setUp({ dtype: 'uint16', channels: [{ ...named('DAPI')[0], window: WINDOW }, {}] });
    const boxes = Array.from(controls.node.querySelectorAll('label'), label => label.textContent);
    expect(boxes.slice(0, 2)).toEqual(['DAPI', 'Channel 1']);
    expect(names()).toEqual(['DAPI minimum', 'DAPI maximum']); // the other's range is not known yet
    model.setRange(1, [5, 9]);
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(names()).toHaveLength(4);
    await change(find<HTMLInputElement>('[aria-label="DAPI minimum"]')!, '250');
    expect(model.channels[0].range).toEqual([250, 500]);
    await change(find<HTMLInputElement>('[aria-label="DAPI colour"]')!, '#00ff80');
    expect(model.channels[0].color).toBe('00FF80');
    find<HTMLInputElement>('input[type="checkbox"]')!.click();
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(model.visible).toEqual([1]);
  });

  it('stretch and reset', async () => {
    const { controls, model, auto } = await setUp({ channels: [{ window: WINDOW }, {}] });
    const button = (text: string) => Array.from(controls.node.querySelectorAll('button')).find(node => node.textContent === text)!;
    button('Auto contrast').click();
    expect(auto()).toBe(1);
    model.setVisible(0, false);
    button('Reset').click();
    expect(model.visible).toEqual([0, 1]);
  });

  it('stop at 32 channels and say so', async () => {
    const { controls } = await setUp({ channels: Array.from({ length: 40 }, () => ({})) });
    expect(controls.node.querySelectorAll('input[type="checkbox"]')).toHaveLength(32);
    expect(controls.node.textContent).toContain('8 more channels have no controls here.');
  });

  it('pin a level', async () => {
    const { find, model } = await setUp({});
    await change(find<HTMLSelectElement>('select')!, '2');
    expect(model.pinned).toBe(2);
    await change(find<HTMLSelectElement>('select')!, '');
    expect(model.pinned).toBeUndefined();
  });

  it('offer labels no contrast', async () => {
    const { controls } = await setUp({ dtype: 'uint32', imageLabel: true });
    expect(controls.node.querySelectorAll('button, input[type="color"], input[type="range"]')).toHaveLength(0);
  });

  it('show text from data as text', async () => {
    const { controls } = await setUp({ channels: named('<img src=x onerror=1>', 'a\u202eb') });
    expect(controls.node.querySelector('img')).toBeNull();
    expect(controls.node.textContent).toContain('<img src=x onerror=1>');
    expect(controls.node.textContent).toContain('a⟨U+202E⟩b');
  });

  it('summarise the metadata', async () => {
    const { controls } = await setUp({ dtype: 'uint16', z: 5, unit: 'micrometer' });
    const text = controls.node.querySelector('details')!.textContent;
    expect(text).toContain('OME-Zarr 0.4 (Zarr 2)');
    expect(text).toContain('z 5 × 0.5 µm, y 1001 × 0.5 µm, x 1303 × 0.5 µm');
    expect(text).toContain('12.4 MiB'); // 5 × 1001 × 1303 × 2 bytes
  });
});

describe('toolbar', () => {
  it('inserts code for the view, fits, and copies the address and a link', async () => {
    const log: unknown[] = [];
    const stage = { selection: { level: 1 }, state: { z: 3 }, fit: () => log.push('fit'), actualSize: () => log.push('1:1'), zoomBy: (steps: number) => log.push(steps) };
    const host = { trans, insert: (...args: unknown[]) => log.push(args), copy: async (text: string) => void log.push(text), copyLink: async (...args: unknown[]) => void log.push(args) } as unknown as IPreviewHost;
    const toolbar = new StageToolbar(stage, { host, uri: 'u', fullScreen: () => log.push('full') });
    await attach(toolbar);
    toolbar.node.querySelectorAll('button').forEach(button => button.click());
    expect(log).toEqual([['u', { level: 1 }], 'fit', '1:1', -1, 1, 'full', 'u', ['u', { z: 3 }]]);
  });

  it('has no button for links where nobody makes them', async () => {
    const stage = { selection: {}, state: {}, fit: () => undefined, actualSize: () => undefined, zoomBy: () => undefined };
    const toolbar = new StageToolbar(stage, { host: { trans } as unknown as IPreviewHost, uri: 'u', fullScreen: () => undefined });
    await attach(toolbar);
    expect([...toolbar.node.querySelectorAll('button')].filter(button => /link/i.test(button.textContent ?? ''))).toEqual([]);
  });
});

describe('footer', () => {
  const readout = { level: 1, index: { y: 4, x: 2 }, channels: [0], values: [NaN] };

  it('carries the value in attributes as long as there is one', async () => {
    const copied: string[] = [];
    const footer = new Footer({ image: new FakePyramid({ unit: 'micrometer' }).image, trans, copy: async text => void copied.push(text) });
    shown.push(footer);
    const value = footer.node.querySelector<HTMLElement>('[data-testid="pixel-value"]')!;
    footer.copyValue();
    footer.showPixel(readout, []);
    expect(value.textContent).toBe('NaN');
    expect(value.dataset).toMatchObject({ level: '1', index: '{"y":4,"x":2}', channels: '[0]', values: '["NaN"]' });
    footer.showPixel(null, []);
    expect(value.textContent).toBe('');
    expect(value.getAttributeNames().filter(name => name.startsWith('data-'))).toEqual(['data-testid']);
    footer.copyValue();
    footer.copyPlace();
    expect(copied).toEqual(['NaN', 'y=4, x=2, level=1 (x 3 µm, y 6 µm)']);
    await Promise.resolve();
    expect(footer.node.querySelector('[role="status"]')?.textContent).toBe('Copied: y=4, x=2, level=1 (x 3 µm, y 6 µm)');
  });

  it('names channels where there are several, and tells missing data', () => {
    const image = new FakePyramid({ channels: named('DAPI', 'GFP') }).image;
    const footer = new Footer({ image, trans, copy: async () => undefined });
    shown.push(footer);
    const { channels } = new ViewModel(image);
    footer.showPixel({ ...readout, channels: [0, 1], values: [2n ** 63n, null] }, channels);
    expect(footer.node.textContent).toContain('DAPI: 9223372036854775808  GFP: no data');
    footer.showPixel({ ...readout, channels: [0, 1], values: undefined }, channels);
    expect(footer.node.textContent).toContain('reading…');
  });
});

describe('overlay', () => {
  it('draws a scale bar with its unit, or in pixels', () => {
    const view = document.createElement('div');
    const overlay = new Overlay(view, trans);
    const bar = view.querySelector<HTMLElement>('.jp-BioImagePreview-scaleBar')!;
    overlay.scale(new FakePyramid({ unit: 'micrometer' }).image, 2, 500); // a screen pixel is 0.25 µm
    expect(bar.textContent).toBe('20 µm');
    expect(bar.style.width).toBe('80px');
    overlay.scale(new FakePyramid().image, 2, 500);
    expect(bar.textContent).toBe('50 px');
  });

  it('shows a message once, with what can be done', () => {
    const view = document.createElement('div');
    const overlay = new Overlay(view, trans);
    let runs = 0;
    overlay.message('too much', { label: trans.__('Go on'), run: () => runs++ });
    overlay.message('too much', { label: trans.__('Go on'), run: () => runs++ });
    const buttons = view.querySelectorAll('button');
    expect(buttons).toHaveLength(1);
    buttons[0].click();
    expect(runs).toBe(1);
    overlay.message(null);
    expect(view.querySelector<HTMLElement>('[role="status"]')!.hidden).toBe(true);
  });
});
