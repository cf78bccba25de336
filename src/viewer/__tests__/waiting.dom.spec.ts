import { say } from '../../core';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { IOpened } from '../../pixels';
import { PreviewWidget } from '../preview';
import type { IPreviewHost, OpenImage } from '../types';
import { PATIENCE, Waiting } from '../waiting';
import type { IWait } from '../waiting';

const trans = nullTranslator.load('test');

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function setUp(wait: IWait | null = { what: 'the server', progress: '0' }) {
  const done: string[] = [];
  const state = { wait };
  const waiting = new Waiting({
    trans,
    wait: () => state.wait,
    retry: () => void done.push('again'),
    stop: (what, ms, byHand) => void done.push(`${byHand ? 'stopped' : 'ended'}: ${what}, ${Math.round(ms / 1000)}`),
    nudge: () => void done.push('nudged'),
    unfocused: () => void done.push('unfocused')
  });
  waiting.update();
  const press = (label: string): void => [...waiting.node.querySelectorAll('button')].find(({ textContent }) => textContent === label)!.click();
  return { waiting, state, done, press };
}

describe('Waiting', () => {
  it('says after ten seconds without anything what it waits for and since when', () => {
    const { waiting, done } = setUp();
    jest.advanceTimersByTime(9000);
    expect([waiting.node.hidden, waiting.node.textContent, waiting.voice.textContent]).toEqual([true, '', '']);
    jest.advanceTimersByTime(3000);
    expect(waiting.node.hidden).toBe(false);
    expect(waiting.node.textContent).toContain('Still waiting for the server: 12 s');
    expect([...waiting.node.querySelectorAll('button')].map(({ textContent }) => textContent)).toEqual(['Try again', 'Cancel']);
    expect(done).toEqual(['nudged']);
  });

  it('is told politely, and not every second', () => {
    const { waiting } = setUp();
    expect(waiting.voice.getAttribute('role')).toBe('status');
    const heard = new Set<string | null>();
    for (let second = 0; second < 60; second++) {
      jest.advanceTimersByTime(1000);
      heard.add(waiting.voice.textContent);
    }
    expect([...heard]).toEqual(['', 'Still waiting for the server: 10 s', 'Still waiting for the server: 40 s']);
  });

  it('begins anew with whatever comes, told or not, and ends with the last of it', () => {
    const { waiting, state } = setUp();
    jest.advanceTimersByTime(15_000);
    state.wait = { what: 'the server', progress: '1' };
    jest.advanceTimersByTime(1000);
    expect(waiting.node.hidden).toBe(true);
    jest.advanceTimersByTime(11_000);
    expect(waiting.node.hidden).toBe(false);
    state.wait = null;
    waiting.update();
    expect([waiting.node.hidden, waiting.voice.textContent, jest.getTimerCount()]).toEqual([true, '', 0]);
  });

  it('tries again or stops by hand, and stops by itself in the end', () => {
    const { done, press, state } = setUp();
    jest.advanceTimersByTime(12_000);
    press('Try again');
    press('Cancel');
    expect(done).toEqual(['nudged', 'again', 'stopped: the server, 12']);
    expect(jest.getTimerCount()).toBe(0);
    const other = setUp(state.wait);
    jest.advanceTimersByTime(PATIENCE + 1000);
    expect(other.done).toEqual(['nudged', `ended: the server, ${PATIENCE / 1000}`]);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('A preview of which nothing comes', () => {
  function open(host: Partial<IPreviewHost>, image: OpenImage = () => new Promise<IOpened>(() => undefined)): PreviewWidget {
    const all = {
      trans,
      resolve: () => Promise.resolve({ uri: 'x', store: null, key: 'x', direct: 'https://far.example/x' }),
      environment: () => ({ decoder: { decode: () => Promise.resolve(new Uint8Array()), warm: () => undefined, dispose: () => undefined } }),
      confirmHost: () => Promise.resolve(true),
      insert: () => undefined,
      copy: () => Promise.resolve(),
      ...host
    };
    const widget = new PreviewWidget({ uri: 'x', host: all, open: image });
    Widget.attach(widget, document.body);
    return widget;
  }
  const notice = (widget: PreviewWidget): string => widget.node.querySelector('.jp-BioImagePreview-waiting')?.textContent ?? '';
  const press = (widget: PreviewWidget, label: string): void => [...widget.node.querySelectorAll('button')].find(({ textContent }) => textContent === label)!.click();

  it('says that it waits for the stores, and fails with a name where nobody ends it', async () => {
    const widget = open({ resolve: () => new Promise(() => undefined) });
    await jest.advanceTimersByTimeAsync(12_000);
    expect(notice(widget)).toContain('Still waiting for the list of stores: 12 s');
    await jest.advanceTimersByTimeAsync(PATIENCE);
    expect(widget.node.dataset.status).toBe('failed');
    expect(widget.node.querySelector('[role="alert"]')?.textContent).toContain('while waiting for the list of stores');
    widget.dispose();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('names the host, is cancelled with a next step, and opens anew', async () => {
    const signals: AbortSignal[] = [];
    const widget = open({}, (_target, _view, _env, events, signal) => {
      events.route?.('direct', say``);
      signals.push(signal);
      return new Promise<IOpened>(() => undefined);
    });
    await jest.advanceTimersByTimeAsync(13_000);
    expect(notice(widget)).toContain('Still waiting for far.example: 12 s');
    widget.node.querySelector<HTMLElement>('.jp-BioImagePreview-waiting button')!.focus();
    press(widget, 'Cancel');
    expect(widget.node.contains(document.activeElement)).toBe(true);
    expect([widget.node.dataset.status, signals.map(({ aborted }) => aborted)]).toEqual(['failed', [true]]);
    expect(notice(widget)).toBe('');
    expect(widget.node.querySelector('[role="alert"]')?.textContent).toContain('You stopped waiting for far.example after 12 s.');
    press(widget, 'Try again');
    await jest.advanceTimersByTimeAsync(1000);
    expect([widget.node.dataset.status, signals.map(({ aborted }) => aborted)]).toEqual(['loading', [true, false]]);
    widget.dispose();
  });

  it('does not count what a person takes to answer, nor what nobody looks at', async () => {
    const widget = open({ confirmHost: () => new Promise(() => undefined) });
    await jest.advanceTimersByTimeAsync(20_000);
    expect(notice(widget)).toBe('');
    widget.dispose();
    const hidden = open({ resolve: () => new Promise(() => undefined) });
    hidden.hide();
    await jest.advanceTimersByTimeAsync(PATIENCE + 20_000);
    expect([notice(hidden), hidden.node.dataset.status]).toEqual(['', 'loading']);
    hidden.show();
    await jest.advanceTimersByTimeAsync(12_000);
    expect(notice(hidden)).toContain('12 s');
    hidden.dispose();
  });

  it('tells an end that nobody asked for, also one that calls itself a cancellation', async () => {
    const widget = open({}, () => Promise.reject(new DOMException('The stream was stopped.', 'AbortError')));
    await jest.advanceTimersByTimeAsync(1000);
    expect(widget.node.dataset.status).toBe('failed');
    widget.dispose();
  });
});
