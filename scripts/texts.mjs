// Every text that people read, for translators: writes jupyterlab_bioimage/locale/jupyterlab_bioimage.pot from the
// translator's calls and `say` in TypeScript, say(…) in Python, and titles and descriptions of the settings.
import { readdirSync, readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const POT = path.join(ROOT, 'jupyterlab_bioimage/locale/jupyterlab_bioimage.pot');

/** Texts of one file: singular, plural, context, and whether the call has anything but literals where texts belong. */
function textsOf(name, source) {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true, name.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
  const found = [];
  const literal = node => (node && (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) ? node.text : undefined);
  const visit = node => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText(file) === 'say') {
      found.push({ one: templateText(node.template) });
    } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && /(^|\.)_?trans$/.test(node.expression.expression.getText(file))) {
      const [a, b] = node.arguments.map(literal);
      const method = node.expression.name.text;
      if (method === '__') {
        found.push({ one: a });
      } else if (method === '_n') {
        found.push({ one: a, many: b });
      } else if (method === '_p') {
        found.push({ one: b, context: a });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** As `say` makes it: `%1` for the first value, `%%` for a percent sign; nothing where a digit follows a value, for `%10` is the tenth. */
function templateText(template) {
  if (ts.isTemplateExpression(template) && template.templateSpans.some(({ literal }) => /^\d/.test(literal.text))) {
    return undefined;
  }
  const escape = text => text.replaceAll('%', '%%');
  return ts.isTemplateExpression(template)
    ? template.templateSpans.reduce((text, { literal }, i) => `${text}%${i + 1}${escape(literal.text)}`, escape(template.head.text))
    : escape(template.text);
}

/** say("…", …) of the server: the text is one literal, or several that Python joins. */
function pythonTexts(source) {
  const piece = String.raw`"(?:[^"\\]|\\.)*"`;
  return [...source.matchAll(new RegExp(String.raw`\bsay\(\s*((?:${piece}\s*)+)`, 'g'))].map(([, texts]) => ({
    one: [...texts.matchAll(new RegExp(piece, 'g'))].map(([text]) => JSON.parse(text)).join('')
  }));
}

/** Titles and descriptions of a settings schema, as JupyterLab translates them. */
function schemaTexts(value) {
  return typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]) =>
        ['title', 'description', 'label', 'jupyter.lab.setting-icon-label', 'caption'].includes(key) && typeof inner === 'string' ? [{ one: inner, context: 'schema' }] : schemaTexts(inner)
      );
}

const files = (folder, end) =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map(name => path.posix.join(folder, name))
    .filter(name => end.test(name) && !/__tests__|\/tests\/|src\/(testing|cli)\/|labextension|__pycache__/.test(name))
    .sort();

/** All texts with the places where they stand, and what is wrong: a text that is put together. */
export function collect() {
  const all = new Map();
  const wrong = [];
  const add = (name, texts) => {
    for (const { one, many, context } of texts) {
      if (one === undefined) {
        wrong.push(`${name}: a text that is no literal, or has a digit after a value`);
      } else if (/\p{L}/u.test(one.replace(/%\d+/g, ''))) {
        const key = `${context ?? ''}\u0004${one}`;
        const known = all.get(key) ?? { one, many, context, places: new Set() };
        known.many ??= many;
        known.places.add(name);
        all.set(key, known);
      }
    }
  };
  for (const name of files('src', /\.tsx?$/).filter(file => file !== 'src/core/say.ts')) {
    add(name, textsOf(name, readFileSync(path.join(ROOT, name), 'utf8')));
  }
  for (const name of files('jupyterlab_bioimage', /\.py$/)) {
    add(name, pythonTexts(readFileSync(path.join(ROOT, name), 'utf8')));
  }
  for (const name of files('schema', /\.json$/)) {
    add(name, schemaTexts(JSON.parse(readFileSync(path.join(ROOT, name), 'utf8'))));
  }
  return { texts: [...all.values()], wrong };
}

/** The catalogue of texts (gettext), in the order of the files. */
export function catalogue({ texts }) {
  const quoted = text => JSON.stringify(text);
  const head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n';
  const entries = texts.map(({ one, many, context, places }) =>
    [
      ...[...places].map(place => `#: ${place}`),
      ...(context === undefined ? [] : [`msgctxt ${quoted(context)}`]),
      `msgid ${quoted(one)}`,
      ...(many === undefined ? ['msgstr ""'] : [`msgid_plural ${quoted(many)}`, 'msgstr[0] ""', 'msgstr[1] ""'])
    ].join('\n')
  );
  return `${[head, ...entries].join('\n\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = collect();
  if (found.wrong.length > 0) {
    console.error(found.wrong.join('\n'));
    process.exitCode = 1;
  }
  if (process.argv.includes('--check')) {
    console.log(JSON.stringify({ wrong: found.wrong, texts: found.texts.length, pot: catalogue(found) }));
  } else {
    mkdirSync(path.dirname(POT), { recursive: true });
    writeFileSync(POT, catalogue(found));
    console.log(`${found.texts.length} texts in ${path.relative(ROOT, POT)}`);
  }
}
