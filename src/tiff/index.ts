export { decodeTiff } from './decode/decode';
export type { IDecodeTools, ITiffDocument, ITiffMore } from './decode/spec';
export { openTiff } from './open';
