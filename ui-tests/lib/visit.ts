import type { Page } from '@playwright/test';

/** A view to look at, and where in it values are read. */
export interface IView {
  selection: { level?: number; t?: number; z?: number; c?: number[]; region?: [number, number, number, number]; plane?: object };
  /** Part of the image that fills the view, `[y0, y1, x0, x1]` in level-0 pixels: where the points lie. */
  box: [number, number, number, number];
  /** Positions inside of `box`, x and y, from 0 to 1. */
  points: [number, number][];
  /** So many values are wanted; the other points stand in for those beside the image. */
  wanted: number;
}

/** What stands in the element of the value under the pointer. */
export interface IReading {
  level: number;
  index: Record<string, number>;
  channels: number[];
  values: unknown[];
}

/** What became of a preview. */
export interface IVisited {
  status: string;
  kind: string | null;
  damaged: string | null;
  alert: string | null;
  /** Messages over the image. */
  message: string | null;
  ms: number;
  views: IReading[][];
}

interface IPreviewWidget {
  content: { uri: string; node: HTMLElement; select(selection: object): void };
  close(): void;
}

interface ILabWindow {
  jupyterapp: {
    commands: { execute(id: string, args: object): Promise<unknown> };
    shell: { widgets(area: string): Iterable<IPreviewWidget> };
  };
}

/**
 * Opens an image as a person would by its address, looks at each view once it is exact, and reads the value under a pointer
 * at points of it. All in the page: hundreds of images would otherwise spend their time on the way between the processes.
 */
export function visit(page: Page, uri: string, views: readonly IView[], options: { patience?: number; keep?: boolean } = {}): Promise<IVisited> {
  return page.evaluate(
    async ([address, wanted, patience, keep]) => {
      const { commands, shell } = (window as unknown as ILabWindow).jupyterapp;
      const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
      const started = performance.now();
      await commands.execute('bioimage:open-preview', { uri: address, ...(wanted[0] ? { selection: wanted[0].selection } : {}) });
      const tab = [...shell.widgets('main')].find(one => one.content?.uri === address);
      if (!tab) {
        throw new Error(`no tab for ${address}`);
      }
      const { node } = tab.content;
      const text = (selector: string) => node.querySelector<HTMLElement>(selector)?.innerText.trim() || null;
      const settled = async () => {
        const until = performance.now() + patience;
        while (performance.now() < until) {
          const status = node.dataset.status ?? 'loading';
          const message = text('.jp-BioImagePreview-message');
          if (status === 'failed' || (status === 'ready' && (node.dataset.kind !== 'image' || node.querySelector('canvas') !== null))) {
            return status;
          }
          if (message !== null && status === 'loading' && node.dataset.pending === '0' && /too large|needs|would/i.test(message)) {
            return 'asked';
          }
          await frame();
        }
        return `late: ${node.dataset.status}`;
      };
      const readings: IReading[][] = [];
      let status = await settled();
      const ms = performance.now() - started;
      for (const [i, view] of wanted.entries()) {
        if (i > 0) {
          tab.content.select(view.selection);
          status = await settled();
        }
        if (status !== 'ready' || node.dataset.kind !== 'image') {
          break;
        }
        const canvas = node.querySelector('canvas')!;
        const value = node.querySelector<HTMLElement>('[data-testid="pixel-value"]')!;
        const frameBox = canvas.getBoundingClientRect();
        const [y0, y1, x0, x1] = view.box;
        const unit = Math.min(frameBox.width / (x1 - x0), frameBox.height / (y1 - y0));
        const left = frameBox.left + frameBox.width / 2 - ((x1 - x0) * unit) / 2;
        const top = frameBox.top + frameBox.height / 2 - ((y1 - y0) * unit) / 2;
        const found: IReading[] = [];
        for (const [x, y] of view.points) {
          if (found.length >= view.wanted) {
            break;
          }
          const clientX = left + x * (x1 - x0) * unit;
          const clientY = top + y * (y1 - y0) * unit;
          canvas.dispatchEvent(new PointerEvent('pointermove', { clientX, clientY, bubbles: true, pointerId: 1, pointerType: 'mouse' }));
          const until = performance.now() + patience;
          while (value.dataset.values === undefined && value.textContent !== '' && performance.now() < until) {
            await frame(); // its chunk has left the cache and is read again
          }
          if (performance.now() >= until) {
            break; // the others would take as long
          }
          const { level, index, channels, values } = value.dataset;
          if (values !== undefined) {
            found.push({ level: Number(level), index: JSON.parse(index!), channels: JSON.parse(channels!), values: JSON.parse(values) });
          }
        }
        readings.push(found);
      }
      const { kind = null, damaged = null } = node.dataset as { kind?: string; damaged?: string };
      const answer = { status, kind, damaged, alert: text('[role="alert"]'), message: text('.jp-BioImagePreview-message'), ms, views: readings };
      if (!keep) {
        tab.close();
      }
      return answer;
    },
    [uri, views, options.patience ?? 20_000, options.keep ?? false] as const
  );
}
