export { BioImageClient } from './client';
export type { ICatalogues, IRelayed, RelayParameters } from './relay';
