import type { Page } from '@playwright/test';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const SOURCE = path.resolve(__dirname, '../../src');
const LOCALE = 'xx_XX';

/** Every text of the source that goes through the translator: singular, and plural where it has one. */
function texts(): [string, string | undefined][] {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(name => /\.tsx?$/.test(name) && !name.includes('__tests__'));
  const text = String.raw`('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\x60[^\x60$]*\x60)`;
  const call = new RegExp(String.raw`trans\s*\.\s*(?:__|_n|_p|gettext|ngettext)\(\s*${text}(?:\s*,\s*${text})?`, 'g');
  const read = (literal: string): string => (literal.startsWith('`') ? literal.slice(1, -1) : literal.slice(1, -1).replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)));
  return files.flatMap(name =>
    [...readFileSync(path.join(SOURCE, name), 'utf8').matchAll(call)].map(([, one, many]): [string, string | undefined] => [read(one), many && read(many)])
  );
}

/** Rooms that know no translator: what they say of an image and of a failure is English wherever it is shown. */
const HEADLESS = ['core', 'stores', 'ngff', 'pixels', 'tiff', 'api'];

/** What those rooms say, as patterns; parts that are put in may be anything. */
function spoken(): string[] {
  const files = HEADLESS.flatMap(room => readdirSync(path.join(SOURCE, room), { recursive: true, encoding: 'utf8' }).map(name => path.join(SOURCE, room, name)));
  const literal = /'((?:[^'\\\n]|\\.){12,})'|"([^"\n]{12,})"|`([^`]{12,})`/g;
  const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return files
    .filter(name => /\.ts$/.test(name) && !name.includes('__tests__'))
    .flatMap(name => [...readFileSync(name, 'utf8').matchAll(literal)].map(([, one, two, three]) => one ?? two ?? three))
    .filter(text => / /.test(text.replace(/\$\{[^}]*\}/g, '')) && /[a-z]{3}/.test(text.replace(/\$\{[^}]*\}/g, '')))
    .map(text => text.replace(/\\(.)/g, '$1').split(/\$\{[^}]*\}/).map(escaped).join('.*'));
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
    ([target, source, said]) => {
      const allowed = new RegExp(source, 'iu');
      // pixel values, and what headless rooms say of an image or a failure
      const HEARD = 'script, style, [data-testid="pixel-value"], .jp-BioImagePreview-alertCause, .jp-BioImagePreview-alertNext, .jp-BioImagePreview-notices';
      const headless = said.map(pattern => new RegExp(pattern, 's'));
      const found = new Set<string>();
      const check = (text: string | null, where: string): void => {
        // of a text that is put together, the parts outside of the brackets
        let rest = text ?? '';
        for (let before = ''; before !== rest; ) {
          before = rest;
          rest = rest.replace(/⟦[^⟦⟧]*⟧/g, ' ').trim(); // one may stand in another
        }
        const words = rest.split(/[\s·,;:()…–—|›>]+/).filter(word => /\p{L}{2,}/u.test(word) && !allowed.test(word));
        if (words.length > 0 && !headless.some(pattern => pattern.test(rest))) {
          found.add(`${where}: ${text}`);
        }
      };
      for (const root of document.querySelectorAll(target)) {
        const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        for (let node = walk.nextNode(); node; node = walk.nextNode()) {
          if (node.parentElement?.closest(HEARD) === null) {
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
    [selector, data.source, spoken()] as const
  );
}
