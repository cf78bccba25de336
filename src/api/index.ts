export { BioImageClient } from './client';
export type { ICatalogues, IManners, IRelayed, RelayParameters } from './relay';
