import { decodedOf, imageAddressOf, textOf } from '../fields';

describe('a text of an answer', () => {
  it('is trimmed, cut, and never ends in half a character', () => {
    expect(textOf('  a ')).toBe('a');
    expect(textOf(12.5)).toBe('12.5');
    expect(textOf(`${'a'.repeat(19_999)}\u{1f52c}`)).toBe(`${'a'.repeat(19_999)}\ufffd`);
    expect(textOf('a\ud800b\u{1f52c}')).toBe('a\ufffdb\u{1f52c}');
  });

  it.each([[''], [' \n'], [null], [Number.NaN], [{}], [['a']]])('is not there: %j', value => {
    expect(textOf(value)).toBeUndefined();
  });
});

describe('the address of an image', () => {
  it.each([
    ['https://a.example/b c.zarr/', 'https://a.example/b c.zarr/'],
    [' s3://bucket/a.zarr', 's3://bucket/a.zarr']
  ])('is kept as it was given: %j', (given, expected) => {
    expect(imageAddressOf(given)).toBe(expected);
  });

  it.each([
    ['http://a.example/b.zarr'],
    ['https://a\ufffdb.example/b.zarr'],
    ['https://user:word@a.example/b.zarr'],
    ['https://'],
    ['s3://'],
    ['javascript:alert(1)'],
    ['//a.example/b.zarr'],
    ['b.zarr']
  ])('is none: %j', given => {
    expect(imageAddressOf(given)).toBeUndefined();
  });
});

describe('a decoded part of an address', () => {
  it('is what its percent signs stand for, where they stand for a text', () => {
    expect(decodedOf('a%20%CE%BC')).toBe('a μ');
    expect(decodedOf('100%')).toBeUndefined();
    expect(decodedOf('%ff')).toBeUndefined();
  });
});
