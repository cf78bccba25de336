import type { INode } from '../../ngff';
import type { IStep } from '../navigation';
import { samePlace, Trail, viewOf, wayOn, whereaboutsOf } from '../navigation';

const plate = {
  kind: 'plate',
  rows: ['A', 'B'],
  columns: ['1', '2'],
  wells: ['A/1', 'B/2'].map(path => ({ name: path.replace('/', ''), path, row: 0, column: 0, conditions: [] }))
} as unknown as INode;
const well = (count: number): INode => ({ kind: 'well', fields: Array.from({ length: count }, (_, i) => ({ path: `f${i}` })) }) as unknown as INode;
const collection = { kind: 'collection', series: ['0', '1', 'a b'].map(path => ({ path, name: path === '1' ? 'second' : '' })) } as unknown as INode;
const group = { kind: 'group' } as unknown as INode;
const image = { kind: 'image' } as unknown as INode;

describe('wayOn', () => {
  it.each<[string, INode, object, string, string | null]>([
    ['a plate stays without a well', plate, {}, '', null],
    ['a well by its name', plate, { well: 'B2' }, '', 'well B/2 B2'],
    ['a well by its path', plate, { well: 'A/1' }, '', 'well A/1 A1'],
    ['a well that is not there', plate, { well: 'H12' }, '', null],
    ['a well of several fields', well(3), {}, '', null],
    ['a field', well(3), { field: 2 }, '', 'field f2'],
    ['a field that is not there', well(3), { field: 3 }, '', null],
    ['the only field', well(1), {}, '', 'field f0 through'],
    ['the only field, whatever is asked', well(1), { field: 5 }, '', 'field f0 through'],
    ['a well without fields', well(0), { field: 0 }, '', null],
    ['the first of a collection', collection, {}, '', 'series 0 through'],
    ['a series', collection, { inside: '1' }, '', 'series 1 second through'],
    ['a series of a collection in a group', collection, { inside: 'x/y/a b' }, 'x/y', 'series a b through'],
    ['a series that is elsewhere', collection, { inside: 'other/1' }, 'x', 'series 0 through'],
    ['a member', group, { inside: 'x/y' }, '', 'member x/y x/y'],
    ['a group stays', group, {}, '', null],
    ['an image is the end', image, { inside: 'x', well: 'A1', field: 0 }, '', null]
  ])('%s', (_, node, wanted, at, expected) => {
    const way = wayOn(node, wanted, at);
    const words = way && [way.step.kind, way.step.path, way.step.name, way.through ? 'through' : ''].filter(word => word !== '').join(' ');
    expect(words).toBe(expected);
  });
});

describe('Trail', () => {
  const place = (step: IStep | null, through = false) => ({ step, through });

  it('says where one is as a selection does', () => {
    const trail = new Trail<{ step: IStep | null; through: boolean }>();
    trail.push(place(null));
    expect(trail.whereabouts()).toEqual({});
    trail.push(place({ kind: 'member', path: 'x/p.zarr', name: 'x/p.zarr' }));
    trail.push(place({ kind: 'well', path: 'B/2', name: 'B2' }));
    trail.push(place({ kind: 'field', path: '1', name: '', field: 1 }));
    expect(trail.whereabouts()).toEqual({ inside: 'x/p.zarr', well: 'B2', field: 1 });
    expect(trail.whereabouts(1)).toEqual({ inside: 'x/p.zarr' });
    expect(trail.cut(2).map(({ step }) => step?.kind)).toEqual(['field', 'well']);
    expect(trail.whereabouts()).toEqual({ inside: 'x/p.zarr' });
  });

  it('goes back to where one could stop', () => {
    const trail = new Trail<{ step: IStep | null; through: boolean }>();
    trail.push(place(null));
    expect(trail.back).toBe(-1);
    trail.push(place({ kind: 'well', path: 'A/1', name: 'A1' }, true));
    trail.push(place({ kind: 'field', path: '0', name: '', field: 0 }));
    expect(trail.back).toBe(0);
  });

  it('has no way back from the series of a collection that is the address itself', () => {
    const trail = new Trail<{ step: IStep | null; through: boolean }>();
    trail.push(place(null, true));
    trail.push(place({ kind: 'series', path: '0', name: '' }));
    expect(trail.back).toBe(-1);
  });
});

it('takes a selection apart into the place and the view', () => {
  const selection = { z: 3, well: 'A1', field: 0, inside: 'x', c: [1] };
  expect(viewOf(selection)).toEqual({ z: 3, c: [1] });
  expect(whereaboutsOf(selection)).toEqual({ well: 'A1', field: 0, inside: 'x' });
  expect(samePlace({ well: 'A1' }, { well: 'A1', field: undefined })).toBe(true);
  expect(samePlace({ well: 'A1' }, { well: 'A1', field: 0 })).toBe(false);
});
