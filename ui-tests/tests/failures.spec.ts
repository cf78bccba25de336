import { test as base, expect, type Page } from '@playwright/test';
import { campaignPage, type ICampaignPage } from '../lib/campaign';
import { FAULTS, LOGIN, type IFault, type Outcome } from '../lib/faults';
import { serveFaults, type IFaultServer } from '../lib/faultserver';
import { keepFrames } from '../lib/frame';
import { execute, startLab } from '../lib/lab';
import { own, shown, type IShown } from '../lib/shown';

/** What is wrong with how a fault shows; empty where it is right. */
function judge(seen: IShown, outcomes: Outcome | readonly Outcome[], says: RegExp): string[] {
  const wrong: string[] = [];
  const found: Outcome =
    seen.status === 'failed' ? 'alert' : seen.status === 'loading' ? 'busy' : seen.damaged !== null ? 'marked' : seen.text.match(/notice|complaint|remark/i) ? 'notice' : 'drawn';
  const wanted = [outcomes].flat();
  // a notice is text beside a drawn image
  if (!wanted.includes(found) && !(found === 'drawn' && wanted.includes('notice')) && !(found === 'notice' && wanted.includes('drawn'))) {
    wrong.push(`it is ${found}, not ${wanted.join(' or ')}`);
  }
  if (seen.status === 'failed' && (seen.cause.length < 10 || seen.next.length < 10)) {
    wrong.push(`cause “${seen.cause}”, next “${seen.next}”`);
  }
  if (seen.status === 'loading' && !seen.busy) {
    wrong.push('it waits, and does not say so');
  }
  if (found === 'marked' && seen.message.length < 10) {
    wrong.push('damage without a message');
  }
  if (seen.blank && seen.status === 'ready' && seen.damaged === null && seen.message === '' && !/names no (wells|fields)|without image/.test(seen.text)) {
    wrong.push('a blank canvas');
  }
  if (!says.test(`${seen.cause} ${seen.message} ${seen.text}`)) {
    wrong.push(`does not say ${says}`);
  }
  return wrong.map(text => `${text} (${seen.status}: ${`${seen.cause} | ${seen.next} | ${seen.message}`.replace(/\s+/g, ' ').slice(0, 300)})`);
}

