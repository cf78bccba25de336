import { test as base, expect } from '@playwright/test';
import path from 'node:path';
import { randomOf } from '../../src/catalogue/__tests__/mutate';
import { spoil } from '../../src/ngff/__tests__/spoil';
import { campaignPage, DATA, hasData, size, type ICampaignPage } from '../lib/campaign';
import { keepFrames } from '../lib/frame';
import { execute, startLab } from '../lib/lab';
import { own, shown, type IShown } from '../lib/shown';
import { serveSpoilt, smallRecordings, type ISpoiltServer } from '../lib/spoilt';

const COUNT = size(2000, 60);
const SEED = 20_261_127;
/** In ms; a busy machine is given much. */
const PATIENCE = 40_000;

/** What is wrong with what is shown; empty for a picture and for a failure with cause and next step. */
function judge(seen: IShown): string[] {
  if (seen.status === 'failed') {
    return seen.cause.length >= 10 && seen.next.length >= 10 ? [] : [`cause “${seen.cause}”, next “${seen.next}”`];
  }
  if (seen.status !== 'ready') {
    return [`stays ${seen.status}`];
  }
  // A board whose wells are all absent says so beside it.
  return seen.blank && seen.message === '' && !/no image/.test(seen.text) ? ['a blank canvas'] : [];
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
      const seen = await shown(page, uri, PATIENCE);
      await execute(page, 'application:close', {}, false);
      const outcome = seen.status === 'ready' ? seen.kind : seen.status;
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      const flaws = [...judge(seen), ...own(errors)];
      wrong.push(...flaws.map(flaw => `${i} ${uri}, ${done}: ${flaw} (${seen.status} ${seen.cause} ${seen.message} ${seen.text})`));
    }
    console.log(`${COUNT} mutations: ${[...counts].map(([what, times]) => `${what} ${times}`).join(', ')}`);
    expect(wrong).toEqual([]);
  });
});
