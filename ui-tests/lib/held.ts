import type { CDPSession, Page } from '@playwright/test';

/** What a page holds; every entry is a count, but `heap`, which is in bytes. */
export interface IHeld {
  /** WebGL contexts that are not lost, and what was made in them and not deleted. */
  contexts: number;
  drawn: number;
  /** Canvases, and observers of sizes and places, that nothing has collected. */
  canvases: number;
  observers: number;
  urls: number;
  intervals: number;
  workers: number;
  documents: number;
  nodes: number;
  listeners: number;
  heap: number;
}

/** Watches what the page makes and gives back; holds none of it. To be called before the page loads. */
export async function watchHeld(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const alive = <T extends object>(list: WeakRef<T>[]): T[] => list.flatMap(one => one.deref() ?? []);
    const contexts: WeakRef<WebGL2RenderingContext>[] = [];
    const canvases: WeakRef<HTMLCanvasElement>[] = [];
    const observers: WeakRef<object>[] = [];
    const drawn = new WeakMap<object, number>();
    const urls = new Set<string>();
    const intervals = new Set<unknown>();
    const around = <T extends object>(owner: T, name: keyof T, seen: (self: object, answer: unknown, args: unknown[]) => void): void => {
      const original = owner[name] as (...args: unknown[]) => unknown;
      owner[name] = function (this: object, ...args: unknown[]) {
        const answer = original.apply(this, args);
        seen(this, answer, args);
        return answer;
      } as T[keyof T];
    };
    around(HTMLCanvasElement.prototype, 'getContext', (canvas, context) => {
      if (!alive(canvases).includes(canvas as HTMLCanvasElement)) {
        canvases.push(new WeakRef(canvas as HTMLCanvasElement));
      }
      if (context instanceof WebGL2RenderingContext && !alive(contexts).includes(context)) {
        contexts.push(new WeakRef(context));
      }
    });
    for (const name of Object.getOwnPropertyNames(WebGL2RenderingContext.prototype) as (keyof WebGL2RenderingContext)[]) {
      const step = /^create(?!.*Uniform)/.test(name) ? 1 : /^delete/.test(name) ? -1 : 0;
      if (step !== 0) {
        around(WebGL2RenderingContext.prototype, name, (gl, made, [given]) => {
          if (step > 0 ? made : given) {
            drawn.set(gl, (drawn.get(gl) ?? 0) + step);
          }
        });
      }
    }
    around(URL, 'createObjectURL', (_, url) => urls.add(url as string));
    around(URL, 'revokeObjectURL', (_, __, [url]) => urls.delete(url as string));
    around(window, 'setInterval', (_, id) => intervals.add(id));
    around(window, 'clearInterval', (_, __, [id]) => intervals.delete(id));
    for (const name of ['ResizeObserver', 'IntersectionObserver'] as const) {
      const Original = window[name] as unknown as new (...args: unknown[]) => object;
      Object.assign(window, {
        [name]: class extends Original {
          constructor(...args: unknown[]) {
            super(...args);
            observers.push(new WeakRef(this));
          }
        }
      });
    }
    const held = () => {
      const live = alive(contexts).filter(gl => !gl.isContextLost());
      return {
        contexts: live.length,
        drawn: live.reduce((sum, gl) => sum + (drawn.get(gl) ?? 0), 0),
        canvases: alive(canvases).length,
        observers: alive(observers).length,
        urls: urls.size,
        intervals: intervals.size
      };
    };
    Object.assign(window, { __held: held });
  });
}

/** What the page holds once collecting garbage finds nothing more; what has just been closed takes some rounds. */
export async function heldBy(page: Page, session: CDPSession): Promise<IHeld> {
  let [least, rounds]: [IHeld | null, number] = [null, 0];
  for (let quiet = 0; quiet < 3 && rounds < 15; rounds++) {
    await page.waitForTimeout(250);
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const value = (name: string) => metrics.find(one => one.name === name)?.value ?? NaN;
    const seen = await page.evaluate(() => (window as unknown as { __held(): Pick<IHeld, 'contexts' | 'drawn' | 'canvases' | 'observers' | 'urls' | 'intervals'> }).__held());
    const now = {
      ...seen,
      workers: page.workers().length,
      documents: value('Documents'),
      nodes: value('Nodes'),
      listeners: value('JSEventListeners'),
      heap: value('JSHeapUsedSize')
    };
    quiet = least && now.nodes >= least.nodes && now.heap > least.heap * 0.995 ? quiet + 1 : 0;
    least = least && least.nodes <= now.nodes && least.heap <= now.heap ? least : now;
  }
  return least!;
}

