export { readArray, shardBytes } from './array';
export type { IArray, IPlace } from './array';
export { isDataType, ITEM_BYTES } from './dtype';
export type { DataType } from './dtype';
export { indexAtLevel, placeOver, regionAtLevel } from './geometry';
export type { IPlacement } from './geometry';
export type {
  IAcquisition,
  IAxis,
  IChannel,
  ICollection,
  IComplaint,
  IGroup,
  IImage,
  ILabelInfo,
  ILevel,
  INode,
  IPlate,
  ISeries,
  IWell
} from './model';
export { buildNode } from './node';
export type { Built } from './node';
export { openArray, openNode } from './open';
export type { ILayout } from './probes';
export { checkDatasetPath } from './path';
export type { IShard } from './sharding';
