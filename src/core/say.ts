/** What is put into a text: a name or a number as it is, or a text that is translated by itself. */
export type SaidPart = string | number | Said;

/**
 * A text for people that rooms without a translator make: an English template, in which `%1`, `%2` … stand for `args` and
 * `%%` for a percent sign (as in gettext), so that whoever shows it can translate it first. It reads as English where it
 * is used as a string. Frozen; crosses JSON and structured cloning as a plain object, see {@link readSaid}.
 */
export class Said {
  constructor(
    readonly text: string,
    readonly args: readonly SaidPart[] = []
  ) {
    Object.freeze(this);
  }

  /** The English sentence. */
  toString(): string {
    return this.text.replace(/%(%|\d+)/g, (_, n: string) => (n === '%' ? n : String(this.args[Number(n) - 1])));
  }
}

/** The text in the literal, which is what translators see; every value that is put in becomes an argument. */
export function say(parts: TemplateStringsArray, ...args: readonly SaidPart[]): Said {
  const plain = parts.map(part => part.replaceAll('%', '%%'));
  return new Said(
    plain.reduce((text, part, i) => `${text}%${i}${part}`),
    args
  );
}

/** Sentences, or items of a list, one after the other. */
export function saidTogether(parts: readonly SaidPart[], separator = ' '): Said {
  return parts.length === 1 && parts[0] instanceof Said
    ? parts[0]
    : new Said(parts.map((_, i) => `%${i + 1}`).join(separator.replaceAll('%', '%%')), parts);
}

/** Texts within texts that are read; sentences of ours have two or three. */
const MAX_DEPTH = 6;

/** Characters of a text from elsewhere that are kept. */
const MAX_LENGTH = 1000;

/**
 * A text that crossed a wire or came from a worker: `template` with its `args` where it is one, else the English
 * `sentence` as it is. `undefined` where neither says anything.
 */
export function heard(sentence: unknown, template?: unknown, depth = 0): Said | undefined {
  if (typeof template === 'object' && template !== null && 'text' in template && depth < MAX_DEPTH) {
    const { text, args = [] } = template as { text: unknown; args?: unknown };
    if (typeof text === 'string' && Array.isArray(args)) {
      const part = (arg: unknown): SaidPart =>
        typeof arg === 'number'
          ? arg
          : typeof arg === 'string'
            ? arg.slice(0, MAX_LENGTH)
            : (heard('', arg, depth + 1) ?? '');
      return new Said(text.slice(0, MAX_LENGTH), args.slice(0, 20).map(part));
    }
  }
  return typeof sentence === 'string' && sentence !== '' ? new Said('%1', [sentence.slice(0, MAX_LENGTH)]) : undefined;
}

/** What translates: JupyterLab's bundle is one. */
export interface ISpeaker {
  /** The translation of `text` with `%1` … replaced. */
  __(text: string, ...args: unknown[]): string;
}

/** A text in the reader's language: the template is translated, and so are the texts within it. */
export function localised(trans: ISpeaker, said: Said): string {
  const spoken = (part: SaidPart): string =>
    // other extensions that are not compiled against this may give plain strings
    typeof part === 'object'
      ? // eslint-disable-next-line jupyter/no-dynamic-translation -- what translators see are the literals behind `say`
        trans.__(part.text, ...part.args.map(spoken))
      : String(part);
  return spoken(said);
}
