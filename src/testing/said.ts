import { Said } from '../core';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the name that the types of jest have
  namespace jest {
    interface Expect {
      /** There since jest 29.4, and not in its types. */
      addEqualityTesters(testers: readonly ((a: unknown, b: unknown) => boolean | undefined)[]): void;
    }
  }
}

/** In tests a text equals the English sentence that it reads as: what it is made of is looked at where that matters. */
expect.addEqualityTesters([
  (a: unknown, b: unknown) => {
    if (a instanceof Said && typeof b === 'string') {
      return String(a) === b;
    }
    return b instanceof Said && typeof a === 'string' ? String(b) === a : undefined;
  }
]);
