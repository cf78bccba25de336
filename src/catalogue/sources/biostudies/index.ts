export { biostudies } from './provider';
