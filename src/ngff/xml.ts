import { type BioImageError, invalid, say } from '../core';
import type { Said } from '../core';

/** What a document says, in its order. Names without their namespace prefix. */
export interface IXmlListener {
  open(name: string, attributes: ReadonlyMap<string, string>): void;
  /** Text of the element that is open; may come in several pieces. */
  text(text: string): void;
  close(name: string): void;
}

/** Bound of a document, in bytes: the metadata of some ten thousand planes. */
export const MAX_XML_BYTES = 8 * 1024 * 1024;
/** OME-XML is some ten levels deep. */
const MAX_DEPTH = 256;

const TAG = /<(\/?)([^\s<>/="'&]+)/y;
const ATTRIBUTE = /\s+([^\s<>/="'&]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;

const NAMED: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"]
]);

function bad(where: string, why: Said): BioImageError {
  return invalid(where, why, { subject: `${where}:` });
}

/** The five named and the numeric references; no others exist, for no document may declare any. */
function unescape(text: string, where: string): string {
  if (!text.includes('&')) {
    return text;
  }
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{1,40}));/gi, (_all, hex, decimal, name) => {
    if (typeof name === 'string') {
      const known = NAMED.get(name);
      if (known === undefined) {
        throw bad(where, say`the entity ${name} is not defined`);
      }
      return known;
    }
    const code = typeof hex === 'string' ? parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  });
}

/** Without a namespace prefix. */
function local(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}

/**
 * Text of an XML document: by its byte order mark, else UTF-16 by the first character, else UTF-8; bytes that are no UTF-8
 * are read as Windows-1252, which old acquisition programs wrote for the micro sign. BAD_METADATA beyond 8 MiB.
 */
export function decodeXml(bytes: Uint8Array, where: string): string {
  if (bytes.length > MAX_XML_BYTES) {
    throw bad(where, say`it has more than ${MAX_XML_BYTES >> 20} MiB`);
  }
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) {
    return new TextDecoder('utf-16le').decode(bytes);
  }
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)) {
    return new TextDecoder('utf-16be').decode(bytes);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    // By name: the error may be another realm's.
    if (typeof error === 'object' && error !== null && 'name' in error && error.name === 'TypeError') {
      return new TextDecoder('windows-1252').decode(bytes);
    }
    throw error;
  }
}

/**
 * Reads a document once, from front to back, and tells `listener` of every element. Own and small, because it refuses what
 * a general parser has to offer: a document type (so no entity can be declared and nothing external be named), more than
 * 256 levels. Nothing is built from names of the document.
 *
 * @param where - names the document in errors
 * @throws BAD_METADATA
 */
export function readXml(text: string, where: string, listener: IXmlListener): void {
  const open: string[] = [];
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf('<', at);
    const end = next < 0 ? text.length : next;
    if (end > at && open.length > 0) {
      listener.text(unescape(text.slice(at, end), where));
    }
    if (next < 0) {
      break;
    }
    at = text[next + 1] === '!' || text[next + 1] === '?' ? special(text, next, where, open, listener) : -1;
    at = at < 0 ? tag(text, next, where, open, listener) : at;
  }
  if (open.length > 0) {
    throw bad(where, say`the element ${open[open.length - 1].slice(0, 40)} does not end`);
  }
}

/** A comment, a processing instruction or literal text; returns where it ends. */
function special(text: string, at: number, where: string, open: readonly string[], listener: IXmlListener): number {
  const until = (mark: string, from: number): number => {
    const end = text.indexOf(mark, from);
    if (end < 0) {
      throw bad(where, say`it ends in the middle`);
    }
    return end;
  };
  if (text.startsWith('<!--', at)) {
    return until('-->', at + 4) + 3;
  }
  if (text.startsWith('<?', at)) {
    return until('?>', at + 2) + 2;
  }
  if (text.startsWith('<![CDATA[', at)) {
    const end = until(']]>', at + 9);
    if (open.length > 0) {
      listener.text(text.slice(at + 9, end));
    }
    return end + 3;
  }
  throw bad(where, say`it has a document type, which is not allowed`);
}

/** An opening or closing tag; returns where it ends. */
function tag(text: string, at: number, where: string, open: string[], listener: IXmlListener): number {
  TAG.lastIndex = at;
  const head = TAG.exec(text);
  if (!head) {
    throw bad(where, say`something else than a tag at character ${at}`);
  }
  const name = local(head[2]);
  const attributes = new Map<string, string>();
  let end = TAG.lastIndex;
  for (;;) {
    ATTRIBUTE.lastIndex = end;
    const found = head[1] === '' ? ATTRIBUTE.exec(text) : null;
    if (!found) {
      break;
    }
    end = ATTRIBUTE.lastIndex;
    if (!found[1].includes(':')) {
      attributes.set(found[1], unescape(found[2] ?? found[3], where));
    }
  }
  TAG_END.lastIndex = end;
  const tail = TAG_END.exec(text);
  if (!tail) {
    throw bad(where, say`the tag ${name.slice(0, 40)} does not end`);
  }
  if (head[1] === '/') {
    if (open.pop() !== head[2]) {
      throw bad(where, say`the element ${name.slice(0, 40)} ends where another one is open`);
    }
    listener.close(name);
    return TAG_END.lastIndex;
  }
  if (open.length >= MAX_DEPTH) {
    throw bad(where, say`more than ${MAX_DEPTH} levels`);
  }
  listener.open(name, attributes);
  if (tail[1] === '/') {
    listener.close(name);
  } else {
    open.push(head[2]);
  }
  return TAG_END.lastIndex;
}
