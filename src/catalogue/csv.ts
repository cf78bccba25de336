import { say } from '../core';
import type { Said } from '../core';

/** Rows of one table that are read: more than any catalogue is known to have. */
export const MAX_ROWS = 200_000;
/** Cells of one row that are read. */
const MAX_COLUMNS = 500;

/** A table with a header. */
export interface ITable {
  /** Names of the columns, trimmed; '' where a column has none. */
  header: string[];
  /**
   * Cell by name of its column, as it stands in the file, '' where it is empty. A row that is too short has no value for
   * the rest, cells beyond the header are left out. Of two columns with one name the first counts. Without a prototype, so
   * that a column may have any name.
   */
  rows: Record<string, string>[];
  /** The line, from 1, on which each of the rows begins. */
  lines: number[];
  /** What could not be read as a row. */
  rejected: { line: number; reason: Said }[];
}

/** Bytes as text: UTF-8, where a broken sequence costs one character, and not the table. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Position of the quote that ends a cell beginning at `from`, where `""` stands for a quote; -1 where there is none. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') {
    at = text.indexOf('"', at + 2);
  }
  return at;
}

const breaksIn = (text: string): number => (text.match(/\r\n|\r|\n/g) ?? []).length;

/** The records of a text one by one; `cells` is null where a quote is never closed. */
function* recordsOf(text: string, separator: string): Generator<{ line: number; cells: string[] | null }> {
  const edge = new RegExp(`[${separator}\r\n]`, 'g');
  const edgeFrom = (from: number): number => {
    edge.lastIndex = from;
    return edge.exec(text)?.index ?? text.length;
  };
  // After a quote that is never closed no quote can be trusted: the lines behind it are read literally, and each only once.
  let quoted = true;
  let at = text.startsWith('\ufeff') ? 1 : 0;
  for (let line = 1; at < text.length; line++) {
    const first = line;
    const start = at;
    let cells: string[] | null = [];
    for (let more = true; more;) {
      let cell = '';
      if (quoted && text[at] === '"') {
        const close = closingQuote(text, at + 1);
        quoted = close >= 0;
        if (!quoted) {
          cells = null;
          line = first;
          at = start + text.slice(start).search(/[\r\n]|$/);
          break;
        }
        cell = text.slice(at + 1, close).replaceAll('""', '"');
        line += breaksIn(cell);
        at = close + 1;
      }
      const end = edgeFrom(at);
      if (cells.length < MAX_COLUMNS) {
        cells.push(cell + text.slice(at, end));
      }
      more = text[end] === separator;
      at = more ? end + 1 : end;
    }
    at += text.startsWith('\r\n', at) ? 2 : 1;
    yield { line: first, cells };
  }
}

/**
 * Reads comma- or tab-separated text as RFC 4180 has it, and leniently beyond that: a byte order mark, any kind of line
 * end, blank lines and rows of uneven length are fine. Text after a closing quote belongs to the cell. The first line that
 * is not blank names the columns, unless `header` does. Never throws: what cannot be read is in `rejected`.
 */
export function parseTable(text: string, separator: ',' | '\t' | ';', header?: readonly string[]): ITable {
  const table: ITable = { header: [...(header ?? [])], rows: [], lines: [], rejected: [] };
  let named = header !== undefined;
  for (const { line, cells } of recordsOf(text, separator)) {
    if (cells === null) {
      table.rejected.push({ line, reason: say`A quotation mark is not closed.` });
    } else if (cells.some(cell => cell.trim() !== '')) {
      if (!named) {
        table.header = cells.map(cell => cell.trim());
        named = true;
      } else if (table.rows.length < MAX_ROWS) {
        table.rows.push(rowOf(table.header, cells));
        table.lines.push(line);
      } else {
        table.rejected.push({ line, reason: say`Only the first ${MAX_ROWS} rows are read.` });
        break;
      }
    }
  }
  return table;
}

function rowOf(header: readonly string[], cells: readonly string[]): Record<string, string> {
  const row = Object.create(null) as Record<string, string>;
  cells.slice(0, header.length).forEach((cell, at) => {
    const name = header[at];
    if (name !== '' && !Object.hasOwn(row, name)) {
      row[name] = cell;
    }
  });
  return row;
}
