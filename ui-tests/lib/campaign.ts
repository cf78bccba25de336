import type { Browser, BrowserContext, Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { openLab, type ILab } from './lab';

const ROOT = path.resolve(__dirname, '../..');

/** Real images that stand beside this project on some machines; campaigns over them are skipped elsewhere. */
export const DATA = path.resolve(ROOT, '../shared/data');
export const PEERS = path.resolve(ROOT, '../shared/tools/peers');
export const hasData = existsSync(path.join(DATA, 'EXPECTED.tsv'));
export const hasPeers = existsSync(path.join(PEERS, 'synth.mjs'));

const isFull = process.env.BIOIMAGE_CAMPAIGN === 'full';

/** A campaign's size: whole with `BIOIMAGE_CAMPAIGN=full`, else what stands beside it. */
export function size(full: number, other = Math.ceil(full / 10)): number {
  return isFull ? full : other;
}

/** Small generator with a fixed seed (xorshift): the same numbers in every run. */
export function random(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** A whole number below `count`. */
export function below(next: () => number, count: number): number {
  return Math.min(count - 1, Math.floor(next() * count));
}

/** One page for a whole campaign, with JupyterLab open in it and everything that went wrong in it. */
export interface ICampaignPage {
  page: Page;
  context: BrowserContext;
  /** Uncaught errors and rejections, and what was written to the console as an error. */
  errors: string[];
  close(): Promise<void>;
}

/** Opens JupyterLab in a page that a file's tests share: starting it costs more than most of them. */
export async function campaignPage(browser: Browser, lab: ILab, before?: (page: Page) => Promise<void>): Promise<ICampaignPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', error => errors.push(`uncaught: ${error.message}`));
  page.on('console', message => {
    if (message.type() === 'error') {
      errors.push(`console: ${message.text()} ${message.location().url}`);
    }
  });
  await before?.(page);
  await openLab(page, lab);
  return {
    page,
    context,
    errors,
    close: async () => {
      await page.unrouteAll({ behavior: 'ignoreErrors' }); // one may be on its way
      await context.close();
    }
  };
}

/** One image that the independent reader has found; paths are relative to the data's folder. */
export interface IFound {
  path: string;
  kind: 'image' | 'label' | 'plate' | 'well' | 'collection' | 'group' | 'array' | 'tiff';
  /** One letter per axis in the array's order; empty for bare arrays. */
  axes: string;
  /** `ratio`, `offset`: size and first corner of a pixel of the level, in those of level 0; per axis. */
  levels: { shape: number[]; present?: boolean; codecs?: string[]; dtype?: string; ratio: number[]; offset: number[] }[];
  dtype: string;
  complete: boolean;
  /** Why it is not complete. */
  why: string;
  omero?: { channels?: { color?: string; active?: boolean; window?: { start?: number; end?: number } }[] };
  tiff?: { jpeg?: boolean };
}

/** What is asked for one place: an index along named axes, or along all axes of an array without names. */
export interface IAsk {
  index: Record<string, number>;
  channels: number[];
  at?: number[];
}

/** How far a screenshot is from what numpy draws, in steps of 1/255. */
export interface IComparison {
  pixels: number;
  worst: number;
  wrong: number;
  contrast: number;
  /** Row and column of the first one that is too far off. */
  first: [number, number][];
}

/** A screenshot of a view: the plane by level-0 indices, the region that was fitted into it, and what was drawn how. */
export interface IScreenshot {
  path: string;
  level: number;
  index: Record<string, number>;
  region: number[];
  channels: { index: number; color: string; range: [number, number] }[];
  labels: { path: string; level: number; opacity: number }[];
  png: string;
}

/** A Python process that reads images with numpy, numcodecs and tifffile alone. */
export class Reader {
  constructor(private readonly _root: string) {
    this._child = spawn(path.join(ROOT, '.venv/bin/python'), ['-m', 'reader'], {
      cwd: path.join(ROOT, 'ui-tests'),
      stdio: ['pipe', 'pipe', 'inherit']
    });
    this._answers = readline.createInterface({ input: this._child.stdout! })[Symbol.asyncIterator]();
  }

  find(): Promise<IFound[]> {
    return this._ask({ do: 'find' });
  }

  digests(): Promise<{ arrays: number; wrong: string[] }> {
    return this._ask({ do: 'digests' });
  }

  values(image: string, level: number, asks: readonly IAsk[]): Promise<unknown[][]> {
    return this._ask({ do: 'values', path: image, level, asks });
  }

  compare(question: IScreenshot): Promise<IComparison> {
    return this._ask({ do: 'compare', ...question });
  }

  /** Red, green and blue of a screenshot at places (row, column). */
  colours(png: string, at: readonly (readonly [number, number])[]): Promise<[number, number, number][]> {
    return this._ask({ do: 'colours', png, at });
  }

  close(): void {
    this._child.stdin!.end();
  }

  private async _ask<T>(question: object): Promise<T> {
    this._child.stdin!.write(`${JSON.stringify({ ...question, root: this._root })}\n`);
    const { value, done } = await this._answers.next();
    if (done) {
      throw new Error('the reader ended');
    }
    const { answer, error } = JSON.parse(value as string) as { answer: T; error?: string };
    if (error !== undefined) {
      throw new Error(`${JSON.stringify(question).slice(0, 200)}: ${error}`);
    }
    return answer;
  }

  private readonly _child: ChildProcess;
  private readonly _answers: AsyncIterator<string>;
}
