import { buildNode } from '..';
import type { IImage } from '..';
import { reading } from '../../testing/reading';

const array = {
  zarr_format: 2,
  shape: [8, 8],
  chunks: [8, 8],
  dtype: '<u8',
  order: 'C',
  fill_value: 0,
  filters: [],
  compressor: null,
  dimension_separator: '/'
};

/** A label image whose `image-label` is this text of JSON, so that numbers can be written as no double can hold them. */
function labelled(text: string): IImage {
  const attributes = `{"multiscales":[{"version":"0.4","axes":[{"name":"y","type":"space"},{"name":"x","type":"space"}],"datasets":[{"path":"0"}]}],"image-label":${text}}`;
  const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
  const built = buildNode(
    new Map([
      ['zarr.json', null],
      ['.zattrs', bytes(attributes)],
      ['0/.zarray', bytes(JSON.stringify(array))]
    ])
  );
  if (!('node' in built) || built.node.kind !== 'image') {
    throw new Error('no image');
  }
  return built.node;
}

describe('the ids of a label image', () => {
  it('keep all of their 64 bits', () => {
    const ids = ['1', '-7', '9007199254740993', '18446744073709551615', '-9223372036854775808'];
    const { label } = labelled(`{"colors":[${ids.map(id => `{"label-value":${id},"rgba":[1,2,3,4]}`).join(',')}]}`);
    expect([...(label?.colors.keys() ?? [])]).toEqual(ids);
  });

  it('have colours in bytes: rounded, bounded, opaque where nothing is said', () => {
    const { label, notices } = labelled(
      '{"colors":[{"label-value":1,"rgba":[300,-4,1.6]},{"label-value":2,"rgba":[1,2]},{"label-value":3},{"label-value":1.5,"rgba":[0,0,0,0]},{"label-value":1,"rgba":[9,9,9,9]}]}'
    );
    expect([...(label?.colors ?? [])]).toEqual([['1', [9, 9, 9, 9]]]);
    expect(notices.map(String)).toContainEqual(reading(/^2 colours or properties/));
    expect(labelled('{"colors":[{"label-value":1,"rgba":[300,-4,1.6]}]}').label?.colors.get('1')).toEqual([
      255, 0, 2, 255
    ]);
  });

  it('have properties as text, in their order', () => {
    const { label } = labelled(
      '{"properties":[{"label-value":9007199254740993,"class":"cell","area":1.5,"of":["a"],"none":null},{"class":"no id"}]}'
    );
    expect([...(label?.properties ?? [])]).toEqual([
      [
        '9007199254740993',
        [
          ['class', 'cell'],
          ['area', '1.5'],
          ['of', '["a"]']
        ]
      ]
    ]);
  });

  it.each(['{}', '[]', '7', '"x"', '{"colors":7,"properties":{"a":1}}', '{"colors":[null,7]}'])(
    'are told nothing by %s',
    text => {
      const { label, imageLabel } = labelled(text);
      expect([label, imageLabel]).toEqual([undefined, true]);
    }
  );
});
