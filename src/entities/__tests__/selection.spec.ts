import { readSelection } from '..';

describe('readSelection', () => {
  it('keeps every field it knows and drops the rest', () => {
    const selection = {
      level: 1,
      t: 0,
      c: [2, 0],
      z: 5,
      region: [0, 10, 5, 20],
      inside: 'a b/0',
      well: 'A1',
      field: 0,
      labels: ['nuclei']
    };
    expect(readSelection({ ...selection, colour: 'red', __proto__: { t: 9 } })).toEqual(selection);
    expect(readSelection(JSON.parse('{"__proto__": {"t": 1}, "z": 2}'))).toEqual({ z: 2 });
  });

  it.each([undefined, null, {}, { t: null, z: undefined }])('takes %j for nothing selected', value => {
    expect(readSelection(value)).toEqual({});
  });

  it.each([
    ['selection', 'A1'],
    ['selection', [1]],
    ['t', { t: -1 }],
    ['t', { t: 1.5 }],
    ['t', { t: '1' }],
    ['t', { t: NaN }],
    ['z', { z: 2 ** 53 }],
    ['level', { level: true }],
    ['c', { c: 1 }],
    ['c', { c: [0, -1] }],
    ['c', { c: ['0'] }],
    ['c', { c: Array<number>(1025).fill(0) }],
    ['region', { region: [0, 1, 2] }],
    ['region', { region: [0, 0, 0, 5] }],
    ['region', { region: [5, 1, 0, 5] }],
    ['region', { region: [0, 1, 7, 7] }],
    ['region', { region: [-1, 1, 0, 1] }],
    ['region', { region: [0, Infinity, 0, 1] }],
    ['well', { well: 1 }],
    ['well', { well: 'A'.repeat(257) }],
    ['field', { field: -1 }],
    ['inside', { inside: 'a/'.repeat(600) }],
    ['labels', { labels: 'nuclei' }],
    ['labels', { labels: [7] }]
  ])('refuses a wrong %s: %j', (where, value) => {
    expect(() => readSelection(value)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', where }) as Error);
  });
});
