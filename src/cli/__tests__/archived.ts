import type { IExpected } from './expected';

/** Arrays of the archives in the collection, whose pixels are those of the folder beside them. */
export function archived(expected: readonly IExpected[]): { row: IExpected; place: string }[] {
  return expected.flatMap(row => {
    const inside = /^(zarrita-fixtures\/v[23]\/)data\.zarr\/(.*)$/.exec(row.path);
    const single = /^(bia\/converter-tests\/im06\.ome\.zarr)\/(.*)$/.exec(row.path);
    const places = inside
      ? ['within', 'parent'].map(from => `${inside[1]}data.zipped_from_${from}.zarr.zip/${inside[2]}`)
      : single
        ? [`${single[1]}.zip/${single[2]}`]
        : [];
    return places.map(place => ({ row, place }));
  });
}
