export { readArray, shardBytes } from './array';
export type { IArray, IPlace, IServerPart } from './array';
export { readChannels } from './channels';
export type { IElement, IStep } from './codecs';
export { CODECS } from './codectable';
export type { ICodecEntry } from './codectable';
export { complaintsOf } from './complaints';
export { integerRange, isDataType, ITEM_BYTES } from './dtype';
export type { DataType } from './dtype';
export { halfBits, halfValue } from './fill';
export { indexAtLevel, placeOver, regionAtLevel } from './geometry';
export type { IPlacement } from './geometry';
export { placeLevels } from './levels';
export { noticesOf } from './located';
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
export type { Built } from './kinds';
export { readOmeXml, unitName } from './omexml';
export type { IOmeChannel, IOmeImage, IOmeTiffData, IOmeXml } from './omexml';
export { openArray, openNode } from './open';
export { withAxes, withPosition } from './planes';
export type { ILayout } from './probes';
export { checkDatasetPath } from './path';
export { nodeInRounds } from './rounds';
export type { IShard } from './sharding';
export { readUnit } from './unit';
export type { IUnit } from './unit';
