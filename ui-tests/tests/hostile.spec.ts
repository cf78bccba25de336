import type { Page } from '@playwright/test';
import { HOSTILE } from '../../src/browser/study/__tests__/markups';
import { test } from '../lib/archives';
import { execute, expect, openLab } from '../lib/lab';

/** Tags that an abstract may keep. */
const ALLOWED = ['p', 'br', 'b', 'strong', 'i', 'em', 'sub', 'sup', 'ul', 'ol', 'li', 'a'];
/** Fields that say what or where a thing is, or of which kind: answers without them have no study at all. */
const KEPT =
  /^(accno|type|name|id|uuid|accession|accession_id|@id|@type|ns|class|.*uri.*|.*url.*|path|.*_uuid|type_name)$/i;
/** What the panel is made of. */
const OWN = [
  'a',
  'b',
  'bdi',
  'br',
  'button',
  'dd',
  'div',
  'dl',
  'dt',
  'em',
  'g',
  'h1',
  'h2',
  'h3',
  'h4',
  'header',
  'i',
  'img',
  'input',
  'label',
  'li',
  'nav',
  'ol',
  'option',
  'p',
  'path',
  'rect',
  'circle',
  'polygon',
  'polyline',
  'line',
  'section',
  'select',
  'span',
  'strong',
  'sub',
  'sup',
  'svg',
  'time',
  'ul',
  'fieldset',
  'legend',
  'details',
  'summary',
  'small'
];

/** What the application does not make beside the panel either, once it stands. */
const NEVER = [
  'script',
  'style',
  'link',
  'meta',
  'base',
  'iframe',
  'frame',
  'object',
  'embed',
  'form',
  'textarea',
  'video',
  'audio',
  'source',
  'picture',
  'image',
  'math',
  'foreignobject',
  'animate',
  'set',
  'template',
  'slot',
  'portal',
  'marquee'
];

/** The same answer with a stranger's markup in place of every text that is for people, and in front of it. */
function spoilt(value: unknown, next: () => string, name = ''): unknown {
  if (Array.isArray(value)) {
    return value.map(item => spoilt(item, next, name));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, spoilt(item, next, key)]));
  }
  return typeof value === 'string' && !KEPT.test(name) ? `${next()}${value}` : value;
}

/** Columns of a table with texts for people; the others say where a thing is, and without them there are no rows. */
const FOR_PEOPLE = /name|title|description|licen[cs]e|sample type|external_info/i;

/** The fields of a table's line; a quoted field may hold the separator, and a doubled quote is one (RFC 4180). */
function fieldsOf(line: string, separator: string): string[] {
  if (separator === '\t') {
    return line.split(separator);
  }
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain
  );
}

/** The same table with a stranger's markup in front of every text that is for people. */
function spoiltTable(text: string, separator: string, next: () => string): string {
  const [head, ...lines] = text.split(/\r?\n/);
  const spoilt = fieldsOf(head, separator).map(name => FOR_PEOPLE.test(name));
  const written = (value: string): string =>
    separator === '\t' ? value.replace(/[\t\r\n]/g, ' ') : `"${value.replaceAll('"', '""')}"`;
  const line = (text: string): string =>
    fieldsOf(text, separator)
      .map((value, column) => written(spoilt[column] === true ? `${next()}${value}` : value))
      .join(separator);
  return [head, ...lines.map(one => (one.trim() === '' ? one : line(one)))].join('\n');
}

/** Lets every answer of a catalogue through spoilt; the markups take turns. */
async function spoil(page: Page, start: number): Promise<void> {
  let turn = start;
  const next = (): string => HOSTILE[turn++ % HOSTILE.length];
  await page.route(/\/bioimage\/catalogues\/./, async route => {
    const response = await route.fetch();
    const text = await response.text();
    const table = /\.([ct]sv)$/.exec(new URL(route.request().url()).pathname)?.[1];
    if (response.status() === 200 && table !== undefined) {
      await route.fulfill({ response, body: spoiltTable(text, table === 'tsv' ? '\t' : ',', next) });
    } else if (response.status() === 200 && (response.headers()['content-type'] ?? '').includes('json')) {
      await route.fulfill({ response, body: JSON.stringify(spoilt(JSON.parse(text), next)) });
    } else {
      await route.fulfill({ response, body: text });
    }
  });
}

/** Remembers what the application has made by itself. */
function snapshot(page: Page): Promise<void> {
  return page.evaluate(() => {
    (window as unknown as { __before: WeakSet<Element> }).__before = new WeakSet(document.body.querySelectorAll('*'));
  });
}

