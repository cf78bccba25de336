import { MAX_ROWS, parseTable } from '../csv';
import { reading } from '../../testing/reading';

/** Numbers that look random and are the same in every run (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const plain = (row: Record<string, string>): Record<string, string> => ({ ...row });
const rowsOf = (text: string, separator: ',' | '\t' | ';' = ','): Record<string, string>[] =>
  parseTable(text, separator).rows.map(plain);

describe('a table', () => {
  it('has its cells by the names of the columns', () => {
    expect(parseTable('a,b\n1,2\n3,4\n', ',')).toEqual({
      header: ['a', 'b'],
      rows: [
        { a: '1', b: '2' },
        { a: '3', b: '4' }
      ],
      lines: [2, 3],
      rejected: []
    });
  });

  it.each([
    ['quotes around separators, line ends and quotes', 'a,b\n"1,5","x\r\n""y"""\n', [{ a: '1,5', b: 'x\r\n"y"' }]],
    ['text after a closing quote', 'a,b\n"1"2,3\n', [{ a: '12', b: '3' }]],
    ['a quote within a cell', 'a,b\n5" lens,3\n', [{ a: '5" lens', b: '3' }]],
    ['a byte order mark', '\ufeffa,b\n1,2', [{ a: '1', b: '2' }]],
    [
      'line ends of any kind',
      'a,b\r\n1,2\r3,4\n5,6',
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
        { a: '5', b: '6' }
      ]
    ],
    [
      'blank lines, also with blanks and separators',
      '\n\na,b\n\n1,2\n  \n,,\n3,4\n\n',
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' }
      ]
    ],
    ['a row that is too short', 'a,b,c\n1,2\n', [{ a: '1', b: '2' }]],
    ['a row that is too long', 'a,b\n1,2,3\n', [{ a: '1', b: '2' }]],
    [
      'empty cells',
      'a,b\n,2\n1,\n',
      [
        { a: '', b: '2' },
        { a: '1', b: '' }
      ]
    ],
    ['names with blanks around them, without a name, and twice', ' a ,,a\n1,2,3\n', [{ a: '1' }]],
    ['nothing', '', []]
  ])('may have %s', (_what, text, rows) => {
    expect(rowsOf(text)).toEqual(rows);
  });

  it('may be separated by tabs', () => {
    expect(rowsOf('a\tb\t\r\n1,5\t"x\ty"\t\r\n', '\t')).toEqual([{ a: '1,5', b: 'x\ty' }]);
  });

  it('has a column of any name, and no other', () => {
    const [row] = parseTable('__proto__,constructor\nx,y\n', ',').rows;
    expect([row.__proto__, row.constructor, row.toString]).toEqual(['x', 'y', undefined]);
  });

  it('takes the names from outside where it has none', () => {
    expect(parseTable('x\ny\n', ',', ['url'])).toMatchObject({
      header: ['url'],
      rows: [{ url: 'x' }, { url: 'y' }],
      lines: [1, 2]
    });
  });

  it('loses one line to a quote that is never closed', () => {
    const table = parseTable('a,b\n1,"2\n3,""\n4,5\n', ',');
    expect(table.rejected).toEqual([{ line: 2, reason: reading('not closed') as string }]);
    expect(table.rows.map(plain)).toEqual([
      { a: '3', b: '""' },
      { a: '4', b: '5' }
    ]);
    expect(table.lines).toEqual([3, 4]);
  });

  it('counts lines over quoted line ends', () => {
    expect(parseTable('a\n"1\n\r\n2"\n\n3\n', ',').lines).toEqual([2, 6]);
    expect(parseTable('a\r\n1\r\n\r\n2\r\n', ',').lines).toEqual([2, 4]);
  });

  it('ends at its bounds', () => {
    const table = parseTable('a\n' + '1\n'.repeat(MAX_ROWS + 5), ',');
    expect(table.rows.length).toBe(MAX_ROWS);
    expect(table.rejected).toEqual([{ line: MAX_ROWS + 2, reason: `Only the first ${MAX_ROWS} rows are read.` }]);
    expect(parseTable(','.repeat(1_000_000), ',', ['a']).rows).toEqual([]);
    expect(parseTable('x,'.repeat(1_000_000), ',').header.length).toBe(500);
  });

  it('takes time in proportion to its length, whatever its quotes', () => {
    const start = performance.now();
    parseTable('"a\n'.repeat(500_000), ',');
    parseTable('"'.repeat(1_000_001), ',');
    parseTable('a,"\n'.repeat(300_000), ',');
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('gives back 2,000 tables as they were written', () => {
    const alphabet = ['a', 'é', '"', '""', ',', '\t', ';', '\n', '\r\n', '\r', ' ', '7', '😀', ''];
    for (let seed = 0; seed < 2000; seed++) {
      const next = numbers(seed);
      const separator = ([',', '\t', ';'] as const)[next(3)];
      const end = ['\n', '\r\n', '\r'][next(3)];
      const header = Array.from({ length: 1 + next(5) }, (_none, at) => `c${at}`);
      // The first cell has something in it: a row of nothing but blanks is a blank line.
      const cell = (at: number): string =>
        (at === 0 ? 'x' : '') + Array.from({ length: next(6) }, () => alphabet[next(alphabet.length)]).join('');
      const rows = Array.from({ length: next(6) }, () => header.map((_name, at) => cell(at)));
      const quote = (text: string): string =>
        /["\r\n]/.test(text) || text.includes(separator) || next(4) === 0 ? `"${text.replaceAll('"', '""')}"` : text;
      const text =
        (next(2) === 0 ? '\ufeff' : '') +
        [header, ...rows].map(row => row.map(quote).join(separator)).join(end + (next(3) === 0 ? end : '')) +
        (next(2) === 0 ? end : '');
      const table = parseTable(text, separator);
      expect({ seed, header: table.header, rows: table.rows.map(row => header.map(name => row[name])) }).toEqual({
        seed,
        header,
        rows
      });
      expect(table.rejected).toEqual([]);
    }
  });
});
