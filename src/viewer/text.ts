/** Names made unique: of equal ones the second is followed by “(2)”, and so on. */
export function distinct(names: readonly string[]): string[] {
  const seen = new Set(names);
  const used = new Set<string>();
  return names.map(name => {
    let unique = name;
    for (let n = 2; used.has(unique); n++) {
      const next = `${name} (${n})`;
      unique = seen.has(next) ? unique : next;
    }
    used.add(unique);
    return unique;
  });
}
