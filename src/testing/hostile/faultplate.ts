import type { IFaultImage } from './faultimages';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Where the image of such a plate lies, and its only array. */
export const FIELD = 'A/1/0';
export const ARRAY = `${FIELD}/0`;

/** Black and full colour of the pictures, in values of the image. */
export const WINDOW: readonly [number, number] = [0, 110];

const AXES = ['y', 'x'].map(name => ({ name, type: 'space' }));
const DATASETS = [{ path: '0', coordinateTransformations: [{ type: 'scale', scale: [1, 1] }] }];
const OMERO = {
  channels: [{ color: 'FFFFFF', active: true, window: { start: WINDOW[0], end: WINDOW[1], min: 0, max: 255 } }]
};

/** The objects of an image as the only field of the only well of a plate. */
export function plateOf({ document, objects }: IFaultImage): Map<string, Uint8Array> {
  const groups: [string, Record<string, unknown>][] = [
    [
      '',
      {
        plate: {
          rows: [{ name: 'A' }],
          columns: [{ name: '1' }],
          wells: [{ path: 'A/1', rowIndex: 0, columnIndex: 0 }]
        }
      }
    ],
    ['A/', {}],
    ['A/1/', { well: { images: [{ path: '0' }] } }],
    [`${FIELD}/`, { multiscales: [{ axes: AXES, datasets: DATASETS }], omero: OMERO }]
  ];
  const all = new Map([...objects].map(([key, bytes]) => [`${ARRAY}/${key}`, bytes]));
  for (const [folder, attributes] of groups) {
    if (document.zarr_format === 3) {
      const ome = { version: '0.5', ...attributes };
      all.set(`${folder}zarr.json`, encode({ zarr_format: 3, node_type: 'group', attributes: { ome } }));
      continue;
    }
    const versioned = Object.entries(attributes).map(([name, value]): [string, unknown] => [
      name,
      name === 'multiscales' && Array.isArray(value)
        ? value.map(one => ({ version: '0.4', ...(one as object) }))
        : value
    ]);
    all.set(`${folder}.zgroup`, encode({ zarr_format: 2 }));
    all.set(`${folder}.zattrs`, encode(Object.fromEntries(versioned)));
  }
  return all;
}
