export { PAGE, StoreSource } from './listing';
export { MemorySource, memoryEnvironment } from './memory';
export { isStudy } from './source';
export type {
  CatalogueItem,
  ICatalogueEnvironment,
  ICatalogueSource,
  IListedStore,
  ISourceProvider
} from './source';
export { PROVIDERS } from './sources';
