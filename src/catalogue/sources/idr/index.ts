export { idr } from './provider';
