export { OTHERS, schemeName, SCHEMES } from './compression';
export type { Compression, IScheme, PageScheme } from './compression';
export { decodeTiff } from './decode/decode';
export type { IDecodeTools, ITiffDocument, ITiffMore } from './decode/spec';
export { openTiff } from './open';
