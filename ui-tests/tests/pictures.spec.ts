import { test as base, expect } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { campaignPage, DATA, hasData, random, Reader, size, type IComparison, type ICampaignPage, type IFound } from '../lib/campaign';
import { execute, openPreview, startLab } from '../lib/lab';
import { bare, pictured, type IPicture } from '../lib/picture';

const ROOT = path.resolve(__dirname, '../..');
const PNG = path.join(ROOT, '.cache/test-results');

/** Pictures of the images of the data, one of every image on one of its levels; all levels in the full campaign. */
const PICTURES = size(1000, 40);

/** What is wrong with a picture, if anything: more than one step of 255, or nothing to compare. */
function fault(seen: IComparison | string, most: number): string | null {
  return typeof seen === 'string' ? seen : seen.worst > most || seen.pixels < 20 ? JSON.stringify(seen) : null;
}

/** Takes pictures of all and prints how many pixels were compared. */
async function compared(shared: ICampaignPage, reader: Reader, wanted: readonly IPicture[], name: string): Promise<{ wrong: string[]; pictures: number }> {
  const wrong: string[] = [];
  let [pixels, flat] = [0, 0];
  mkdirSync(PNG, { recursive: true });
  for (const [i, picture] of wanted.entries()) {
    const seen = await pictured(shared.page, reader, picture, path.join(PNG, `${name}.png`), random(i + 5));
    pixels += typeof seen === 'string' ? 0 : seen.pixels;
    flat += typeof seen !== 'string' && seen.contrast === 0 ? 1 : 0;
    const found = fault(seen, picture.image.tiff?.jpeg ? 2.5 : 1.001);
    if (found !== null) {
      wrong.push(`${picture.image.path} level ${picture.level}: ${found}`);
    }
  }
  console.log(`${wanted.length} pictures ${name}, ${pixels} pixels compared, ${flat} of one colour, ${wrong.length} wrong`);
  return { wrong, pictures: wanted.length };
}

const levelsOf = ({ levels }: IFound): number[] => levels.flatMap(({ present, dtype }, i) => (present !== false && dtype === levels[0].dtype ? [i] : []));

base.describe('at fixed contrast, a screenshot is what numpy draws within 1/255:', () => {
  let folder: string;
  let data: Reader | null;
  let made: Reader;
  let shared: ICampaignPage;
  let end: () => Promise<void>;

  base.beforeAll(async ({ browser }) => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-pictures-'));
    execFileSync(path.join(ROOT, '.venv/bin/python'), [path.join(ROOT, 'ui-tests/make_pictures.py'), folder], { stdio: 'ignore' });
    made = new Reader(folder);
    data = hasData ? new Reader(DATA) : null;
    const stores = [{ id: 'made', label: 'Made', root: folder, prefer: 'session' }, ...(hasData ? [{ id: 'data', label: 'Data', root: DATA, prefer: 'session' }] : [])];
    const started = await startLab({ stores });
    end = started.end;
    shared = await campaignPage(browser, started.lab);
    await bare(shared.page);
  });
  base.afterAll(async () => {
    await shared?.close();
    await end?.();
    made?.close();
    data?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  base('images, labels by themselves and TIFF files of the data', async () => {
    base.skip(!hasData, 'the data beside this project is not here');
    base.setTimeout(size(1_800_000, 600_000));
    const found = (await data!.find()).filter(({ complete, kind, levels }) => complete && ['image', 'tiff', 'label'].includes(kind) && levels.some(({ present }) => present !== false));
    const step = Math.max(1, Math.floor(found.length / PICTURES));
    const wanted = found
      .filter((_, i) => i % step === 0)
      .flatMap((image, i) => {
        const levels = levelsOf(image);
        return (step > 1 ? [levels[i % levels.length]] : levels).map((level): IPicture => ({ uri: `store:data/${image.path}`, image, level }));
      });
    const { wrong, pictures } = await compared(shared, data!, wanted, 'of the data');
    expect(wrong).toEqual([]);
    expect(pictures).toBeGreaterThanOrEqual(40);
  });

  base('made images on every level: factors other than 2, fewer planes, shifts, orders of bytes and axes, shards, all types', async () => {
    base.setTimeout(300_000);
    const found = (await made.find()).filter(({ path: name, kind }) => kind === 'image' && !/^(labels-|plate|mosaic)/.test(name));
    const wanted = found.flatMap(image => levelsOf(image).map((level): IPicture => ({ uri: `store:made/${image.path}`, image, level })));
    const { wrong, pictures } = await compared(shared, made, wanted, 'of made images');
    expect(wrong).toEqual([]);
    expect(pictures).toBeGreaterThanOrEqual(40);
  });

  base('label images over an image, and by themselves', async () => {
    base.setTimeout(120_000);
    const found = await made.find();
    const images = found.filter(({ path: name }) => /^labels-[^/]*$/.test(name));
    const over = images.flatMap(image => [0.5, 0.2, 1].map((opacity): IPicture => ({ uri: `store:made/${image.path}`, image, level: 0, labels: ['areas'], opacity })));
    const alone = found.filter(({ kind }) => kind === 'label').flatMap(image => levelsOf(image).map((level): IPicture => ({ uri: `store:made/${image.path}`, image, level })));
    const { wrong } = await compared(shared, made, [...over, ...alone], 'of labels');
    expect(wrong).toEqual([]);
    expect(over.length + alone.length).toBeGreaterThanOrEqual(12);
  });

  base('fields of wells, opened from their plate', async () => {
    base.setTimeout(120_000);
    const found = await made.find();
    const wanted = found.flatMap((image): IPicture[] => {
      const place = /^plate\.zarr\/([A-Z])\/(\d+)\/(\d+)$/.exec(image.path);
      return place ? [{ uri: 'store:made/plate.zarr', inside: { well: `${place[1]}${place[2]}`, field: Number(place[3]) }, image, level: 0 }] : [];
    });
    const { wrong } = await compared(shared, made, wanted, 'of fields');
    expect(wrong).toEqual([]);
    expect(wanted).toHaveLength(10);
  });

  base('a plate’s own picture, which is lossy: quarters of one colour within 4/255 in their middles', async () => {
    base.setTimeout(120_000);
    const { page } = shared;
    const uri = 'store:made/mosaic.zarr';
    const preview = await openPreview(page, uri);
    const png = path.join(PNG, 'mosaic.png');
    let worst = 0;
    for (const well of ['1', '2', '3']) {
      const box = (await preview.getByRole('gridcell', { name: `A${well}`, exact: true }).boundingBox())!;
      await page.mouse.move(2, 2);
      await page.screenshot({ path: png });
      const quarters = [0, 1].flatMap(y => [0, 1].map(x => ({ y, x })));
      const drawn = await made.colours(png, quarters.map(({ y, x }) => [Math.round(box.y + box.height * (0.25 + y / 2)), Math.round(box.x + box.width * (0.25 + x / 2))] as const));
      const asked = quarters.map(({ y, x }) => ({ index: { y: y * 64 + 32, x: x * 64 + 32 }, channels: [0, 1, 2] }));
      const wanted = (await made.values(`mosaic.zarr/A/${well}/0`, 0, asked)) as number[][];
      worst = Math.max(worst, ...drawn.flatMap((colour, i) => colour.map((part, c) => Math.abs(part - wanted[i][c]))));
    }
    console.log(`mosaic: ${worst}/255 off at most`);
    expect(worst).toBeLessThanOrEqual(4);
    await execute(page, 'application:close', {}, false);
  });
});
