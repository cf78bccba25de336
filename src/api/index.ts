export { BioImageClient } from './client';
export type { ICatalogues, IManners } from './relay';
