export { sharedDecoder } from './decoder';
export { PreviewWidget } from './preview';
export type { IPreviewHost } from './types';