/** Everything in the page, its menus and dialogs that a stranger's text must not have made. */
function found(page: Page): Promise<string[]> {
  return page.evaluate(
    ([own, allowed, never]) => {
      const bad: string[] = [];
      const before = (window as unknown as { __before: WeakSet<Element> }).__before;
      const made = [...document.body.querySelectorAll('*')].filter(element => !before.has(element));
      for (const element of made) {
        const tag = element.tagName.toLowerCase();
        const isOwn = element.closest('#jp-bioimage-browser') !== null;
        const inside = element.closest('.jp-BioImageStudy-abstract');
        if (!isOwn && never.includes(tag)) {
          bad.push(`element ${tag} outside of the panel`);
        }
        if ((isOwn && !own.includes(tag)) || (inside !== null && inside !== element && !allowed.includes(tag))) {
          bad.push(`element ${tag}`);
        }
        for (const { name, value } of element.attributes) {
          const isScript = name.startsWith('on') || name.startsWith('data-commandlinker') || name === 'srcdoc';
          const isLink = name === 'href' || name === 'xlink:href';
          const isForeign =
            isLink && (isOwn ? !/^https:\/\//.test(value) : /^\s*(javascript|data|vbscript):/i.test(value));
          // Beside the panel the application shows logos of kernels.
          const isLogo = !isOwn && /^\/(?!\/)/.test(value);
          const isPicture = name === 'src' && !isLogo && !/^(blob:|data:image\/(png|jpeg|webp);base64,)/.test(value);
          const isStyled = inside !== null && inside !== element && ['style', 'class', 'id'].includes(name);
          if (isScript || isForeign || isPicture || isStyled) {
            bad.push(`${tag} ${name}=${value.slice(0, 80)}`);
          }
        }
      }
      if ('__pwned' in window) {
        bad.push('a script of a stranger has run');
      }
      return [...new Set(bad)];
    },
    [OWN, ALLOWED, NEVER] as const
  );
}

const STUDIES = [
  ['biostudies', 'S-BIAD1492'],
  ['biostudies', 'S-BIAD90001'],
  ['bia', 'S-BIAD1492'],
  ['bia', 'S-BIAD1494'],
  ['idr', 'idr0051'],
  ['idr', 'idr0062']
] as const;

for (const round of [0, 31, 62]) {
  test(`texts of strangers stay texts in lists, filters, suggestions and pages of studies (from markup ${round})`, async ({
    page,
    archives
  }) => {
    test.setTimeout(240_000);
    const strange: string[] = [];
    page.on('request', request => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol.startsWith('http') && hostname !== '127.0.0.1') {
        strange.push(request.url());
      }
    });
    page.on('dialog', dialog => {
      strange.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    await openLab(page, archives.lab);
    await snapshot(page);
    await spoil(page, round);
    await execute(page, 'bioimage:search', { query: 'zebrafish' });
    const panel = page.locator('#jp-bioimage-browser');
    await expect(panel.getByRole('list', { name: 'Results' }).getByRole('button').first()).toBeVisible();
    await panel.getByRole('button', { name: /^Filters/ }).click();
    expect(await found(page)).toEqual([]);
    // A table is no JSON: its titles come another way.
    await execute(page, 'bioimage:search', { query: 'HeLa', sources: ['ngff-challenge'] });
    await expect(panel.locator('.jp-BioImageBrowser-title').filter({ hasText: 'HeLa' }).first()).toContainText('<');
    expect(await found(page)).toEqual([]);
    // Its menu stands outside of the panel.
    await panel
      .getByRole('button', { name: /^Actions for/ })
      .first()
      .click();
    await expect(page.locator('.lm-Menu')).toBeVisible();
    expect(await found(page)).toEqual([]);
    await page.keyboard.press('Escape');
    let pages = 0;
    for (const [source, accession] of STUDIES) {
      await execute(page, 'bioimage:open-study', { source, accession });
      await expect(panel.getByRole('tab').first()).toBeVisible({ timeout: 30_000 });
      for (const tab of await panel.getByRole('tab').all()) {
        await tab.click();
        await expect(panel.locator('[aria-busy="true"]')).toHaveCount(0, { timeout: 20_000 });
        expect(await found(page), `${source} ${accession}`).toEqual([]);
        pages++;
      }
    }
    expect(pages).toBeGreaterThanOrEqual(12);
    // The texts did arrive: otherwise nothing has been shown to be harmless.
    await expect(panel).toContainText('<');
    expect(strange).toEqual([]);
  });
}
