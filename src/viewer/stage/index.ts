import type { IStage, IStageOptions } from '../types';
import { Stage } from './stage';

/** Makes the drawing half of a preview. This module is the door of the chunk that holds deck.gl. */
export function createStage(options: IStageOptions): IStage {
  return new Stage(options);
}
