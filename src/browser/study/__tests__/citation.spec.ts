/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { bibtex, citationText, nameOf, texText } from '../citation';
import { study } from './archive';

describe('a name', () => {
  it.each([
    ['Jane Doe', { family: 'Doe', given: 'Jane' }],
    ['Jane Q. Doe', { family: 'Doe', given: 'Jane Q.' }],
    ['Doe, Jane', { family: 'Doe', given: 'Jane' }],
    ['Doe, J. Q.', { family: 'Doe', given: 'J. Q.' }],
    ['Doe J', { family: 'Doe', given: 'J' }],
    ['Doe JQ', { family: 'Doe', given: 'JQ' }],
    ['Doe J.-Q.', { family: 'Doe', given: 'J.-Q.' }],
    ['van der Berg JQ', { family: 'van der Berg', given: 'JQ' }],
    ['Jan van der Berg', { family: 'van der Berg', given: 'Jan' }],
    ['Ludwig van Beethoven', { family: 'van Beethoven', given: 'Ludwig' }],
    ['María José de la Cruz', { family: 'de la Cruz', given: 'María José' }],
    ['Ö. Åström', { family: 'Åström', given: 'Ö.' }],
    ['J Q Doe', { family: 'Doe', given: 'J Q' }],
    ['李 明', { family: '明', given: '李' }],
    ['Plato', { family: 'Plato' }],
    ['The Human Protein Atlas', { family: 'The Human Protein Atlas' }],
    ['Imaging Consortium', { family: 'Imaging Consortium' }],
    ['Smith and Jones', { family: 'Smith and Jones' }],
    ['Doe, Jane, PhD', { family: 'Doe, Jane, PhD' }],
    ['Doe,', { family: 'Doe,' }],
    [',', { family: ',' }],
    ['one two three four five six seven', { family: 'one two three four five six seven' }],
    ['  Jane \t\n  Doe ', { family: 'Doe', given: 'Jane' }],
    ['', { family: '' }],
    ['   ', { family: '' }]
  ])('%j is %j', (text, name) => {
    expect(nameOf(text)).toEqual(name);
  });
});

const CITED = {
  accession: 'S-BIAD1',
  title: 'Light sheets of fish.',
  people: [{ name: 'Jane Doe' }, { name: 'Roe R' }, { name: 'Imaging Consortium' }],
  doi: '10.6019/S-BIAD1',
  released: '2023-05-01',
  page: 'https://archive.example/S-BIAD1'
};

describe('a citation in words', () => {
  it.each([
    [
      'everything',
      {},
      'Doe, Jane; Roe, R; Imaging Consortium (2023). Light sheets of fish [Data set]. BioImage Archive, S-BIAD1. https://doi.org/10.6019/S-BIAD1'
    ],
    [
      'no DOI',
      { doi: undefined },
      'Doe, Jane; Roe, R; Imaging Consortium (2023). Light sheets of fish [Data set]. BioImage Archive, S-BIAD1. https://archive.example/S-BIAD1'
    ],
    [
      'nothing',
      { doi: undefined, page: undefined, released: undefined, people: [], title: '' },
      '(n.d.). S-BIAD1 [Data set]. BioImage Archive, S-BIAD1.'
    ],
    [
      'an odd DOI, page and date',
      { doi: 'doi 10', page: 'javascript:alert(1)', released: '20235', people: [{ name: ' ' }] },
      '(n.d.). Light sheets of fish [Data set]. BioImage Archive, S-BIAD1.'
    ]
  ])('is made of %s', (_name, changes, text) => {
    expect(citationText({ ...CITED, ...changes }, 'BioImage Archive')).toBe(text);
  });

  it('names twenty people, then says that there are others', () => {
    const people = Array.from({ length: 21 }, (_, index) => ({ name: `Name${index}` }));
    expect(citationText({ ...CITED, people }, 'A')).toMatch(/Name19 et al\. \(2023\)/);
    expect(citationText({ ...CITED, people: people.slice(0, 20) }, 'A')).toMatch(/Name19 \(2023\)/);
  });

  it('is one line, without unseen characters, whatever the archive says', () => {
    const bad = 'a\nb\u202ec\u0000d\u2028e';
    const text = citationText({ ...CITED, title: bad, people: [{ name: bad }], accession: bad }, bad);
    // eslint-disable-next-line no-control-regex -- controls are what must not be there
    expect(text).not.toMatch(/[\u0000-\u001f\u202e\u2028]/);
  });
});

