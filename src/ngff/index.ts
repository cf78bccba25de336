export { readArray, shardBytes } from './array';
export type { IArray, IPlace } from './array';
export { readChannels } from './channels';
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
export { readOmeXml, unitName } from './omexml';
export type { IOmeChannel, IOmeImage, IOmeTiffData, IOmeXml } from './omexml';
export { openArray, openNode } from './open';
export type { ILayout } from './probes';
export { checkDatasetPath } from './path';
export type { IShard } from './sharding';
