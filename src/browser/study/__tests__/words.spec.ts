import { say } from '../../../core';
import { nullTranslator } from '@jupyterlab/translation';

import { lineOf } from '../line';
import { doiLink, orcidLink, pubmedLink, safeLink, safePicture } from '../links';
import { readMemory } from '../memory';
import { columnsFor, keyTarget, rowsIn, rowWindow } from '../tiles';
import { bytesText, dateText, dimensionsText, fromText, imageDetail, viewableText } from '../words';
import { image } from './archive';

const trans = nullTranslator.load('test');

describe('words', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [530e9, '530 GB'],
    [415.5e12, '416 TB'],
    [1e21, '1000 EB'],
    [-1, null],
    [NaN, null],
    [Infinity, null],
    [undefined, null]
  ])('%s bytes are %j', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });

  it.each([
    [{ images: 5, viewable: 2 }, '2 of 5 images can be viewed'],
    [{ images: 1, viewable: 1 }, '1 of 1 image can be viewed'],
    [{ images: 1963, viewable: 1, exact: false }, `1 of ≥ ${(1963).toLocaleString()} images can be viewed`],
    [{ images: 5 }, '5 images'],
    [{ viewable: 3 }, '3 images can be viewed'],
    [{ images: -1, viewable: 0.5 }, null],
    [{}, null]
  ])('the counts %j are %j', (counts, text) => {
    expect(viewableText(counts, trans)).toBe(text);
  });

  it.each([
    [{ x: 512, y: 256, z: 30, c: 2, t: 5 }, '512 × 256 × 30 z × 2 c × 5 t'],
    [{ x: 512, y: 256, z: 1, c: 1, t: 1 }, '512 × 256'],
    [{ x: 512, y: 256, t: 9 }, '512 × 256 × 9 t'],
    [{ x: 512 }, null],
    [undefined, null]
  ])('the size %j is %j', (size, text) => {
    expect(dimensionsText(size)).toBe(text);
  });

  it.each([
    ['2023-05-01', '2023-05-01'],
    ['2023', '2023'],
    ['0000-00-00', null],
    ['275760-01-01', null],
    ['1. Mai', null],
    [undefined, null]
  ])('the date %j is %j', (date, text) => {
    expect(dateText(date)).toBe(text);
  });

  it.each([
    [undefined, null],
    [{ kind: 'recorded' as const }, 'Recorded sample'],
    [{ kind: 'cache' as const, age: 3600 }, null],
    [{ kind: 'cache' as const, age: 30 * 3600 }, 'Copy from 30 hours ago']
  ])('an answer from %j is said to be %j', (from, text) => {
    expect(fromText(from, trans)).toBe(text);
  });

  it('say why an image cannot be viewed and where it was', () => {
    expect(imageDetail(image('x', { viewable: false }), trans)).toBe('Cannot be viewed');
    expect(
      imageDetail(image('x', { viewable: false, reason: say`moved`, formerUri: 'https://old.example/x' }), trans)
    ).toBe('moved · formerly at https://old.example/x');
    expect(imageDetail(image('x', { bytes: 0 }), trans)).toBe('');
  });
});

describe('a line', () => {
  it.each([
    ['One\n\n  two\tthree ', 'One two three'],
    ['a\u0000b\u202ec', 'a␀b⟨U+202E⟩c'],
    [' \n ', ''],
    ['x'.repeat(1e6), `${'x'.repeat(199)}…`],
    [`${' '.repeat(1e6)}x`, '']
  ])('of text %# is one', (text, line) => {
    expect(lineOf(text)).toBe(line);
  });
});