/** Fields of a record as a reader of BibTeX takes them: by balanced braces. */
function fieldsOf(record: string): Record<string, string> {
  const fields: Record<string, string> = {};
  const head = /^@misc\{([A-Za-z0-9:._-]+),\n/.exec(record);
  expect(head).not.toBeNull();
  let at = head?.[0].length ?? 0;
  for (;;) {
    const name = /^ {2}([a-z]+) = \{/.exec(record.slice(at, at + 40));
    if (name === null) {
      break;
    }
    at += name[0].length;
    const start = at;
    for (let depth = 1; depth > 0; at++) {
      if (at >= record.length) {
        throw new Error('the record does not end');
      }
      // BibTeX itself counts every brace, escaped or not.
      depth += record[at] === '{' ? 1 : record[at] === '}' ? -1 : 0;
    }
    fields[name[1]] = record.slice(start, at - 1);
    at += record[at] === ',' ? 2 : 1;
  }
  expect(record.slice(at)).toBe('}\n');
  return fields;
}

describe('a BibTeX record', () => {
  it('has what the archive says', () => {
    expect(bibtex(CITED, 'BioImage Archive')).toBe(`@misc{S-BIAD1,
  author = {Doe, Jane and Roe, R and {Imaging Consortium}},
  title = {{Light sheets of fish}},
  year = {2023},
  publisher = {BioImage Archive},
  howpublished = {BioImage Archive, S-BIAD1},
  note = {Data set},
  doi = {10.6019/S-BIAD1},
  url = {https://doi.org/10.6019/S-BIAD1}
}
`);
  });

  it('leaves out what is not known', () => {
    const bare = { accession: 'idr0062', title: 'x', people: [] };
    expect(Object.keys(fieldsOf(bibtex(bare, 'IDR')))).toEqual(['title', 'publisher', 'howpublished', 'note']);
  });

  it.each([
    ['a & b', 'a \\& b'],
    ['50 %', '50 \\%'],
    ['$x_1^2$ #3', '\\$x\\_1\\textasciicircum{}2\\$ \\#3'],
    ['~"q"', '\\textasciitilde{}\\textquotedbl{}q\\textquotedbl{}'],
    ['\\input{/etc/passwd}', '\\textbackslash{}input\\{/etc/passwd\\}'],
    ['µm – 中文', 'µm – 中文']
  ])('writes %j as %j', (text, written) => {
    expect(texText(text)).toBe(written);
  });

  it.each([
    '}',
    '{',
    '}}, note = {x}, title = {{',
    '{{{{',
    '\\',
    '\\}',
    '"',
    '@comment{x}',
    '} @misc{y, title = {z}',
    'a and b, c and d',
    'and',
    ', ,',
    'x\n}\n@misc{y,',
    '%',
    '𝔘𝔫𝔦',
    'x'.repeat(100_000)
  ])('is whole with the hostile text %#', bad => {
    const record = bibtex(
      study({
        accession: bad,
        title: bad,
        people: [{ name: bad }, { name: `${bad}, ${bad}` }, { name: `Jane ${bad}` }],
        doi: `10.1000/${bad}`,
        released: bad,
        page: `https://a.example/${bad}`
      }),
      bad
    );
    const escaped = record.replace(/\\[{}]/g, '');
    expect(Object.keys(fieldsOf(escaped))).toEqual(expect.arrayContaining(['author', 'title', 'publisher', 'note']));
    expect(record.match(/^@/gm)).toHaveLength(1);
    expect(record.length).toBeLessThan(10_000);
    // A name that has "and" in it stays one name.
    expect(
      fieldsOf(escaped)
        .author.replace(/\{[^{}]*\}/g, '')
        .split(/\band\b/)
    ).toHaveLength(3);
  });

  it('ends with "others" where a study has more authors than anybody prints', () => {
    const people = Array.from({ length: 1500 }, (_, index) => ({ name: `Name${index}` }));
    expect(fieldsOf(bibtex({ ...CITED, people }, 'A')).author).toMatch(/\{Name999\} and others$/);
  });
});