base.describe('faults', () => {
  let data: IFaultServer;
  let shared: ICampaignPage;
  let address: string;
  let started: Awaited<ReturnType<typeof startLab>>;
  const results: string[] = [];

  base.beforeAll(async ({ browser }) => {
    const faults = Object.fromEntries(Object.entries(FAULTS).map(([name, { fault }]) => [name, fault]));
    data = await serveFaults({ ...faults, good: () => ({}) });
    const dead = 'http://127.0.0.1:9'; // the port of "discard", where nobody listens
    started = await startLab({
      stores: [
        { id: 'direct', label: 'Direct', url: data.url, direct: data.url, prefixes: [], prefer: 'direct' },
        { id: 'session', label: 'Session', url: data.url, prefixes: [], prefer: 'session' },
        { id: 'dead-direct', label: 'Down', url: dead, direct: dead, prefixes: [], prefer: 'direct' },
        { id: 'dead-session', label: 'Down', url: dead, prefixes: [], prefer: 'session' }
      ]
    });
    address = started.lab.address;
    shared = await campaignPage(browser, started.lab, keepFrames);
  });
  base.afterAll(async () => {
    console.log(`${results.length} faults:\n${results.join('\n')}`);
    await shared?.close();
    await started?.end();
    await data?.close();
  });

  /** Opens, judges and closes; returns what is wrong. */
  async function suffer(page: Page, uri: string, { outcome, says }: Pick<IFault, 'outcome' | 'says'>, errors: string[], patience = 40_000): Promise<string[]> {
    errors.length = 0;
    await execute(page, 'bioimage:open-preview', { uri }, false);
    const waits = [outcome].flat().includes('busy');
    const seen = await shown(page, uri, waits ? 3000 : patience);
    const wrong = [...judge(seen, outcome, says), ...own(errors)].map(text => `${uri}: ${text}`);
    results.push(`${wrong.length ? '✗' : '✓'} ${uri}: ${seen.status}: ${(seen.cause || seen.message).replace(/\s+/g, ' ').slice(0, 120)}`);
    await execute(page, 'application:close', {}, false);
    return wrong;
  }

  base('of stores, metadata and chunks: each shows its cause and what can be done', async () => {
    base.setTimeout(600_000);
    const wrong: string[] = [];
    for (const [name, one] of Object.entries(FAULTS)) {
      for (const route of one.routes ?? (['session', 'direct'] as const)) {
        const uri = `store:${route}/${name}${one.path ? `/${one.path}` : ''}`;
        wrong.push(...(await suffer(shared.page, uri, one, shared.errors)));
      }
    }
    expect(wrong).toEqual([]);
  });

  base('of addresses and hosts', async () => {
    base.setTimeout(240_000);
    const wrong: string[] = [];
    const faults: [string, RegExp][] = [
      ['store:dead-direct/x.zarr', /reach|connect|down|answer|network/i],
      ['store:dead-session/x.zarr', /reach|connect|down|answer|network/i],
      ['store:nobody/x.zarr', /store/i],
      ['store:session/../../etc/passwd', /path/i],
      ['http://127.0.0.1:9/unlisted.zarr', /store|https/i],
      ['ftp://example.org/x.zarr', /store|address|ftp/i],
      ['images/none.zarr', /nothing at this address/i]
    ];
    for (const [uri, says] of faults) {
      wrong.push(...(await suffer(shared.page, uri, { outcome: 'alert', says }, shared.errors, 40_000)));
    }
    expect(wrong).toEqual([]);
  });

  base('of the session: ended, forbidden, gone, without the server part, broken off, offline', async () => {
    base.setTimeout(240_000);
    const wrong: string[] = [];
    const { page, context } = shared;
    const html = { contentType: 'text/html', body: LOGIN };
    const answers: [string, Parameters<Parameters<Parameters<Page['route']>[1]>[0]['fulfill']>[0], RegExp][] = [
      ['302 to a login page', { status: 200, ...html }, /session|sign in|log in/i],
      ['403 of the hub', { status: 403, ...html }, /session|sign in|log in/i],
      ['424 of a stopped server', { status: 424, ...html }, /session|server|hub|start/i],
      ['404: the server part is off', { status: 404, ...html }, /server/i],
      ['503 of a proxy', { status: 503, ...html }, /./],
      ['a stream that ends early', { status: 200, contentType: 'application/octet-stream', body: '\u0005\u0000\u0000\u0000{}' }, /./]
    ];
    for (const [name, answer, says] of answers) {
      await page.route(/\/bioimage\/stores\/session\//, route => route.fulfill(answer));
      wrong.push(...(await suffer(page, 'store:session/good', { outcome: 'alert', says }, shared.errors, 40_000)).map(text => `${name}: ${text}`));
      await page.unroute(/\/bioimage\/stores\/session\//);
    }
    await context.setOffline(true);
    wrong.push(...(await suffer(page, 'store:session/good', { outcome: 'alert', says: /offline|connection|reach/i }, shared.errors, 40_000)));
    wrong.push(...(await suffer(page, 'store:direct/good', { outcome: 'alert', says: /offline|connection|reach/i }, shared.errors, 40_000)));
    await context.setOffline(false);
    expect(wrong).toEqual([]);
  });

  base('of drawing: the code does not come, there is no WebGL, the context is lost once and for good', async ({ browser }) => {
    base.setTimeout(240_000);
    const wrong: string[] = [];
    const uri = 'store:session/good';
    const fresh = async (prepare: (page: Page) => Promise<void>, says: RegExp): Promise<void> => {
      const made = await campaignPage(browser, started.lab, prepare);
      wrong.push(...(await suffer(made.page, uri, { outcome: 'alert', says }, made.errors)));
      await made.close();
    };
    // what is loaded once there is something to draw: everything of ours that is not loaded by opening a failing address
    await fresh(page => withoutDrawing(page, address), /could not be loaded/);
    await fresh(async page => {
        await page.addInitScript(() => {
          const original = HTMLCanvasElement.prototype.getContext;
          HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, options?: object) {
            return /webgl/.test(kind) ? null : original.call(this, kind, options);
          } as typeof original;
        });
      },
      /WebGL/
    );
    const { page, errors } = shared;
    errors.length = 0;
    await execute(page, 'bioimage:open-preview', { uri }, false);
    await shown(page, uri, 20_000);
    const preview = page.locator(`.jp-BioImagePreview[data-uri="${uri}"]`);
    const lose = () => preview.evaluate(node => node.querySelector('canvas')!.getContext('webgl2')!.getExtension('WEBGL_lose_context')!.loseContext());
    for (let i = 0; i < 3; i++) {
      const before = await preview.locator('canvas').first().elementHandle();
      await lose();
      await page.waitForFunction(canvas => !canvas!.isConnected, before);
      await expect(preview).toHaveAttribute('data-status', 'ready');
    }
    await lose();
    await expect(preview).toHaveAttribute('data-status', 'failed');
    wrong.push(...judge(await shown(page, uri, 5000), 'alert', /WebGL|graphics/), ...own(errors));
    expect(wrong).toEqual([]);
  });
});

/** Lets no static file of ours come that comes only once there is something to draw. */
async function withoutDrawing(page: Page, address: string): Promise<void> {
  await page.route(new RegExp(`${address.replace(/[/.]/g, '\\$&')}lab/extensions/jupyterlab-bioimage/static/.*\\.js`), async route => {
    const response = await route.fetch();
    const text = await response.text();
    await (text.includes('bioimage-plane-fragment') ? route.abort() : route.fulfill({ response, body: text }));
  });
}
