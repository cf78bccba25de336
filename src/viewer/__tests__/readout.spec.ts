import { jsonValue, shownValue } from '../../pixels';
import { physical, pixelIndex, placeText, readoutAttributes } from '../stage/readout';
import { fakeImage } from './fakes';

describe('raw values', () => {
  it.each([
    [3, 3],
    [0.1, 0.1],
    [Math.fround(0.1), 0.10000000149011612],
    [-0, -0],
    [2n ** 63n + 1n, '9223372036854775809'],
    [-5n, '-5'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
    [true, true],
    [null, null]
  ])('%p is %j in JSON', (value, json) => {
    expect(jsonValue(value)).toBe(json);
  });

  it('are shown to the last digit, and missing data in words', () => {
    expect(shownValue(18446744073709551615n, 'no data')).toBe('18446744073709551615');
    expect(shownValue(null, 'no data')).toBe('no data');
    expect(shownValue(false, 'no data')).toBe('false');
  });
});

describe('readout', () => {
  const image = fakeImage({ z: 5, t: 3, unit: 'micrometer', channels: [{}, {}] });

  it('names the place in pixels of the level read, with the axes there are', () => {
    expect(pixelIndex(image, 1, { t: 2, z: 4 }, 7, 9)).toEqual({ t: 2, z: 4, y: 9, x: 7 });
    expect(pixelIndex(fakeImage(), 0, { t: 0, z: 0 }, 7, 9)).toEqual({ y: 9, x: 7 });
  });

  it('carries everything in attributes', () => {
    const readout = { level: 1, index: { z: 0, y: 9, x: 7 }, channels: [0, 2], values: [12, null] };
    expect(readoutAttributes(readout)).toEqual({
      'data-level': '1',
      'data-index': '{"z":0,"y":9,"x":7}',
      'data-channels': '[0,2]',
      'data-values': '[12,null]'
    });
  });

  it('has no attributes while values are being read', () => {
    expect(readoutAttributes({ level: 0, index: { y: 0, x: 0 }, channels: [0] })).toEqual({});
  });

  it('gives physical coordinates of the middle of the pixel', () => {
    const readout = { level: 1, index: { t: 0, z: 2, y: 4, x: 2 }, channels: [0] };
    expect(physical(image, readout)).toBe('x 3 µm, y 6 µm, z 1 µm');
    expect(placeText(readout)).toBe('t=0, z=2, y=4, x=2, level=1');
  });
});
