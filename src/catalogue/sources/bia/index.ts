export { bia } from './provider';
