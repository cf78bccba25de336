/** The same object without the fields that are `undefined`: items are compared and stored, what is not known is not there. */
export function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}
