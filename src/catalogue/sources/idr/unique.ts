/** The same things without those whose id has occurred: a list that changes while it is read may have one twice. */
export function uniqueById<T extends { readonly id: unknown }>(things: readonly T[]): T[] {
  return [...new Map(things.map(thing => [thing.id, thing])).values()];
}
