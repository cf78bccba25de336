import { asObject } from '../core';
import { checkPipeline, readCodecList, readCodecsV2 } from './codecs';
import type { IChain } from './codecs';
import { readDtypeV2, readDtypeV3 } from './dtype';
import type { DataType } from './dtype';
import { readChunkShape } from './sharding';

/** How the values of one decoded unit lie in its bytes, once the chain is undone. */
export interface IUnit extends IChain {
  readonly format: 2 | 3;
  readonly dtype: DataType;
  /** Along each axis of the array. */
  readonly shape: readonly number[];
  /** Zarr v2 only: byte order, and whether the first axis is the fastest. In v3 the steps tell. */
  readonly big: boolean;
  readonly fortran: boolean;
}

/** Reads the document of `IArray.decodeDoc`. Throws BAD_METADATA or UNSUPPORTED. */
export function readUnit(document: Readonly<Record<string, unknown>>): IUnit {
  if (document.zarr_format === 2) {
    const { dtype, big } = readDtypeV2(document.dtype, '.zarray: dtype');
    const rank = Array.isArray(document.chunks) ? document.chunks.length : 0;
    const shape = readChunkShape(document.chunks, rank, '.zarray: chunks');
    const chain = readCodecsV2(document, { dtype, big }, rank, '.zarray: ');
    return { format: 2, dtype, big, fortran: document.order === 'F', shape, ...chain };
  }
  const dtype = readDtypeV3(document.data_type, 'zarr.json: data_type');
  const grid = asObject(document.chunk_grid, 'zarr.json: chunk_grid');
  const chunks = asObject(grid.configuration, 'zarr.json: chunk_grid.configuration').chunk_shape;
  const shape = readChunkShape(chunks, Array.isArray(chunks) ? chunks.length : 0, 'zarr.json: chunks');
  const where = 'zarr.json: codecs';
  const chain = checkPipeline(readCodecList(document.codecs, where), dtype, shape.length, where);
  return { format: 3, dtype, big: false, fortran: false, shape, ...chain };
}
