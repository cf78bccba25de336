export { BioImageClient } from './client';
