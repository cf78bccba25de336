import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const CATALOGUE = path.resolve(__dirname, '../../jupyterlab_bioimage/locale/jupyterlab_bioimage.pot');
const LOCALE = 'xx_XX';

/** Every text that can be translated: singular, and plural where it has one. */
function texts(): [string, string | undefined][] {
  const quoted = (entry: string, word: string): string | undefined => {
    const [, text] = new RegExp(`^${word} (".*")$`, 'm').exec(entry) ?? [];
    return text === undefined ? undefined : (JSON.parse(text) as string);
  };
  return readFileSync(CATALOGUE, 'utf8')
    .split('\n\n')
    .map((entry): [string, string | undefined] => [quoted(entry, 'msgid') ?? '', quoted(entry, 'msgid_plural')])
    .filter(([one]) => one !== '');
}

/** Runs JupyterLab in a language that puts every translated text into ⟦brackets⟧. To be called before the page loads. */
export async function pseudoLocale(page: Page): Promise<number> {
  const all = texts();
  const marked = (text: string): string => `⟦${text}⟧`;
  const messages: Record<string, unknown> = { '': { domain: 'jupyterlab_bioimage', language: LOCALE.replace('_', '-'), plural_forms: 'nplurals=2; plural=(n != 1);' } };
  for (const [one, many] of all) {
    messages[one] = many === undefined ? [marked(one)] : [marked(one), marked(many)];
  }
  await page.route(/\/lab\/api\/translations\/[^?]+/, route => route.fulfill({ json: { data: { jupyterlab_bioimage: messages }, message: '' } }));
  await page.route(/\/lab\/api\/settings/, async route => {
    if (route.request().method() !== 'GET') {
      await route.continue();
      return;
    }
    const response = await route.fetch();
    const value = (await response.json()) as { settings?: unknown; id: string; raw: string };
    for (const one of Array.isArray(value.settings) ? (value.settings as { id: string; raw: string }[]) : [value]) {
      if (one.id === '@jupyterlab/translation-extension:plugin') {
        one.raw = JSON.stringify({ locale: LOCALE });
        Object.assign(one, { settings: { locale: LOCALE } });
      }
    }
    await route.fulfill({ response, json: value });
  });
  return all.length;
}

/** Visible texts, names and tooltips below an element that have not come from the translator and are no data. */
export function untranslated(page: Page, selector: string, data: RegExp): Promise<string[]> {
  return page.evaluate(
    ([target, source]) => {
      const allowed = new RegExp(source, 'iu');
      const APART = 'script, style, [data-testid="pixel-value"]';
      const found = new Set<string>();
      const check = (text: string | null, where: string): void => {
        // of a text that is put together, the parts outside of the brackets
        let rest = text ?? '';
        for (let before = ''; before !== rest; ) {
          before = rest;
          rest = rest.replace(/⟦[^⟦⟧]*⟧/g, ' ').trim(); // one may stand in another
        }
        const words = rest.split(/[\s·,;:()…–—|›>]+/).filter(word => /\p{L}{2,}/u.test(word) && !allowed.test(word));
        if (words.length > 0) {
          found.add(`${where}: ${text}`);
        }
      };
      for (const root of document.querySelectorAll(target)) {
        const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        for (let node = walk.nextNode(); node; node = walk.nextNode()) {
          if (node.parentElement?.closest(APART) === null) {
            check(node.textContent, node.parentElement.tagName.toLowerCase());
          }
        }
        for (const element of [root, ...root.querySelectorAll('*')]) {
          for (const name of ['aria-label', 'title', 'placeholder', 'aria-valuetext', 'alt']) {
            check(element.getAttribute(name), name);
          }
        }
      }
      return [...found];
    },
    [selector, data.source] as const
  );
}
