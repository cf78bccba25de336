export { doiAddress, doiOf } from './doi';
export { HAS_OME_ZARR } from './facets';
export { PAGE, StoreSource } from './listing';
export { memoryEnvironment, memoryRelay, MemorySource } from './memory';
export { rewritten } from './moved';
export { sampleCopies } from './samplecopies';
export { isStudy } from './source';
export type {
  CatalogueItem,
  ICatalogueEnvironment,
  ICatalogueSource,
  IListedStore,
  IRecognised,
  IRelayAnswer,
  IRewrite,
  ISourceProvider,
  Relay,
  RelayQuery
} from './source';
export { PROVIDERS } from './sources';
export { locate, sampleByImageNumber } from './whereabouts';
export type { IWhereabouts, Probe, SamplesByNumber } from './whereabouts';
