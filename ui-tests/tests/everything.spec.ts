import { test as base, expect } from '@playwright/test';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { below, campaignPage, DATA, hasData, random, Reader, size, type IAsk, type ICampaignPage, type IFound } from '../lib/campaign';
import { startLab } from '../lib/lab';
import { visit, type IReading, type IView } from '../lib/visit';

const REPORT = path.resolve(__dirname, '../../.cache/reports/everything.tsv');

/** Values read on every level of every image. */
const POSITIONS = size(50);
/** Planes that these are spread over. */
const PLANES = size(5, 2);
/** Larger images are looked at in parts of this size, in level-0 pixels: a value needs no whole plane. */
const PART = 600;
/** Channels shown at once. */
const CHANNELS = 4;

base.describe('every image of the data', () => {
  base.skip(!hasData, 'the data beside this project is not here');
  let reader: Reader;
  let shared: ICampaignPage;
  let end: () => Promise<void>;

  base.beforeAll(async ({ browser }) => {
    reader = new Reader(DATA);
    const started = await startLab({ stores: [{ id: 'data', label: 'Data', root: DATA, prefer: 'session' }] });
    end = started.end;
    shared = await campaignPage(browser, started.lab);
  });
  base.afterAll(async () => {
    await shared?.close();
    await end?.();
    reader?.close();
  });

  base('the reader that this is compared with reads as two others did', async () => {
    const { arrays, wrong } = await reader.digests();
    expect(wrong).toEqual([]);
    expect(arrays).toBeGreaterThanOrEqual(250);
  });

  base('opens, and every value under the pointer is the reader’s', async () => {
    base.setTimeout(size(3_600_000, 900_000));
    const found = await reader.find();
    const rows: string[][] = [];
    const wrong: string[] = [];
    for (const image of found.filter(({ complete, kind }) => complete && kind !== 'group')) {
      const { row, faults } = await examine(shared, reader, image);
      rows.push(row);
      wrong.push(...faults);
    }
    const left = found.filter(({ complete, kind }) => !complete && kind !== 'array');
    print(rows, left);
    expect(wrong).toEqual([]);
  });
});

/** Opens one image and compares values on all of its levels. */
async function examine({ page }: ICampaignPage, reader: Reader, image: IFound): Promise<{ row: string[]; faults: string[] }> {
  const next = random([...image.path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7));
  const views = planned(image, next);
  const seen = await visit(page, `store:data/${image.path}`, views.map(({ view }) => view));
  const faults: string[] = [];
  const opens = seen.status === 'ready' && seen.kind === kindOf(image);
  if (!opens) {
    faults.push(`${image.path}: ${seen.status} (${seen.kind ?? 'nothing'}) ${[seen.alert, seen.message].join(' ').replace(/\s+/g, ' ')}`);
  }
  if (seen.damaged !== null) {
    faults.push(`${image.path}: ${seen.damaged} damaged tiles`);
  }
  let read = 0;
  for (const [i, { level, at }] of views.entries()) {
    const readings = seen.views[i] ?? [];
    if (opens && readings.length < views[i].view.wanted) {
      faults.push(`${image.path}: level ${level}: ${readings.length} values of ${views[i].view.wanted}`);
    }
    if (readings.length > 0) {
      faults.push(...(await compared(reader, image, level, readings, at)));
      read += readings.length;
    }
  }
  const exact = faults.length > 0 ? 'no' : read > 0 ? 'yes' : '–';
  return { row: [image.kind, image.path, opens ? 'yes' : 'no', exact, String(read), seen.ms.toFixed(0)], faults };
}

async function compared(reader: Reader, image: IFound, level: number, readings: IReading[], at?: number[]): Promise<string[]> {
  const asks = readings.map(({ index, channels }): IAsk => ({ index, channels, ...(at && { at: [...at.slice(0, -2), index.y, index.x] }) }));
  const wanted = await reader.values(image.path, level, asks);
  const most = image.tiff?.jpeg ? 2 : 0;
  const faults: string[] = [];
  for (const [i, reading] of readings.entries()) {
    const same =
      reading.level === level &&
      reading.values.length === wanted[i].length &&
      reading.values.every((value, c) => Object.is(value, wanted[i][c]) || (most > 0 && Math.abs(Number(value) - Number(wanted[i][c])) <= most));
    if (!same) {
      faults.push(`${image.path}: level ${reading.level} of ${level} at ${JSON.stringify(reading.index)}: ${JSON.stringify(reading.values)}, not ${JSON.stringify(wanted[i])}`);
    }
  }
  return faults.slice(0, 3);
}

/** Views over every level: random planes, channels, and parts of what is large. */
function planned(image: IFound, next: () => number): { level: number; view: IView; at?: number[] }[] {
  return image.levels.flatMap(({ shape }, level) => {
    const first = image.levels[0].shape;
    const axes = image.axes || '?'.repeat(shape.length - 2) + 'yx';
    const length = (axis: string) => (axes.includes(axis) ? first[axes.indexOf(axis)] : 1);
    const several = shape.some((count, i) => count > 1 && !'yx'.includes(axes[i]));
    const planes = several ? PLANES : 1;
    return Array.from({ length: planes }, () => {
      const box = part(length('y'), length('x'), next);
      const channels = Array.from({ length: length('c') }, (_, i) => i).sort(() => next() - 0.5);
      const at = image.axes === '' ? shape.map(count => below(next, count)) : undefined;
      const selection: IView['selection'] = {
        level,
        ...(axes.includes('t') ? { t: below(next, length('t')) } : {}),
        ...(axes.includes('z') ? { z: below(next, length('z')) } : {}),
        ...(axes.includes('c') ? { c: channels.slice(0, CHANNELS).sort((a, b) => a - b) } : {}),
        ...(at && shape.length > 2 ? { plane: { y: shape.length - 2, x: shape.length - 1, at } } : {}),
        region: box
      };
      const wanted = Math.ceil(POSITIONS / planes);
      const points = Array.from({ length: wanted * 4 }, (): [number, number] => [next(), next()]);
      return { level, at, view: { selection, box, points, wanted } };
    });
  });
}

function part(height: number, width: number, next: () => number): [number, number, number, number] {
  const [h, w] = [Math.min(height, PART), Math.min(width, PART)];
  const [y, x] = [below(next, height - h + 1), below(next, width - w + 1)];
  return [y, y + h, x, x + w];
}

function kindOf({ kind }: IFound): string {
  return kind === 'plate' || kind === 'well' ? 'plate' : kind === 'collection' || kind === 'group' ? 'collection' : 'image';
}

function print(rows: readonly string[][], left: readonly IFound[]): void {
  const head = ['kind', 'path', 'opens', 'exact', 'values', 'ms'];
  mkdirSync(path.dirname(REPORT), { recursive: true });
  writeFileSync(REPORT, [head, ...rows].map(row => row.join('\t')).join('\n') + '\n');
  for (const row of rows) {
    console.log(row.join('  '));
  }
  for (const kind of new Set(rows.map(row => row[0]))) {
    const of = rows.filter(row => row[0] === kind);
    const count = (column: number, word: string) => of.filter(row => row[column] === word).length;
    const values = of.reduce((sum, row) => sum + Number(row[4]), 0);
    console.log(`${kind}: ${of.length}, ${count(2, 'yes')} open, ${count(3, 'yes')} exact at ${values} positions, ${count(3, 'no')} not`);
  }
  const reasons = new Map<string, number>();
  left.forEach(({ why }) => reasons.set(why, (reasons.get(why) ?? 0) + 1));
  console.log(`left out: ${[...reasons].map(([why, count]) => `${count} ${why}`).join(', ')}`);
}