describe('a link', () => {
  it.each([
    ['https://a.example/x?y#z', 'https://a.example/x?y#z'],
    [' HTTPS://A.example ', 'https://a.example/'],
    ['http://a.example/', undefined],
    ['//a.example/', undefined],
    ['javascript:alert(1)', undefined],
    ['java\nscript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['https://u:p@a.example/', undefined],
    ['https://', undefined],
    ['https://a.example:port/', undefined],
    [`https://a.example/${'x'.repeat(3000)}`, undefined],
    ['/hub', undefined],
    ['', undefined],
    [null, undefined]
  ])('of %j is %j', (address, href) => {
    expect(safeLink(address)).toBe(href);
  });

  it.each([
    ['10.6019/S-BIAD1', 'https://doi.org/10.6019/S-BIAD1'],
    ['10.1002/(SICI)1<2', undefined],
    ['10.1002/a#b?c%d', 'https://doi.org/10.1002/a%23b%3Fc%25d'],
    ['10.1/x', undefined],
    ['https://doi.org/10.6019/x', undefined],
    ['10.1000/"><script>', undefined],
    [undefined, undefined]
  ])('of the DOI %j is %j', (doi, href) => {
    expect(doiLink(doi)).toBe(href);
  });

  it('of people and articles is made of checked numbers only', () => {
    expect(orcidLink('0000-0002-0456-691X')).toBe('https://orcid.org/0000-0002-0456-691X');
    expect(orcidLink('0000-0002-0456-691X/../..')).toBeUndefined();
    expect(pubmedLink('12345')).toBe('https://pubmed.ncbi.nlm.nih.gov/12345/');
    expect(pubmedLink('PMC1')).toBeUndefined();
  });

  it.each([
    ['data:image/png;base64,iVBORw0KGgo=', true],
    ['data:image/jpeg;base64,/9j/4AAQ', true],
    ['data:image/webp;base64,UklGRg==', true],
    ['data:image/svg+xml;base64,PHN2Zz4=', false],
    ['data:image/png,x', false],
    ['data:image/png;base64,"><script>', false],
    ['data:text/html;base64,AAAA', false],
    ['https://a.example/x.png', false],
    [`data:image/png;base64,${'A'.repeat(800_000)}`, false],
    [undefined, false]
  ])('to the picture %.40s is drawn: %s', (address, drawn) => {
    expect(safePicture(address)).toBe(drawn ? address : undefined);
  });
});

describe('a memory', () => {
  it.each([
    null,
    undefined,
    3,
    'x',
    [],
    {},
    { tab: 'x', layout: 1, onlyViewable: 'y', images: 3, files: { text: 3, scroll: -1 } }
  ])('that is odd (%j) is none', value => {
    const list = { text: undefined, dataset: undefined, scroll: undefined };
    expect(readMemory(value)).toEqual({ images: list, files: list });
  });

  it('is read as it was written', () => {
    const memory = {
      tab: 'files',
      layout: 'grid',
      onlyViewable: true,
      images: { text: 'a', dataset: 'd', scroll: 5 },
      files: { text: 'b', dataset: '', scroll: 0 }
    };
    expect(readMemory(JSON.parse(JSON.stringify(memory)))).toEqual(memory);
  });
});

describe('tiles', () => {
  it.each([
    [60, 1],
    [176, 2],
    [250, 2],
    [300, 3],
    [479, 5],
    [480, 3],
    [1000, 7],
    [9000, 12]
  ])('in a list of %s pixels stand %s side by side', (width, columns) => {
    expect(columnsFor(width)).toBe(columns);
  });

  it('are drawn near what is visible only', () => {
    const layout = { count: 100_000, columns: 7, rowHeight: 148 };
    expect(rowsIn(layout)).toBe(14_286);
    expect(rowWindow(layout, 0, 800)).toEqual([0, 7]);
    expect(rowWindow(layout, 148_000, 800)).toEqual([998, 1007]);
    expect(rowWindow(layout, 1e9, 800)).toEqual([14_286, 14_286]);
    expect(rowWindow({ ...layout, count: 0 }, 0, 800)).toEqual([0, 0]);
  });

  const grid = { count: 8, columns: 3, rowHeight: 100 };
  const key = (name: string, ctrlKey = false) => ({ key: name, ctrlKey, altKey: false, metaKey: false });
  it.each([
    ['ArrowRight', 0, 1],
    ['ArrowRight', 7, 7],
    ['ArrowLeft', 0, 0],
    ['ArrowDown', 1, 4],
    ['ArrowDown', 5, 7],
    ['ArrowDown', 7, 7],
    ['ArrowUp', 4, 1],
    ['ArrowUp', 2, -1],
    ['Home', 4, 3],
    ['End', 4, 5],
    ['End', 6, 7],
    ['PageDown', 0, 6],
    ['PageUp', 7, 1],
    ['x', 0, null]
  ])('%s from %s leads to %s', (name, from, to) => {
    expect(keyTarget(key(name), from, grid, 300)).toBe(to);
  });

  it('of a list leave left and right to the buttons of a row, and keys with modifiers to the browser', () => {
    const list = { count: 8, columns: 1, rowHeight: 60 };
    expect(keyTarget(key('ArrowRight'), 0, list, 300)).toBeNull();
    expect(keyTarget(key('End'), 0, list, 300)).toBe(7);
    expect(keyTarget(key('Home', true), 5, grid, 300)).toBe(0);
    expect(keyTarget(key('End', true), 0, grid, 300)).toBe(7);
    expect(keyTarget({ ...key('ArrowLeft'), altKey: true }, 5, grid, 300)).toBeNull();
  });
});
