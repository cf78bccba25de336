import { BioImageError, isBioImageError, parseJson, say } from '../core';
import type { IRelayAnswer } from './source';

/** Bound of one JSON answer of a catalogue, in bytes; the relay has the same. */
const MAX_ANSWER_BYTES = 16 * 2 ** 20;
/** Characters of a text that is kept; longer ones are cut, for nobody reads them. */
const MAX_TEXT = 20_000;

/**
 * Readers of fields of foreign answers. None of them throws: what is missing or of another type is `undefined` (or empty), so
 * that an odd field costs itself and nothing else.
 */

/** The value as an object; an array or null is none. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** An own field of an object: names such as `constructor` in data are never looked up on the prototype. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    const object = objectOf(at);
    at = object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
  }
  return at;
}

/** The items of a list; anything that is no list has none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/**
 * A text with something in it, trimmed and cut at 20,000 characters; a finite number is written out. Halves of surrogate
 * pairs, also one that the cut made, become U+FFFD: no address can be made of them.
 */
export function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  return typeof text === 'string' && text.trim() !== ''
    ? text
        .slice(0, MAX_TEXT)
        .replace(/\p{Surrogate}/gu, '\ufffd')
        .trim()
    : undefined;
}

/** The texts of a list, or a single text as a list of one. */
export function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(textOf).filter(text => text !== undefined);
}

/** A count or size: a whole number from 0, also where it came as digits in a text. */
export function countOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** A finite number. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** An address that may be shown as a link: `https:` without user or password, at most 2,048 characters. */
export function httpsOf(value: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined || text.length > 2048 || !URL.canParse(text)) {
    return undefined;
  }
  const { protocol, username, password, href } = new URL(text);
  return protocol === 'https:' && username === '' && password === '' ? href : undefined;
}

/** An address at which an image may be, as it was given: `https:` as above, or `s3://bucket/…`. */
export function imageAddressOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && (/^s3:\/\/[a-z0-9]/i.test(text) || httpsOf(text) !== undefined) ? text : undefined;
}

/** A part of an address without its percent signs; `undefined` where they do not make a text. */
export function decodedOf(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) {
      throw error;
    }
    return undefined;
  }
}

/** A date as `YYYY-MM-DD` from the beginning of a text, or a bare year. */
export function dateOf(value: unknown): string | undefined {
  return /^(\d{4}-[01]\d-[0-3]\d|\d{4})(?=\D|$)/.exec(textOf(value) ?? '')?.[1];
}

/** The JSON of an answer; CATALOGUE_BAD where it is something else, such as a page of a login. */
export function jsonOf(answer: IRelayAnswer, what: string): unknown {
  try {
    return parseJson(answer.bytes, what, MAX_ANSWER_BYTES);
  } catch (cause) {
    if (isBioImageError(cause, 'TOO_LARGE')) {
      throw cause;
    }
    throw new BioImageError('CATALOGUE_BAD', say`The catalogue’s answer was not understood.`, { where: what, cause });
  }
}

/** Where an answer that is not fresh from the service came from, for the page it becomes. */
export function fromOf({ from, age }: IRelayAnswer): { from?: { kind: 'cache' | 'recorded'; age?: number } } {
  return from === 'service' ? {} : { from: { kind: from, ...(age === undefined ? {} : { age }) } };
}
