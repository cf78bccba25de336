import { test as base, expect, type Page } from '@playwright/test';
import path from 'node:path';
import { randomOf } from '../../src/catalogue/__tests__/mutate';
import { spoil } from '../../src/ngff/__tests__/spoil';
import { campaignPage, DATA, hasData, size, type ICampaignPage } from '../lib/campaign';
import { keepFrames } from '../lib/frame';
import { execute, startLab } from '../lib/lab';
import { serveSpoilt, smallRecordings, type ISpoiltServer } from '../lib/spoilt';

const COUNT = size(2000, 60);
const SEED = 20_261_127;
/** In ms; a busy machine is given much. */
const PATIENCE = 40_000;

/** What a preview shows in the end. */
interface IShown {
  status: string;
  kind: string;
  cause: string;
  next: string;
  message: string;
  /** A canvas of one colour, and no word about it. */
  blank: boolean;
  words: string;
}

function shown(page: Page, uri: string): Promise<IShown> {
  return page.evaluate(
    async ([address, ms]) => {
      const node = [...document.querySelectorAll<HTMLElement>('.jp-BioImagePreview')].find(one => one.dataset.uri === address)!;
      const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
      for (const until = performance.now() + ms; !['ready', 'failed'].includes(node.dataset.status ?? '') && performance.now() < until; ) {
        await frame();
      }
      for (let i = 0; i < 3; i++) {
        await frame(); // what is said beside the image follows it
      }
      const text = (selector: string) => [...node.querySelectorAll<HTMLElement>(selector)].map(one => one.innerText.trim()).join(' ');
      const canvas = node.querySelector('canvas');
      let blank = false;
      if (canvas && canvas.width > 0 && canvas.height > 0) {
        const gl = canvas.getContext('webgl2');
        const pixels = new Uint8Array(canvas.width * canvas.height * 4);
        if (gl) {
          gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
        } else {
          pixels.set(canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data);
        }
        const words = new Uint32Array(pixels.buffer);
        blank = words.every(word => word === words[0]);
      }
      return {
        status: node.dataset.status ?? '',
        kind: node.dataset.kind ?? '',
        cause: text('[role="alert"] .jp-BioImagePreview-alertCause') || text('[role="alert"]'),
        next: text('[role="alert"] .jp-BioImagePreview-alertNext'),
        message: text('.jp-BioImagePreview-message'),
        blank,
        words: (node.textContent ?? '').replace(/\s+/g, ' ').slice(0, 300)
      };
    },
    [uri, PATIENCE] as const
  );
}

/** What is wrong with what is shown; empty for a picture and for a failure with cause and next step. */
function judge(seen: IShown): string[] {
  if (seen.status === 'failed') {
    return seen.cause.length >= 10 && seen.next.length >= 10 ? [] : [`cause “${seen.cause}”, next “${seen.next}”`];
  }
  if (seen.status !== 'ready') {
    return [`stays ${seen.status}`];
  }
  // A board whose wells are all absent says so beside it.
  return seen.blank && seen.message === '' && !/no image/.test(seen.words) ? ['a blank canvas'] : [];
}

/** Errors of the page that are nobody's answer: the browser itself reports what a server refuses. */
function own(errors: readonly string[]): string[] {
  return errors.filter(text => !/Failed to load resource|net::ERR|CORS policy|status of [345]\d\d|GroupMarkerNotSet|swiftshader/i.test(text));
}

base.describe('spoilt metadata of real images', () => {
  base.skip(!hasData, 'the real images are not beside this project');
  let data: ISpoiltServer;
  let shared: ICampaignPage;
  let started: Awaited<ReturnType<typeof startLab>>;

  base.beforeAll(async ({ browser }) => {
    data = await serveSpoilt();
    const store = { label: 'Spoilt', url: data.url, prefixes: [] };
    started = await startLab({
      stores: [
        { ...store, id: 'direct', direct: data.url, prefer: 'direct' },
        { ...store, id: 'session', prefer: 'session' }
      ]
    });
    shared = await campaignPage(browser, started.lab, keepFrames);
  });
  base.afterAll(async () => {
    await shared?.close();
    await started?.end();
    await data?.close();
  });

  base(`${COUNT} mutations: a picture or a failure with cause and next step each`, async () => {
    base.setTimeout(60_000 + COUNT * 20_000);
    const recordings = smallRecordings(path.join(DATA, 'idr-metadata-only'));
    const random = randomOf(SEED);
    const counts = new Map<string, number>();
    const wrong: string[] = [];
    const { page, errors } = shared;
    for (let i = 0; i < COUNT; i++) {
      const good = recordings[random(recordings.length)];
      const { recording, done } = spoil(good, random);
      const uri = `store:${i % 2 ? 'direct' : 'session'}/${data.add(recording, good)}`;
      errors.length = 0;
      await execute(page, 'bioimage:open-preview', { uri }, false);
      const seen = await shown(page, uri);
      await execute(page, 'application:close', {}, false);
      const outcome = seen.status === 'ready' ? seen.kind : seen.status;
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      const flaws = [...judge(seen), ...own(errors)];
      wrong.push(...flaws.map(flaw => `${i} ${uri}, ${done}: ${flaw} (${seen.status} ${seen.cause} ${seen.message} ${seen.words})`));
    }
    console.log(`${COUNT} mutations: ${[...counts].map(([what, times]) => `${what} ${times}`).join(', ')}`);
    expect(wrong).toEqual([]);
  });
});
