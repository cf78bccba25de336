export { bytesOf, encodeFrame, FrameSource, streamOf } from './frames';
export { startObjectServer } from './objectserver';
export type { IObjectRequest, IObjectServer, ServerMode } from './objectserver';
export { outcomeOf } from './outcome';
export { sharedPath } from './shared';
export { storeContract } from './storecontract';
export type { IStoreFixture } from './storecontract';
export { answerItem, MemoryTransport, ScriptedTransport } from './transport';
export type { IAsked } from './transport';
