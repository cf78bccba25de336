export { biostudies } from './provider';
export { accessionIn } from './source';
